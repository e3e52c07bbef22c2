//! `cargo xtask browser`: walks the site of this repository in headless Chromium.

use std::env;
use std::path::{self, Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::server::Server;
use crate::step::Outcome;
use crate::{node, tool};

/// The test, relative to the repository.
const FOLDER: &str = "tests/browser";
/// What it consists of, besides its packages.
const FILES: [&str; 3] = ["walk.js", "views.js", "rules.js"];
/// The names under which systems have the browser.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

#[derive(Args)]
pub(crate) struct Options {
    /// The folder for the pictures of pages; `browser` below the target folder without it.
    pictures: Option<PathBuf>,
}

/// What a walk needs from outside.
struct Tools {
    browser: PathBuf,
    /// The folder with the test and its packages.
    test: PathBuf,
}

/// Builds bart and walks the site.
///
/// # Errors
///
/// When something is missing, the build fails, or the walk finds a fault, which it has printed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tools = tools().context("there can be no browser test")?;
    tool::ensure_wasm_target()?;
    let pictures = match &options.pictures {
        Some(folder) => path::absolute(folder).context("failed to find the folder for pictures")?,
        None => pictures()?,
    };
    walk(&tools, &pictures)
}

/// The same as a step of all tests: installs the browser where it may, and is skipped where something is missing.
///
/// # Errors
///
/// When the build fails, or the walk finds a fault.
pub(crate) fn run_where_possible() -> Result<Outcome> {
    if browser().is_none() && tool::may_install() {
        tool::say("installing `chromium` with apt-get");
        let mut install = tool::program("apt-get");
        install.args(["install", "--yes", "--no-install-recommends", "chromium"]);
        if let Err(error) = tool::run(&mut install) {
            tool::say(&format!("{error:#}"));
        }
    }
    match tools() {
        Ok(tools) => walk(&tools, &pictures()?).map(|()| Outcome::PASSED),
        // As without a network.
        Err(missing) => Ok(Outcome::Skipped(format!("{missing:#}"))),
    }
}

fn walk(tools: &Tools, pictures: &Path) -> Result<()> {
    // All of the workspace, as the tests do: with fewer packages the features of dependencies differ, and much is compiled again.
    tool::run(tool::cargo().arg("build"))?;
    let server = Server::start(&tool::bart("debug")?, &tool::root())?;
    let mut node = tool::program("node");
    node.arg(tools.test.join("walk.js"))
        .arg(&server.url)
        .arg(&tools.browser)
        .arg(pictures);
    tool::run(&mut node)?;
    tool::say(&format!("pictures are in `{}`", pictures.display()));
    Ok(())
}

/// The folder for pictures that nobody has chosen.
fn pictures() -> Result<PathBuf> {
    Ok(tool::target_dir()?.join("browser"))
}

/// The tools, or what is missing.
fn tools() -> Result<Tools> {
    let browser = browser().context("no chromium")?;
    let test = node::prepare(FOLDER, &FILES)?;
    Ok(Tools { browser, test })
}

fn browser() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    BROWSERS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}
