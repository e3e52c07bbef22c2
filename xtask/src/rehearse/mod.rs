//! `cargo xtask rehearse`: a whole release on this machine. A registry, the shim, the content, the image, the chart; then the image runs
//! as a cluster would run it, and the site is read.

mod container;
#[path = "../../../tests/registry/docker.rs"]
mod docker;
mod foreign;
mod release;
mod timetable;
mod visit;

use anyhow::{Context, Result, bail};
use clap::Args;

use self::container::{Container, Podman};
use self::docker::DockerRegistry;
use self::release::Release;
use self::timetable::Timetable;
use crate::image::{self, Architecture, Image};
use crate::python::Environment;
use crate::step::Outcome;
use crate::tool;

/// The Debian packages that it takes, which are programs of the same names.
const PROGRAMS: [&str; 4] = ["docker-registry", "skopeo", "podman", "runc"];

/// The profile of the root `Cargo.toml` for the tests.
const QUICK_PROFILE: &str = "rehearsal";

#[derive(Args)]
pub(crate) struct Options {
    /// Also for the other architectures, of which the binaries serve a page under an emulator.
    #[arg(long)]
    all: bool,
    /// The profile of the binary in the image.
    #[arg(long, default_value = image::RELEASE)]
    profile: String,
}

/// Rehearses, and prints how long each step took.
///
/// # Errors
///
/// When something is missing, or a step fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(name) = missing() {
        bail!("there can be no rehearsal: no {name}");
    }
    let tools = image::tools().context("there can be no rehearsal")?;
    let architectures = match options.all {
        true => Architecture::ALL.to_vec(),
        false => vec![Architecture::native()?],
    };
    rehearse(&tools, &architectures, &options.profile).map(drop)
}

/// The same as a step of the tests, with a binary that is built more quickly than that of an image.
///
/// # Errors
///
/// When a step fails.
pub(crate) fn run_where_possible() -> Result<Outcome> {
    if let Some(name) = missing() {
        return Ok(Outcome::Skipped(format!("no {name}")));
    }
    match image::tools() {
        Ok(tools) => rehearse(&tools, &[Architecture::native()?], QUICK_PROFILE),
        Err(error) => Ok(Outcome::Skipped(format!("{error:#}"))),
    }
}

/// A program that is not there and cannot be installed.
fn missing() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|name| {
        tool::install_if_possible(name);
        !tool::is_present(name)
    })
}

fn rehearse(tools: &Environment, architectures: &[Architecture], profile: &str) -> Result<Outcome> {
    let mut times = Timetable::default();
    // All of the workspace, as the tests do: with fewer packages the features of dependencies differ, and much is compiled again.
    times.step("build bart", || {
        tool::run(tool::cargo().args(["build", "--locked"]))
    })?;
    let build = || image::build(tools, architectures, profile);
    let image = times.step("build the shim", build)?;
    let again = times.step("build the shim again", build)?;
    check_reproducible(&image, &again)?;
    let registry = DockerRegistry::start_or_skip("the rehearsal");
    let registry = registry.context("there is no registry")?;
    let release = Release::new(registry.host(), tool::bart("debug")?)?;
    times.step("push the shim", || release.push_shim(&image.folder))?;
    times.step("refuse an image before its content", || {
        release.refuse_early_image()
    })?;
    let content = times.step("push the content", || release.push_content())?;
    let stamped = times.step("stamp the image", || release.stamp(&content))?;
    times.step("stamp it again", || release.stamp_again(&content, &stamped))?;
    times.step("push the chart", || release.push_chart())?;
    times.step("look at it", || release.inspect(&content, &stamped))?;
    let podman = Podman::new()?;
    let pinned = release.image_at(&stamped);
    let container = times.step("start the image", || podman.start(&pinned))?;
    times.step("read the site", || read(&container, &content))?;
    times.step("end it", || container.stop())?;
    let context = image::context(profile)?;
    let skipped = times.step("other architectures", || {
        foreign::try_all(&context, architectures)
    })?;
    times.print()?;
    Ok(Outcome::Done { passed: 1, skipped })
}

/// The same binaries are the same image.
fn check_reproducible(one: &Image, other: &Image) -> Result<()> {
    if one.index != other.index {
        bail!("the same binaries became two images");
    }
    Ok(())
}

/// A few pages, and what the cluster asks.
fn read(container: &Container, content: &str) -> Result<()> {
    visit::expect(container.site, "/", "<title>")?;
    visit::expect(container.site, "/static/style.css", "body")?;
    visit::expect(container.site, "/sitemap.xml", "<urlset")?;
    visit::expect(container.cluster, "/livez", "")?;
    visit::expect(container.cluster, "/readyz", "")?;
    visit::expect(container.cluster, "/metrics", content)
}
