//! What rows are measured with: the program, a registry with releases of sites of any size, servers, and where results go.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Error, Result};

use super::plan::{Answers, Components, Row};
use super::registry::Registry;
use super::results::{Recorder, Values};
use super::{Effort, foreign, peers, sites};
use crate::server::{Server, free_address};
use crate::tool;

/// The tag of every release.
pub(super) const TAG: &str = "1";

/// Everything that measurements share.
pub(super) struct Fixture {
    pub(super) bart: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) effort: Effort,
    pub(super) registry: Registry,
    /// What `bart serve --help` says: flags that not every version has.
    help: String,
    /// The releases that are in the registry and in the cache.
    releases: RefCell<HashMap<(usize, Components), Release>>,
    /// The native code that the image ships, where bart takes it from a folder.
    native: Option<PathBuf>,
    recorder: RefCell<Recorder>,
    failures: Cell<usize>,
}

/// A published site.
#[derive(Clone, Debug)]
pub(super) struct Release {
    /// The host and the name of its repository.
    pub(super) repository: String,
}

impl Release {
    pub(super) fn reference(&self) -> String {
        format!("{}:{TAG}", self.repository)
    }
}

impl Fixture {
    /// Empties the caches of a former run below `folder`.
    pub(super) fn new(
        bart: PathBuf,
        folder: PathBuf,
        effort: Effort,
        registry: Registry,
        recorder: Recorder,
    ) -> Result<Fixture> {
        let help = tool::output(Command::new(&bart).args(["serve", "--help"]))?;
        sites::empty(&folder.join("caches"))?;
        let mut fixture = Fixture {
            bart,
            folder,
            effort,
            registry,
            help,
            releases: RefCell::default(),
            native: None,
            recorder: RefCell::new(recorder),
            failures: Cell::new(0),
        };
        fixture.native = fixture.copy_native_code()?;
        Ok(fixture)
    }

    /// Whether `bart serve` has an option.
    pub(super) fn has_option(&self, option: &str) -> bool {
        self.help.split_whitespace().any(|word| word == option)
    }

    /// Why answers cannot come from where a row wants them, if they cannot.
    pub(super) fn lacks(&self, answers: Answers) -> Option<&'static str> {
        let lacks = answers == Answers::Stored && !self.has_option("--response-cache");
        lacks.then_some("this `bart serve` has no `--response-cache`")
    }

    /// A site that is in the registry and, with its native code, in the shared cache.
    pub(super) fn release(&self, pages: usize, components: Components) -> Result<Release> {
        if let Some(release) = self.releases.borrow().get(&(pages, components)) {
            return Ok(release.clone());
        }
        tool::say(&format!("publishing a site of {pages} pages"));
        let manifest = sites::generate(&self.folder.join(format!("site-{pages}")), pages)?;
        let (name, manifest) = match components {
            Components::Bundled => (format!("site-{pages}"), manifest),
            Components::Foreign => (
                format!("foreign-{pages}"),
                foreign::manifest(&self.bart, &manifest, &self.folder.join("foreign"))?,
            ),
        };
        let release = Release {
            repository: format!("{}/bench/{name}", self.registry.host),
        };
        let cache = self.shared_cache();
        let mut push = self.command("push", &cache);
        push.args([&release.reference(), "--quiet", "--site"]);
        tool::output(push.arg(&manifest))?;
        let mut pull = self.command("pull", &cache);
        tool::output(pull.arg(release.reference()))?;
        let key = (pages, components);
        self.releases.borrow_mut().insert(key, release.clone());
        Ok(release)
    }

    /// The command that serves a release, without where to listen.
    pub(super) fn serve_command(&self, release: &Release, cache: &Path) -> Command {
        let mut serve = self.command("serve", cache);
        serve.args(["--repository", &release.repository]);
        serve.args(["--build-id", TAG, "--quiet"]);
        if let Some(native) = &self.native {
            serve.arg("--native-dir").arg(native);
        }
        serve
    }

    /// A server of a release, which is in the shared cache.
    pub(super) fn serve(&self, release: &Release, answers: Answers) -> Result<Server> {
        let mut serve = self.serve_command(release, &self.shared_cache());
        if answers == Answers::Made && self.has_option("--response-cache") {
            serve.args(["--response-cache", "0"]);
        }
        let address = listen(&mut serve)?;
        peers::serve(&mut serve, address, "/")
    }

    /// A command of bart with a cache.
    pub(super) fn command(&self, name: &str, cache: &Path) -> Command {
        let mut command = Command::new(&self.bart);
        command.arg(name).arg("--cache-dir").arg(cache);
        command
    }

    /// The cache that all servers with a warm cache share.
    pub(super) fn shared_cache(&self) -> PathBuf {
        self.folder.join("caches/shared")
    }

    /// An empty folder for a cache.
    pub(super) fn empty_cache(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join("caches").join(name);
        sites::empty(&folder)?;
        Ok(folder)
    }

    pub(super) fn run(&self, row: &Row, who: &str, run: usize, values: Values) -> Result<()> {
        self.recorder.borrow_mut().run(row, who, run, values)
    }

    pub(super) fn skip(&self, row: &Row, who: &str, reason: &str) -> Result<()> {
        self.recorder.borrow_mut().skip(row, who, reason)
    }

    /// Notes that something could not be measured that should have been: the other rows are worth measuring all the same.
    pub(super) fn fail(&self, row: &Row, who: &str, error: &Error) -> Result<()> {
        self.failures.set(self.failures.get() + 1);
        self.skip(row, who, &format!("failed: {error:#}"))
    }

    /// Ends the results, and gives how often [`Fixture::fail`] was called.
    pub(super) fn end(self, load_average: String) -> Result<usize> {
        self.recorder.into_inner().end(load_average)?;
        Ok(self.failures.get())
    }

    /// What a pull compiled into the cache, in a folder of its own, as the image has it.
    fn copy_native_code(&self) -> Result<Option<PathBuf>> {
        if !self.has_option("--native-dir") {
            return Ok(None);
        }
        self.release(10, Components::Bundled)?;
        let compiled = self.shared_cache().join("bart/native");
        if !compiled.is_dir() {
            tool::say(
                "`bart pull` leaves no native code in the cache: an empty cache is measured without it",
            );
            return Ok(None);
        }
        let folder = self.folder.join("native");
        sites::empty(&folder)?;
        copy(&compiled, &folder).context("failed to copy native code")?;
        Ok(Some(folder))
    }
}

/// Makes a server listen on free ports, and gives the one for visitors.
pub(super) fn listen(server: &mut Command) -> Result<SocketAddr> {
    let address = free_address()?;
    server.args(["--listen", &address.to_string()]);
    server.args(["--admin-listen", "127.0.0.1:0"]);
    Ok(address)
}

/// Copies files in folders, as they are.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
