//! `bart release`, in repositories that are made for it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::process::{Failed, bart};
use crate::scratch::Scratch;

const MANIFEST: &str = r#"spin_manifest_version = 2

[application]
name = "mine"
version = "0.1.0" # of the site

[[trigger.http]]
route = "/..."
component = "pages"

[component.pages]
source = "modules/bartholomew.wasm"
files = ["content/*", "templates/*", "config/*"]
"#;

const FILES: [(&str, &str); 6] = [
    (
        "config/site.toml",
        "title = \"Mine\"\nindex_site_pages = []\n",
    ),
    ("content/index.md", "title = \"Home\"\n---\nHello.\n"),
    ("templates/main.hbs", "{{{page.body}}}"),
    ("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- It.\n"),
    (
        "charts/bart/Chart.yaml",
        "name: bart\nversion: 1.0.3 # of the chart\nappVersion: \"0.1.0\"\n",
    ),
    (
        "charts/bart/values.yaml",
        "image:\n  # the site\n  tag: \"0.1.0\"\nother:\n  tag: x\n",
    ),
];

/// A repository with a site, all of it committed.
struct Repository {
    scratch: Scratch,
}

impl Repository {
    fn new(files: &[(&str, &str)]) -> Option<Repository> {
        let repository = Repository {
            scratch: Scratch::site(MANIFEST, files),
        };
        let init = repository.try_git(&["init", "--quiet", "--initial-branch", "main"]);
        if init.is_none() {
            eprintln!("\nskipped: bart release: no git");
            return None;
        }
        for (key, value) in [
            ("user.name", "Ada"),
            ("user.email", "ada@example.test"),
            ("commit.gpgsign", "false"),
            ("tag.gpgsign", "false"),
        ] {
            repository.git(&["config", key, value]);
        }
        repository.commit();
        Some(repository)
    }

    fn path(&self) -> &Path {
        self.scratch.path()
    }

    fn commit(&self) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", "A site"]);
    }

    fn try_git(&self, arguments: &[&str]) -> Option<Output> {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.path());
        for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
            git.env(name, "/dev/null");
        }
        git.output().ok()
    }

    /// What git says, which must succeed.
    fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    fn bart(&self, arguments: &[&str]) -> Command {
        let mut command = bart(self.path(), &[&["release"], arguments].concat());
        command
            .env("SOURCE_DATE_EPOCH", "1714979289")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env_remove("GITHUB_ACTIONS");
        command
    }

    /// What stdout has of a release that must succeed.
    fn release(&self, arguments: &[&str]) -> String {
        let output = self.bart(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Everything that a release could change.
    fn state(&self) -> String {
        [
            self.git(&["rev-parse", "HEAD"]),
            self.git(&["tag", "--list"]),
            self.git(&["status", "--porcelain"]),
        ]
        .join("\n")
    }
}

#[test]
fn a_release_of_the_site_is_a_commit_and_a_tag() {
    let Some(repository) = Repository::new(&FILES) else {
        return;
    };
    let difference = repository.release(&["site", "0.1.3"]);
    assert!(
        difference
            .contains("-version = \"0.1.0\" # of the site\n+version = \"0.1.3\" # of the site\n")
    );
    assert_eq!(
        repository.read("spin.toml"),
        MANIFEST.replace("0.1.0", "0.1.3")
    );
    assert_eq!(
        repository.read("charts/bart/Chart.yaml"),
        FILES[4].1.replace("0.1.0", "0.1.3")
    );
    assert_eq!(
        repository.read("charts/bart/values.yaml"),
        FILES[5].1.replace("0.1.0", "0.1.3")
    );
    assert_eq!(
        repository.read("CHANGELOG.md"),
        "# Changelog\n\n## [Unreleased]\n\n## [0.1.3] - 2024-05-06\n\n- It.\n"
    );
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    assert_eq!(
        repository.git(&["log", "-1", "--format=%s"]),
        "chore(release): 0.1.3"
    );
    assert_eq!(repository.git(&["cat-file", "-t", "0.1.3"]), "tag");
    assert_eq!(
        repository.git(&["rev-parse", "0.1.3^{commit}"]),
        repository.git(&["rev-parse", "HEAD"])
    );
}

#[test]
fn a_release_of_the_chart_changes_its_version_alone() {
    let Some(repository) = Repository::new(&FILES) else {
        return;
    };
    repository.release(&["chart", "1.0.4"]);
    assert_eq!(
        repository.read("charts/bart/Chart.yaml"),
        FILES[4].1.replace("1.0.3", "1.0.4")
    );
    assert_eq!(
        repository.git(&["show", "--format=", "--name-only"]),
        "charts/bart/Chart.yaml"
    );
    assert_eq!(repository.git(&["tag", "--list"]), "chart-1.0.4");
}

#[test]
fn a_repository_without_a_chart_releases_its_site() {
    let Some(repository) = Repository::new(&FILES[..3]) else {
        return;
    };
    repository.release(&["site", "1.0.0"]);
    assert_eq!(
        repository.git(&["show", "--format=", "--name-only"]),
        "spin.toml"
    );
    let failed = Failed::run(&mut repository.bart(&["chart", "1.0.0"]));
    assert_eq!(failed.code, Some(2), "{}", failed.stderr);
    assert!(failed.error().contains("charts/bart/Chart.yaml"));
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let Some(repository) = Repository::new(&FILES) else {
        return;
    };
    let before = repository.state();
    let dry = repository.release(&["site", "0.1.3", "--dry-run"]);
    assert_eq!(repository.state(), before);
    assert_eq!(repository.read("spin.toml"), MANIFEST);
    assert_eq!(
        dry,
        repository.release(&["site", "0.1.3"]),
        "the same is shown"
    );
    for path in [
        "spin.toml",
        "CHANGELOG.md",
        "charts/bart/Chart.yaml",
        "charts/bart/values.yaml",
    ] {
        assert!(dry.contains(&format!("+++ b/{path}\n")), "{dry}");
    }
}

#[test]
fn what_is_not_fit_to_be_released_is_refused() {
    let Some(repository) = Repository::new(&FILES) else {
        return;
    };
    repository.git(&["tag", "0.1.5"]);
    let before = repository.state();
    for (arguments, part) in [
        (["site", "0.1.0"], "`0.1.0` does not come after `0.1.0`"),
        (["site", "0.0.9"], "`0.0.9` does not come after `0.1.0`"),
        (["chart", "1.0.3"], "`1.0.3` does not come after `1.0.3`"),
        (["site", "0.1.5"], "has the tag `0.1.5` already"),
    ] {
        let failed = Failed::run(&mut repository.bart(&arguments));
        assert_eq!(failed.code, Some(1), "{}", failed.stderr);
        assert!(failed.error().contains(part), "{}", failed.stderr);
        assert_eq!(repository.state(), before);
    }
    for version in ["0.2", "v0.2.0", "0.2.0-rc.1"] {
        let output = repository.bart(&["site", version]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{version}");
    }
    repository.scratch.write("new.md", "x");
    let failed = Failed::run(&mut repository.bart(&["site", "0.2.0"]));
    assert!(
        failed.error().contains("not committed: `new.md`"),
        "{}",
        failed.stderr
    );
    fs::remove_file(repository.path().join("new.md")).unwrap();
    repository.git(&["checkout", "--quiet", "--detach"]);
    let failed = Failed::run(&mut repository.bart(&["site", "0.2.0"]));
    assert!(failed.error().contains("no branch"), "{}", failed.stderr);
    assert_eq!(repository.state(), before);
}

#[test]
fn a_site_with_an_error_is_not_released() {
    let page = ("content/a.md", "title = \"A\"\n---\n[x](/gone)\n");
    let Some(repository) = Repository::new(&[FILES.as_slice(), &[page]].concat()) else {
        return;
    };
    let before = repository.state();
    let output = repository.bart(&["site", "0.1.3"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("content/a.md:3: the link `/gone` leads nowhere"),
        "{stderr}"
    );
    assert_eq!(repository.state(), before);
}

#[test]
fn a_hook_that_fails_leaves_everything_as_it_was() {
    let Some(repository) = Repository::new(&FILES) else {
        return;
    };
    let before = repository.state();
    for hook in ["pre-commit", "commit-msg", "reference-transaction"] {
        // The last one refuses the tag, when the commit is there already.
        let script = match hook {
            "reference-transaction" => {
                "#!/bin/sh\n[ \"$1\" = prepared ] || exit 0\nwhile read -r old new name; do case $name in refs/tags/0.1.3) [ \"$new\" = 0000000000000000000000000000000000000000 ] || { echo refused >&2; exit 1; };; esac; done\n"
            }
            _ => "#!/bin/sh\necho refused >&2\nexit 1\n",
        };
        let path = format!(".git/hooks/{hook}");
        repository.scratch.write(&path, script);
        make_executable(&repository.path().join(&path));
        let output = repository.bart(&["site", "0.1.3"]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{hook}: {stderr}");
        assert!(stderr.contains("refused"), "{hook}: {stderr}");
        fs::remove_file(repository.path().join(&path)).unwrap();
        assert_eq!(repository.state(), before, "{hook}");
        assert_eq!(repository.read("spin.toml"), MANIFEST, "{hook}");
    }
}

#[test]
fn branch_and_tag_are_pushed_together_or_not_at_all() {
    let Some(repository) = Repository::new(&FILES) else {
        return;
    };
    let failed = Failed::run(&mut repository.bart(&["site", "0.1.3", "--push"]));
    assert!(
        failed.error().contains("`git ls-remote` failed"),
        "{}",
        failed.stderr
    );
    let remote = Scratch::new();
    let address = remote.path().to_str().unwrap();
    repository.git(&["init", "--quiet", "--bare", address]);
    repository.git(&["remote", "add", "origin", address]);
    repository.git(&["push", "--quiet", "origin", "main"]);
    repository.release(&["site", "0.1.3", "--push"]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    let there = repository.git(&["ls-remote", "origin"]);
    assert!(
        there.contains(&format!("{head}\trefs/heads/main")),
        "{there}"
    );
    assert!(
        there.contains(&format!("{head}\trefs/tags/0.1.3^{{}}")),
        "{there}"
    );

    // Somebody else was faster.
    repository.git(&["commit", "--quiet", "--allow-empty", "--message", "Other"]);
    repository.git(&["push", "--quiet", "origin", "main"]);
    repository.git(&["reset", "--quiet", "--hard", &head]);
    let before = repository.state();
    let output = repository
        .bart(&["site", "0.1.4", "--push"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(repository.state(), before);
    assert!(!repository.git(&["ls-remote", "origin"]).contains("0.1.4"));
}

#[test]
fn a_site_in_a_folder_of_the_repository_is_released() {
    let Some(repository) = Repository::new(&[]) else {
        return;
    };
    for (path, text) in &FILES[..3] {
        repository.scratch.write(&format!("docs/{path}"), text);
    }
    repository.scratch.write("docs/spin.toml", MANIFEST);
    repository.commit();
    repository.release(&["site", "0.1.3", "docs"]);
    assert_eq!(
        repository.git(&["show", "--format=", "--name-only"]),
        "docs/spin.toml"
    );
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
