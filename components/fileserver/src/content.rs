//! The files: which one answers, its validator, and its bytes.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};

use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use web::accept::AcceptEncoding;
use web::compress::compress;
use web::encoding::{self, Coding, Source};
use web::etag::EntityTag;
use web::files::{Candidate, Icon, Role, Settings, candidates};
use web::media::MediaType;
use web::route::Route;

use crate::index;

/// Up to this length, in bytes, a file that the index does not know is read into memory and hashed; a longer one is
/// streamed and has no validator.
const LOADED_LENGTH: u64 = 8 * 1024 * 1024;

/// Up to this length, in bytes, hashing a file takes less time than finding it in the index.
const HASHED_LENGTH: u64 = 2 * 1024;

/// A file that answers the request.
pub(crate) struct Found {
    pub(crate) role: Role,
    /// Its path below the root, or the name of an icon.
    name: String,
    content: Content,
}

/// The bytes of a file.
pub(crate) enum Content {
    Memory(Cow<'static, [u8]>),
    File { file: File, length: u64 },
}

/// A file in the coding that suits the client, not yet compressed if it has to be, and not read if its digest is known.
pub(crate) struct Chosen {
    pub(crate) source: Source,
    pub(crate) etag: Option<EntityTag>,
    pub(crate) content: Content,
}

/// The first candidate that exists.
pub(crate) fn find(route: Route<'_>, settings: &Settings) -> io::Result<Option<Found>> {
    for candidate in candidates(route, settings) {
        let (role, name) = match candidate {
            Candidate::Found(name) => (Role::Requested, name),
            Candidate::NotFoundPage(name) => (Role::NotFoundPage, name),
            Candidate::Icon(icon) => {
                let content = Content::Memory(Cow::Borrowed(built_in(icon)));
                let name = icon.file_name().to_owned();
                return Ok(Some(Found {
                    role: Role::Requested,
                    name,
                    content,
                }));
            }
        };
        if let Some(content) = open(&name)? {
            return Ok(Some(Found {
                role,
                name,
                content,
            }));
        }
    }
    Ok(None)
}

impl Found {
    pub(crate) fn media(&self) -> MediaType {
        MediaType::of_file(&self.name)
    }

    /// Chooses the coding.
    pub(crate) fn choose(self, request: &HeaderMap) -> io::Result<Chosen> {
        let accept = AcceptEncoding::from_headers(request);
        let media = self.media();
        let Self {
            mut name,
            mut content,
            ..
        } = self;
        let mut chosen = Source::Plain;
        for source in encoding::sources(&accept, media, content.length()) {
            if let Source::Precompressed(coding) = source {
                let sibling = format!("{name}{}", coding.file_suffix());
                let Some(precompressed) = open(&sibling)? else {
                    continue;
                };
                (name, content) = (sibling, precompressed);
            }
            chosen = source;
            break;
        }
        let (content, digest) = content.identify(&name)?;
        Ok(Chosen {
            source: chosen,
            etag: digest.map(|digest| etag(&digest, chosen.coding())),
            content,
        })
    }
}

impl Content {
    /// In bytes.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { length, .. } => *length,
        }
    }

    /// Compresses what is to be compressed.
    pub(crate) fn encode(self, source: Source) -> io::Result<Self> {
        let Source::Compressed(coding) = source else {
            return Ok(self);
        };
        Ok(match self.into_memory()? {
            Self::Memory(bytes) => Self::Memory(compress(bytes, coding)),
            content @ Self::File { .. } => content,
        })
    }

    /// With the digest of its bytes, which the index knows, or else a read of it tells.
    fn identify(self, name: &str) -> io::Result<(Self, Option<[u8; 32]>)> {
        if let Self::File { length, .. } = self
            && length > HASHED_LENGTH
            && let Some(digest) = index::digest(name, length)
        {
            return Ok((self, Some(digest)));
        }
        let content = self.into_memory()?;
        let digest = match &content {
            Self::Memory(bytes) => Some(Sha256::digest(bytes).into()),
            Self::File { .. } => None,
        };
        Ok((content, digest))
    }

    fn into_memory(self) -> io::Result<Self> {
        match self {
            Self::File { mut file, length } if length <= LOADED_LENGTH => {
                let length = usize::try_from(length).map_err(|_| ErrorKind::FileTooLarge)?;
                let mut bytes = vec![0; length];
                file.read_exact(&mut bytes)?;
                Ok(Self::Memory(Cow::Owned(bytes)))
            }
            other => Ok(other),
        }
    }
}

fn etag(digest: &[u8; 32], coding: Coding) -> EntityTag {
    EntityTag::strong(hex::encode(digest))
        .expect("hexadecimal digits can be a tag")
        .with_coding(coding)
}

/// Opens a regular file; `None` when there is none of that name.
fn open(name: &str) -> io::Result<Option<Content>> {
    let opened = File::open(format!("/{name}")).and_then(|file| Ok((file.metadata()?, file)));
    match opened {
        Ok((metadata, file)) if metadata.is_file() => Ok(Some(Content::File {
            file,
            length: metadata.len(),
        })),
        Ok(_) => Ok(None),
        Err(error) if names_nothing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a failure to open means that the file does not exist, as far as a client may know. A symbolic link that
/// leaves the root is refused by the sandbox, as a lack of permission.
fn names_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::PermissionDenied
    )
}

fn built_in(icon: Icon) -> &'static [u8] {
    match icon {
        Icon::Ico => include_bytes!("../assets/favicon.ico"),
        Icon::Png => include_bytes!("../assets/favicon.png"),
    }
}
