//! `cargo xtask browser`: walks the site of this repository in headless Chromium.

use std::env;
use std::fs;
use std::path::{self, Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::server::Server;
use crate::step::Outcome;
use crate::tool;

/// The test, relative to the repository.
const FOLDER: &str = "tests/browser";
/// What it consists of; its packages are installed beside a copy of it.
const FILES: [&str; 5] = ["package.json", LOCK, "walk.js", "views.js", "rules.js"];
const LOCK: &str = "package-lock.json";
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
    let tools = match tools()? {
        Ok(tools) => tools,
        Err(missing) => bail!("there can be no browser test: {missing}"),
    };
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
    match tools()? {
        Ok(tools) => walk(&tools, &pictures()?).map(|()| Outcome::PASSED),
        Err(missing) => Ok(Outcome::Skipped(missing)),
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
fn tools() -> Result<Result<Tools, String>> {
    let Some(browser) = browser() else {
        return Ok(Err("no chromium".to_owned()));
    };
    if let Some(name) = ["node", "npm"]
        .into_iter()
        .find(|name| !tool::is_present(name))
    {
        return Ok(Err(format!("no {name}")));
    }
    let test = copy_test()?;
    Ok(match install_packages(&test) {
        Ok(()) => Ok(Tools { browser, test }),
        // As without a network.
        Err(error) => Err(format!("no packages: {error:#}")),
    })
}

fn browser() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    BROWSERS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

/// Copies the test below the target folder, so that no packages lie in the repository.
fn copy_test() -> Result<PathBuf> {
    let source = tool::root().join(FOLDER);
    let folder = tool::target_dir()?.join("browser-test");
    fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make `{}`", folder.display()))?;
    for name in FILES {
        copy(&source.join(name), &folder.join(name))?;
    }
    Ok(folder)
}

/// Installs the packages of the test, unless the same are there.
fn install_packages(folder: &Path) -> Result<()> {
    let lock = folder.join(LOCK);
    let installed = folder.join("node_modules/.installed-lock.json");
    let wanted = fs::read(&lock).context("failed to read the list of packages")?;
    if fs::read(&installed).is_ok_and(|before| before == wanted) {
        return Ok(());
    }
    let mut npm = tool::program("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder);
    tool::run(&mut npm)?;
    copy(&lock, &installed)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("failed to copy `{}`", from.display()))
}
