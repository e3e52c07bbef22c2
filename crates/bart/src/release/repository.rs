//! The repository that a release is made in: what must be so before, and how a release is committed, or undone.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context, anyhow};

use crate::Failure;
use crate::publish::git;

/// How many files a message names.
const NAMED: usize = 3;

/// A repository with a branch and nothing uncommitted.
#[derive(Debug)]
pub(super) struct Repository {
    /// Its top folder, without symbolic links.
    pub(super) root: PathBuf,
    pub(super) branch: String,
    /// The commit that it is at.
    head: String,
}

impl Repository {
    /// Finds the repository of a folder.
    pub(super) fn find(folder: &Path) -> Result<Repository, Failure> {
        let ask = |arguments: &[&str]| run(folder, arguments);
        let root = ask(&["rev-parse", "--show-toplevel"]).map_err(|failure| {
            failure.hint("a release is a commit and a tag: run it in a repository of git")
        })?;
        let head = ask(&["rev-parse", "--verify", "HEAD^{commit}"])
            .map_err(|failure| failure.hint("commit the site first"))?;
        let branch = git::said(&mut git::git(
            folder,
            &["symbolic-ref", "--quiet", "--short", "HEAD"],
        ));
        let branch = branch.ok_or_else(|| {
            Failure::failed(anyhow!("no branch is checked out"))
                .hint("check one out: a commit on none is lost easily")
        })?;
        Ok(Repository {
            root: root.into(),
            branch,
            head,
        })
    }

    /// # Errors
    ///
    /// When a file is changed, or new.
    pub(super) fn must_be_clean(&self) -> Result<(), Failure> {
        let status = self.git(&["status", "--porcelain"])?;
        let changed: Vec<&str> = status.lines().filter_map(|line| line.get(3..)).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let named: Vec<String> = changed
            .iter()
            .take(NAMED)
            .map(|it| format!("`{it}`"))
            .collect();
        let rest = match changed.len().saturating_sub(NAMED) {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        Err(
            Failure::failed(anyhow!("not committed: {}{rest}", named.join(", ")))
                .hint("a release is what is committed: commit this, or remove it"),
        )
    }

    /// # Errors
    ///
    /// When there is a tag of that name.
    pub(super) fn must_not_have(&self, tag: &str) -> Result<(), Failure> {
        let name = format!("refs/tags/{tag}");
        match git::said(&mut git::git(
            &self.root,
            &["rev-parse", "--verify", "--quiet", &name],
        )) {
            None => Ok(()),
            Some(_) => Err(taken(tag, "the repository")),
        }
    }

    /// Whether a file, whose path is relative to the root, is committed.
    pub(super) fn tracks(&self, file: &str) -> bool {
        let files = git::said(&mut git::git(&self.root, &["ls-files", "--", file]));
        files.is_some_and(|files| !files.is_empty())
    }

    /// Where the branch is pushed to, which does not have the tag.
    ///
    /// # Errors
    ///
    /// When there is no such remote, it cannot be asked, or it has the tag.
    pub(super) fn remote(&self, tag: &str) -> Result<Remote, Failure> {
        let setting = |name: &str| {
            let key = format!("branch.{}.{name}", self.branch);
            git::said(&mut git::git(&self.root, &["config", "--get", &key]))
        };
        let remote = Remote {
            name: setting("remote").unwrap_or_else(|| "origin".to_owned()),
            branch: setting("merge").unwrap_or_else(|| format!("refs/heads/{}", self.branch)),
        };
        let name = format!("refs/tags/{tag}");
        let known = self.git(&["ls-remote", &remote.name, &name])?;
        if known.is_empty() {
            Ok(remote)
        } else {
            Err(taken(tag, &format!("the remote `{}`", remote.name)))
        }
    }

    /// Commits files, whose paths are relative to the root, and tags the commit. Git signs both if it is told to.
    pub(super) fn commit(&self, files: &[&str], subject: &str) -> Result<(), Failure> {
        let arguments = ["commit", "--quiet", "--message", subject, "--"];
        self.git(&[arguments.as_slice(), files].concat()).map(drop)
    }

    /// Tags the commit that the branch is at.
    pub(super) fn tag(&self, tag: &str, subject: &str) -> Result<(), Failure> {
        self.git(&["tag", "--annotate", "--message", subject, tag])
            .map(drop)
    }

    /// Pushes the branch and the tag, both or none.
    pub(super) fn push(&self, remote: &Remote, tag: &str) -> Result<(), Failure> {
        let branch = format!("HEAD:{}", remote.branch);
        let tag = format!("refs/tags/{tag}");
        let arguments = ["push", "--atomic", "--quiet", &remote.name, &branch, &tag];
        self.git(&arguments).map(drop)
    }

    /// The name of the commit that the branch is at, as short as can be.
    pub(super) fn short_head(&self) -> Result<String, Failure> {
        self.git(&["rev-parse", "--short", "HEAD"])
    }

    /// Puts the branch and those files back to what they were, and removes the tag if it was not there before.
    pub(super) fn undo(&self, files: &[&str], tag: Option<&str>) -> Result<(), Failure> {
        if let Some(tag) = tag {
            self.git(&["tag", "--delete", tag])?;
        }
        self.git(&["reset", "--quiet", "--soft", &self.head])?;
        if files.is_empty() {
            return Ok(());
        }
        let arguments = ["restore", "--staged", "--worktree", "--"];
        self.git(&[arguments.as_slice(), files].concat()).map(drop)
    }

    fn git(&self, arguments: &[&str]) -> Result<String, Failure> {
        run(&self.root, arguments)
    }
}

/// Where a branch is pushed to.
#[derive(Debug)]
pub(super) struct Remote {
    name: String,
    /// The whole name of the branch there.
    branch: String,
}

fn taken(tag: &str, place: &str) -> Failure {
    Failure::failed(anyhow!("{place} has the tag `{tag}` already"))
        .hint("a tag never moves: choose the next version")
}

/// What git prints, without the line end. Why it fails is what it says itself.
fn run(folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = git::git(folder, arguments).output().map_err(|error| {
        let missing = error.kind() == ErrorKind::NotFound;
        let failure = Failure::failed(anyhow!(error).context("failed to run `git`"));
        failure.hint_if_any(missing.then_some("install it"))
    })?;
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        let said: Vec<&str> = said
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let name = arguments.first().unwrap_or(&"");
        return Err(Failure::failed(anyhow!(
            "`git {name}` failed: {}",
            said.join(" ")
        )));
    }
    let text = String::from_utf8(stdout).context("git printed something else than text")?;
    Ok(text.trim_end_matches('\n').to_owned())
}
