//! `cargo xtask instructions`: how many instructions valgrind counts in what requests go through most, and whether they became too many.
//!
//! A count hardly depends on the machine and not at all on what else it does, so that it shows a regression where a time could not. What is
//! counted is built as the tests are: the numbers are for comparing.

use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::bench::sites;
use crate::step::Outcome;
use crate::{components, tool};

/// The program, and the Debian package of it.
const VALGRIND: &str = "valgrind";

/// The function of each example that is counted.
const FUNCTION: &str = "*::counted*";

/// Pages of the site that pages are rendered of.
const PAGES: usize = 100;

/// Answers from the cache; the first of them is an instance's.
const ANSWERS: u64 = 1_000;

/// Something that is counted.
struct Row {
    name: &'static str,
    count: fn(&Inputs) -> Result<u64>,
    /// The most that it may be: about a third above what it was when the number was written.
    bound: u64,
}

const ROWS: [Row; 3] = [
    Row {
        name: "a page, rendered",
        count: |inputs| inputs.rendered("/page-1"),
        bound: 3_200_000,
    },
    Row {
        name: "a listing of 100 pages, with a script",
        count: |inputs| inputs.rendered("/list"),
        bound: 45_000_000,
    },
    Row {
        name: "an answer from the cache",
        count: Inputs::cached,
        bound: 150_000,
    },
];

/// What the examples are given.
struct Inputs {
    site: PathBuf,
    component: PathBuf,
}

/// Counts, if valgrind is there or may be installed.
pub(crate) fn run_where_possible() -> Result<Outcome> {
    tool::install_if_possible(VALGRIND);
    if !tool::is_present(VALGRIND) {
        return Ok(Outcome::Skipped(format!("no {VALGRIND}")));
    }
    run().map(|()| Outcome::PASSED)
}

/// Counts, prints the counts, and fails if one is above its bound.
pub(crate) fn run() -> Result<()> {
    // All of the workspace, as the tests do: with fewer packages the features of dependencies differ, and much is compiled again.
    tool::run(tool::cargo().args(["build", "--quiet", "--locked", "--examples"]))?;
    let inputs = Inputs::make()?;
    let mut too_many = Vec::new();
    for Row { name, count, bound } in ROWS {
        let count = count(&inputs).with_context(|| format!("failed to count {name}"))?;
        tool::say(&format!("{name}: {count} instructions, at most {bound}"));
        if count == 0 {
            bail!("{name}: valgrind did not see `{FUNCTION}`");
        }
        if count > bound {
            too_many.push(format!(
                "{name} takes {count} instructions, more than {bound}"
            ));
        }
    }
    if !too_many.is_empty() {
        bail!("{}", too_many.join("; "));
    }
    Ok(())
}

impl Inputs {
    fn make() -> Result<Inputs> {
        let manifest = sites::generate(&tool::target_dir()?.join("bench/site"), PAGES)?;
        let site = manifest.parent().context("a manifest is in a folder")?;
        Ok(Inputs {
            site: site.to_owned(),
            component: components::carried("redirect")?,
        })
    }

    fn rendered(&self, path: &str) -> Result<u64> {
        count("render", &[self.site.as_os_str(), path.as_ref()])
    }

    fn cached(&self) -> Result<u64> {
        let count = |answers: u64| {
            let answers = answers.to_string();
            count("cached", &[self.component.as_os_str(), answers.as_ref()])
        };
        Ok(count(1 + ANSWERS)?.saturating_sub(count(1)?) / ANSWERS)
    }
}

/// The instructions of the counted function in one run of an example.
fn count(example: &str, arguments: &[&OsStr]) -> Result<u64> {
    let program = tool::target_dir()?.join("debug/examples").join(example);
    let mut valgrind = tool::program(VALGRIND);
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--toggle-collect={FUNCTION}"))
        .arg(program)
        .args(arguments);
    let output = valgrind.output().context("failed to start valgrind")?;
    let report = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("valgrind ended with {}:\n{report}", output.status);
    }
    // `==42== Collected : 1234`
    let mut lines = report.lines();
    let count = lines.find_map(|line| line.split_once("Collected : "));
    let (_, count) = count.with_context(|| format!("valgrind printed no count:\n{report}"))?;
    let count = count.trim();
    count
        .parse()
        .with_context(|| format!("valgrind printed `{count}`"))
}
