//! Which release is to be served: what flags, variables and files say, in this order.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use artifact::{Digest, Reference, Repository, Target};
use clap::Args;

use crate::Failure;

/// Where an image says what it is for, one `NAME=VALUE` a line.
const IMAGE_FILE: &str = "/env.vars";

/// The variables in which an image says what it is for, as `bart image` writes them. They count as little as [`IMAGE_FILE`]: whatever a
/// deployment says counts more.
pub mod image_variable {
    /// The release.
    pub const BUILD_ID: &str = "BART_IMAGE_BUILD_ID";
    /// The repository.
    pub const REPOSITORY: &str = "BART_IMAGE_REPOSITORY";
    /// The only digest that the release may have.
    pub const DIGEST: &str = "BART_IMAGE_DIGEST";
}

/// What says which release is to be served.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Release")]
pub struct IdentityArguments {
    /// The release: a tag of the repository, or a digest. Without it, `BUILD_ID` says it.
    #[arg(long, value_name = "TAG|DIGEST", env = "BART_BUILD_ID")]
    pub build_id: Option<String>,
    /// The repository, such as `ghcr.io/me/site`. Without it, `REPOSITORY` says it.
    #[arg(long, value_name = "HOST/NAME", env = "BART_REPOSITORY")]
    pub repository: Option<String>,
    /// The only digest that the release may have.
    #[arg(long, value_name = "DIGEST", env = "BART_DIGEST")]
    pub digest: Option<String>,
    /// A file that says what flags and variables do not, before `/env.vars` of the image: one `NAME=VALUE` a line.
    #[arg(long, value_name = "FILE", env = "BART_VARS_FILE")]
    pub vars_file: Option<PathBuf>,
}

/// Which release is to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Where it is.
    pub repository: Repository,
    /// What it is called.
    pub build_id: Target,
    /// The only digest it may have.
    pub pin: Option<Digest>,
}

/// What one place says.
#[derive(Clone, Debug, Default)]
struct Voice {
    build_id: Option<String>,
    repository: Option<String>,
    digest: Option<String>,
}

impl Identity {
    /// Its reference.
    #[must_use]
    pub fn reference(&self) -> Reference {
        self.repository.at(self.build_id.clone())
    }

    pub(super) fn read(arguments: &IdentityArguments) -> Result<Identity, Failure> {
        let named = arguments.vars_file.as_deref().map(read_named).transpose()?;
        // What is nearer to the deployment comes first.
        let voices = [
            given(arguments),
            variables(["BUILD_ID", "REPOSITORY", "DIGEST"]),
            named.unwrap_or_default(),
            variables([
                image_variable::BUILD_ID,
                image_variable::REPOSITORY,
                image_variable::DIGEST,
            ]),
            read_image(Path::new(IMAGE_FILE))?,
        ];
        let Voice {
            build_id,
            repository,
            digest,
        } = agree(&voices);
        let build_id = build_id.ok_or_else(|| {
            missing(
                "BUILD_ID",
                "set `BUILD_ID`, or use `--build-id`, such as `--build-id 1.2.3`",
            )
        })?;
        let repository = repository.ok_or_else(|| {
            missing(
                "repository",
                "use `--repository`, such as `--repository ghcr.io/me/site`",
            )
        })?;
        let mistake = |error: anyhow::Error| Failure::usage(error);
        let identity = Identity {
            repository: repository
                .parse()
                .context("the repository")
                .map_err(mistake)?,
            build_id: build_id.parse().context("the BUILD_ID").map_err(mistake)?,
            pin: digest
                .map(|digest| digest.parse().context("the pinned digest"))
                .transpose()
                .map_err(mistake)?,
        };
        identity.checked()
    }

    fn checked(self) -> Result<Identity, Failure> {
        match (&self.build_id, self.pin) {
            (Target::Digest(digest), Some(pin)) if *digest != pin => Err(Failure::usage(anyhow!(
                "the BUILD_ID is `{digest}`, and only `{pin}` may be served"
            ))),
            _ => Ok(self),
        }
    }
}

/// What the voices say together: of each thing what the first says that says it. A digest beside another BUILD_ID is that of another release:
/// a deployment that overrides the BUILD_ID of an image is not held to the digest in the image.
fn agree(voices: &[Voice]) -> Voice {
    let first =
        |of: fn(&Voice) -> &Option<String>| voices.iter().find_map(|voice| of(voice).clone());
    let build_id = first(|voice| &voice.build_id);
    let of_this = |voice: &&Voice| voice.build_id.is_none() || voice.build_id == build_id;
    let digest = voices
        .iter()
        .filter(of_this)
        .find_map(|voice| voice.digest.clone());
    Voice {
        repository: first(|voice| &voice.repository),
        digest,
        build_id,
    }
}

fn given(arguments: &IdentityArguments) -> Voice {
    let said = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    Voice {
        build_id: said(&arguments.build_id),
        repository: said(&arguments.repository),
        digest: said(&arguments.digest),
    }
}

fn variables(names: [&str; 3]) -> Voice {
    let [build_id, repository, digest] =
        names.map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    Voice {
        build_id,
        repository,
        digest,
    }
}

fn missing(what: &str, hint: &str) -> Failure {
    Failure::usage(anyhow!("there is no {what}")).hint(hint)
}

fn read_named(path: &Path) -> Result<Voice, Failure> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("failed to read `{}`", path.display()))
        .map_err(Failure::usage)?;
    parse(path, &text)
}

/// An image that says nothing has no such file.
fn read_image(path: &Path) -> Result<Voice, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => parse(path, &text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Voice::default()),
        Err(error) => Err(Failure::usage(
            anyhow!(error).context(format!("failed to read `{}`", path.display())),
        )),
    }
}

fn parse(path: &Path, text: &str) -> Result<Voice, Failure> {
    let mut values = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            let place = format!("{}:{}", path.display(), number + 1);
            return Err(Failure::usage(anyhow!("{place}: there is no `=` in it"))
                .hint("write NAME=VALUE, such as `BUILD_ID=1.2.3`"));
        };
        let name = name.trim_end();
        let name = name.strip_prefix("BART_").unwrap_or(name);
        let value = value.trim().trim_matches(['"', '\'']);
        if !value.is_empty() {
            values.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(Voice {
        build_id: values.remove("BUILD_ID"),
        repository: values.remove("REPOSITORY"),
        digest: values.remove("DIGEST"),
    })
}
