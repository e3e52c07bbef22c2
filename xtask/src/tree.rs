//! `tree.txt`: every file of the repository, each Rust file with the one job that its first line states.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The file, relative to the repository.
pub const FILE: &str = "tree.txt";

/// Folders whose files are data for tests: the map names the folder and how many files it holds.
const FOLDED: [&str; 3] = [
    "crates/artifact/tests/fixtures/",
    "fuzz/corpus/",
    "tests/fixtures/",
];

/// The column at which descriptions begin.
const DESCRIPTION: usize = 52;

#[derive(Default)]
struct Folder {
    folders: BTreeMap<String, Folder>,
    files: BTreeMap<String, String>,
    /// Files that the map only counts.
    folded: usize,
}

/// Writes the map.
///
/// # Errors
///
/// When git does not list the files, or the map cannot be written.
pub fn write(root: &Path) -> Result<()> {
    let text = generate(root)?;
    let temporary = root.join(format!("{FILE}.new"));
    #[expect(clippy::disallowed_methods, reason = "renamed into place below")]
    fs::write(&temporary, text).context("failed to write `tree.txt`")?;
    fs::rename(&temporary, root.join(FILE)).context("failed to write `tree.txt`")
}

/// The map as it should be.
///
/// # Errors
///
/// When git does not list the files, or one of them cannot be read.
pub fn generate(root: &Path) -> Result<String> {
    let mut top = Folder::default();
    for path in files(root)? {
        top.insert(root, &path)?;
    }
    let mut text = String::from(".\n");
    top.draw("", &mut text);
    Ok(text)
}

/// The files that git tracks or would track, relative to the repository, sorted.
///
/// # Errors
///
/// When git does not answer.
pub fn files(root: &Path) -> Result<Vec<String>> {
    let output = Command::new("git")
        .current_dir(root)
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()
        .context("failed to start `git ls-files`")?;
    if !output.status.success() {
        bail!(
            "`git ls-files` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let list = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    let mut files: Vec<String> = list
        .split_terminator('\0')
        // Git lists what was deleted and not yet committed.
        .filter(|path| root.join(path).exists())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

impl Folder {
    fn insert(&mut self, root: &Path, path: &str) -> Result<()> {
        let description = describe(root, path)?;
        let mut folder = self;
        let mut depth = 0;
        let mut rest = path;
        while let Some((name, tail)) = rest.split_once('/') {
            depth += name.len() + 1;
            folder = folder.folders.entry(name.to_owned()).or_default();
            rest = tail;
            if FOLDED.contains(&&path[..depth]) {
                folder.folded += 1;
                return Ok(());
            }
        }
        folder.files.insert(rest.to_owned(), description);
        Ok(())
    }

    fn draw(&self, indent: &str, text: &mut String) {
        let mut left = self.folders.len() + self.files.len();
        let mut branch = || {
            left -= 1;
            if left == 0 {
                ("└── ", "    ")
            } else {
                ("├── ", "│   ")
            }
        };
        for (name, folder) in &self.folders {
            let (corner, deeper) = branch();
            let counted = match folder.folded {
                0 => String::new(),
                count => format!("{count} files"),
            };
            line(text, &format!("{indent}{corner}{name}/"), &counted);
            folder.draw(&format!("{indent}{deeper}"), text);
        }
        for (name, description) in &self.files {
            let (corner, _) = branch();
            line(text, &format!("{indent}{corner}{name}"), description);
        }
    }
}

fn line(text: &mut String, entry: &str, description: &str) {
    text.push_str(entry);
    if !description.is_empty() {
        let gap = DESCRIPTION.saturating_sub(entry.chars().count()).max(1);
        text.push_str(&" ".repeat(gap));
        text.push_str(description);
    }
    text.push('\n');
}

/// The first `//!` line of a Rust file.
fn describe(root: &Path, path: &str) -> Result<String> {
    if Path::new(path)
        .extension()
        .is_none_or(|extension| extension != "rs")
    {
        return Ok(String::new());
    }
    let text =
        fs::read_to_string(root.join(path)).with_context(|| format!("failed to read `{path}`"))?;
    let first = text.lines().find_map(|line| line.strip_prefix("//! "));
    Ok(first.unwrap_or_default().trim_end().to_owned())
}
