//! `cargo xtask image`: static binaries of both architectures, and the shim image of them as an OCI layout, without Docker.

mod binary;
mod context;
mod layer;
mod layout;
mod native_code;
mod platform;

use std::env;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat};
use clap::Args;
use tempfile::NamedTempFile;

pub(crate) use platform::Architecture;

use crate::python::Environment;
use crate::tool;

/// What builds the binaries, as packages of Python.
const REQUIREMENTS: &str = "xtask/src/image/requirements.txt";

/// The profile of what is published.
pub(crate) const RELEASE: &str = "release";

/// The most that an image may take, compressed, in bytes.
const BUDGET: u64 = 15_000_000;

#[derive(Args)]
pub(crate) struct Options {
    /// Only for this machine's own architecture.
    #[arg(long)]
    native_only: bool,
    /// Make what the `Dockerfile` copies, and no layout.
    #[arg(long)]
    binaries: bool,
    /// The release that the image is for, for `/env.vars`; `bart image` says it later where this does not.
    #[arg(long, default_value = "")]
    build_id: String,
    /// The repository of that release.
    #[arg(long, default_value = "")]
    repository: String,
    /// The profile of the binaries.
    #[arg(long, default_value = RELEASE)]
    profile: String,
}

/// The image in a layout.
pub(crate) struct Image {
    /// The layout.
    pub(crate) folder: PathBuf,
    /// The digest of its index.
    pub(crate) index: String,
    /// The size of each platform's image, compressed, in bytes.
    pub(crate) sizes: Vec<(Architecture, u64)>,
}

/// Makes what the options say.
///
/// # Errors
///
/// When a tool is missing, a build fails, or something cannot be written.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tools = tools()?;
    let architectures = match options.native_only {
        true => vec![Architecture::native()?],
        false => Architecture::ALL.to_vec(),
    };
    let context = files(&tools, &architectures, options)?;
    if options.binaries {
        tool::say(&format!("the files are in `{}`", context.display()));
        return Ok(());
    }
    let image = layout(&context, &architectures)?;
    for (architecture, size) in &image.sizes {
        let name = architecture.platform();
        let verdict = if *size > BUDGET {
            ", above the budget of 15 MB"
        } else {
            ""
        };
        let megabytes = *size as f64 / 1e6;
        tool::say(&format!("{name}: {megabytes:.1} MB compressed{verdict}"));
    }
    tool::say(&format!("the image is in `{}`", image.folder.display()));
    Ok(())
}

/// What builds the binaries, installed where it was not.
///
/// # Errors
///
/// When Python is missing, or the packages cannot be installed.
pub(crate) fn tools() -> Result<Environment> {
    let requirements = tool::root().join(REQUIREMENTS);
    Environment::prepare("image", &requirements).context("there is no `cargo zigbuild`")
}

/// The image of some architectures, from binaries of a profile.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn build(
    tools: &Environment,
    architectures: &[Architecture],
    profile: &str,
) -> Result<Image> {
    let options = Options {
        native_only: false,
        binaries: false,
        build_id: String::new(),
        repository: String::new(),
        profile: profile.to_owned(),
    };
    layout(&files(tools, architectures, &options)?, architectures)
}

/// The folder of the files of images of binaries of a profile.
pub(crate) fn context(profile: &str) -> Result<PathBuf> {
    let name = match profile {
        RELEASE => "image".to_owned(),
        other => format!("image-{other}"),
    };
    Ok(tool::target_dir()?.join(name))
}

/// Builds the binaries and lays out the files of the image.
fn files(
    tools: &Environment,
    architectures: &[Architecture],
    options: &Options,
) -> Result<PathBuf> {
    let context = context(&options.profile)?;
    for architecture in architectures {
        let built = binary::build(tools, *architecture, &options.profile)?;
        context::add_platform(&context, *architecture, &built)?;
    }
    context::add_common(&context, &options.build_id, &options.repository)?;
    Ok(context)
}

fn layout(context: &Path, architectures: &[Architecture]) -> Result<Image> {
    let folder = context.join("layout");
    let created = created()?;
    let (index, sizes) = layout::write_layout(context, &folder, architectures, &created)?;
    Ok(Image {
        folder,
        index,
        sizes,
    })
}

/// When the image was made: the time of the commit, or what `SOURCE_DATE_EPOCH` says (reproducible-builds.org), in the form of RFC 3339.
fn created() -> Result<String> {
    let epoch = match env::var("SOURCE_DATE_EPOCH") {
        Ok(epoch) => epoch,
        Err(_) => tool::output(tool::program("git").args(["log", "-1", "--format=%ct"]))?,
    };
    let epoch: i64 = epoch
        .trim()
        .parse()
        .context("the time of the image is no number")?;
    let time = DateTime::from_timestamp(epoch, 0).context("the time of the image is none")?;
    Ok(time.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Writes a file that is there whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = || format!("failed to write `{}`", path.display());
    let folder = path.parent().with_context(failed)?;
    fs::create_dir_all(folder).with_context(failed)?;
    let mut file = NamedTempFile::new_in(folder).with_context(failed)?;
    file.write_all(bytes).with_context(failed)?;
    // A layout is carried elsewhere.
    let everybody = Permissions::from_mode(0o644);
    file.as_file()
        .set_permissions(everybody)
        .with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}
