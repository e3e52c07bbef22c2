//! One blob of a release: its descriptor, what it holds, and its bytes on demand.

use std::io::{self, Cursor, Read};

use bytes::Bytes;

use super::content::FileContent;
use super::pack;
use super::source::{Measure, Source, SourceError};
use crate::descriptor::Descriptor;
use crate::media_type;

/// A blob of a release.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its media type, digest and size.
    pub descriptor: Descriptor,
    /// What it holds.
    pub holds: Holds,
}

/// What a blob holds.
#[derive(Clone, Debug)]
pub enum Holds {
    /// The configuration of the artifact.
    Config(Bytes),
    /// The locked app.
    LockedApp(Bytes),
    /// The Wasm of components.
    Component {
        /// The first of them.
        id: String,
        /// Where it is.
        source: Source,
    },
    /// The content of a file.
    File(FileContent),
    /// The contents of several.
    Pack(Vec<FileContent>),
}

impl Layer {
    /// The bytes of the blob, from the start. They are made or read while the reader is read, and end in an error where a file has changed
    /// since the release was built.
    ///
    /// # Errors
    ///
    /// When a file cannot be opened.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.holds {
            Holds::Config(bytes) | Holds::LockedApp(bytes) => Box::new(Cursor::new(bytes.clone())),
            Holds::Component { source, .. } => {
                Box::new(source.open(Measure::from(&self.descriptor))?)
            }
            Holds::File(content) => Box::new(content.open()?),
            Holds::Pack(contents) => Box::new(pack::reader(contents.clone())),
        })
    }

    pub(super) fn config(bytes: Vec<u8>) -> Layer {
        Layer {
            descriptor: Descriptor::of(media_type::IMAGE_CONFIG, &bytes),
            holds: Holds::Config(Bytes::from(bytes)),
        }
    }

    pub(super) fn locked_app(bytes: Vec<u8>) -> Layer {
        Layer {
            descriptor: Descriptor::of(media_type::LOCKED_APP, &bytes),
            holds: Holds::LockedApp(Bytes::from(bytes)),
        }
    }

    pub(super) fn component(id: &str, source: &Source) -> Result<Layer, SourceError> {
        Ok(Layer {
            descriptor: source.measure()?.descriptor(media_type::WASM),
            holds: Holds::Component {
                id: id.to_owned(),
                source: source.clone(),
            },
        })
    }

    pub(super) fn file(content: FileContent) -> Layer {
        Layer {
            descriptor: content.measure.descriptor(media_type::DATA),
            holds: Holds::File(content),
        }
    }

    pub(super) fn pack(contents: Vec<FileContent>) -> io::Result<Layer> {
        let measure = Measure::of(pack::reader(contents.clone()))?;
        Ok(Layer {
            descriptor: measure.descriptor(media_type::ARCHIVE),
            holds: Holds::Pack(contents),
        })
    }
}
