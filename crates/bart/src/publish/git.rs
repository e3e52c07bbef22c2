//! What git says about the folder of a site. Without the program, or outside of a repository, it says nothing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

/// The commit that a folder is at, and where the repository is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    /// Its name, with `-dirty` where the folder is not as it was committed.
    pub(super) revision: String,
    /// When it was made, in seconds since 1970.
    pub(super) time: i64,
    /// The address of the remote called `origin`, where others can read it, without credentials.
    pub(super) source: Option<String>,
}

/// The commit of `folder`, in which `file` is committed.
pub(super) fn commit(folder: &Path, file: &Path) -> Option<Commit> {
    let file = file.as_os_str().to_str()?;
    // Each takes a few milliseconds, so they run at once.
    let [head, tracked, changes, origin] = thread::scope(|scope| {
        let ask = |arguments: Vec<&'static str>, file: Option<&str>| {
            let mut command = git(folder, &arguments);
            command.args(file);
            scope.spawn(move || said(&mut command))
        };
        let asked = [
            ask(vec!["log", "-1", "--format=%H %ct"], None),
            ask(vec!["ls-files", "--"], Some(file)),
            ask(vec!["status", "--porcelain", "--", "."], None),
            ask(vec!["config", "--get", "remote.origin.url"], None),
        ];
        asked.map(|answer| answer.join().expect("asking does not panic"))
    });
    // A folder that somebody's repository merely contains is not of its commit.
    tracked.filter(|files| !files.is_empty())?;
    let head = head?;
    let (revision, time) = head.split_once(' ')?;
    let dirty = if changes?.is_empty() { "" } else { "-dirty" };
    Some(Commit {
        revision: format!("{revision}{dirty}"),
        time: time.parse().ok()?,
        source: origin.and_then(|address| public_address(&address)),
    })
}

/// git with these arguments, in a folder.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        // A look must not write to the repository.
        .arg("--no-optional-locks")
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// What a command prints, if it succeeds.
pub(crate) fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}

/// The address of a remote as an `https` address, the same for everybody: without credentials, ports of SSH and `.git`. The path of a folder is none.
fn public_address(remote: &str) -> Option<String> {
    let (scheme, rest) = match remote.split_once("://") {
        Some((scheme, rest)) => (scheme, rest.to_owned()),
        // `me@host:path`, as scp writes it.
        None => {
            let (host, path) = remote.split_once(':')?;
            if host.contains('/') {
                return None;
            }
            ("ssh", format!("{host}/{}", path.trim_start_matches('/')))
        }
    };
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let (scheme, host) = match scheme {
        "https" | "http" => (scheme, host),
        "ssh" | "git" | "git+ssh" | "ssh+git" => ("https", host.split(':').next().unwrap_or(host)),
        _ => return None,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_address = !host.is_empty() && !path.is_empty() && !path.contains(char::is_control);
    is_address.then(|| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_remotes_are_public_and_the_same_for_everybody() {
        for (remote, public) in [
            (
                "https://git.test/me/site.git",
                Some("https://git.test/me/site"),
            ),
            (
                "https://git.test:8443/me/site",
                Some("https://git.test:8443/me/site"),
            ),
            (
                "https://me:secret@git.test/me/site.git/",
                Some("https://git.test/me/site"),
            ),
            (
                "https://token@git.test/me/site?token=secret",
                Some("https://git.test/me/site"),
            ),
            (
                "https://me:p@ss@git.test/me/site",
                Some("https://git.test/me/site"),
            ),
            ("http://git.test/site", Some("http://git.test/site")),
            ("git@git.test:me/site.git", Some("https://git.test/me/site")),
            ("git.test:/me/site", Some("https://git.test/me/site")),
            (
                "ssh://git@git.test:2222/me/site.git",
                Some("https://git.test/me/site"),
            ),
            (
                "git://git.test/me/site.git",
                Some("https://git.test/me/site"),
            ),
            ("/srv/git/site.git", None),
            ("../site", None),
            ("./a:b", None),
            ("file:///srv/git/site.git", None),
            ("https://git.test", None),
            ("https://git.test/", None),
            ("", None),
        ] {
            assert_eq!(public_address(remote).as_deref(), public, "{remote}");
        }
    }
}
