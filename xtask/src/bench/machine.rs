//! Where and of what results are: machine, kernel, commit, load average, time.

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::tool;

/// The head of results.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    memory_bytes: u64,
    /// The commit, with `+dirty` where files differ from it.
    pub(super) commit: String,
    /// What `bart --version` says of the program that was measured, with its size.
    bart: String,
    /// Others that take part, with their versions.
    tools: Vec<String>,
    /// UTC.
    pub(super) date: String,
    pub(super) load_average: String,
    /// How much was done: options in words.
    pub(super) effort: String,
}

impl Machine {
    pub(super) fn look(bart: &Path, effort: String) -> Result<Machine> {
        let commit = tool::output(tool::program("git").args(["rev-parse", "--short=12", "HEAD"]))?;
        let changes = tool::output(tool::program("git").args([
            "status",
            "--porcelain",
            "--untracked-files=no",
        ]))?;
        let dirty = if changes.trim().is_empty() {
            ""
        } else {
            "+dirty"
        };
        let version = tool::output(tool::program(&bart.to_string_lossy()).arg("--version"))?;
        let bytes = fs::metadata(bart).map_or(0, |metadata| metadata.len());
        Ok(Machine {
            processor: line_of("/proc/cpuinfo", "model name"),
            cores: thread::available_parallelism().map_or(0, usize::from),
            kernel: read("/proc/sys/kernel/osrelease"),
            memory_bytes: line_of("/proc/meminfo", "MemTotal")
                .trim_end_matches(" kB")
                .parse()
                .map_or(0, |kilobytes: u64| kilobytes * 1024),
            commit: format!("{}{dirty}", commit.trim()),
            bart: format!("{}, {:.1} MB", version.trim(), bytes as f64 / 1e6),
            tools: versions(),
            date: tool::output(tool::program("date").args(["--utc", "+%Y-%m-%d %H:%M UTC"]))?
                .trim()
                .to_owned(),
            load_average: load_average(),
            effort,
        })
    }

    /// The head in sentences.
    pub(super) fn describe(&self, load_after: Option<&str>) -> String {
        format!(
            "{}, {} cores, {:.0} GB of memory, Linux {}. Commit {} ({}), {}. Load average {} before and {} after. {}. Peers: {}.",
            self.processor,
            self.cores,
            self.memory_bytes as f64 / 1e9,
            self.kernel,
            self.commit,
            self.bart,
            self.date,
            self.load_average,
            load_after.unwrap_or("unknown"),
            self.effort,
            if self.tools.is_empty() {
                "none".to_owned()
            } else {
                self.tools.join(", ")
            },
        )
    }
}

/// Of the last minute.
pub(super) fn load_average() -> String {
    let text = read("/proc/loadavg");
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn versions() -> Vec<String> {
    let version = |program: &str, argument: &str| -> Option<String> {
        let output = tool::program(program).arg(argument).output().ok()?;
        // nginx prints its version to stderr.
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        let number = text
            .split([' ', '/', '\n'])
            .find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()))?;
        Some(format!("{program} {number}"))
    };
    [("nginx", "-v"), ("caddy", "version"), ("spin", "--version")]
        .into_iter()
        .filter_map(|(program, argument)| version(program, argument))
        .collect()
}

fn line_of(path: &str, name: &str) -> String {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':'));
    value.map_or_else(
        || "unknown processor".to_owned(),
        |(_, value)| value.trim().to_owned(),
    )
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| String::new(), |text| text.trim().to_owned())
}
