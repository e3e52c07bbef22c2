//! Run-time configuration: where settings come from, which of them counts, and that their values stay secret.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Stdio;

use bart::Failure;
use bart::settings::{Configuration, Setting};
use bart::up::Site;

use crate::exchange;
use crate::process::{Failed, Running, bart, eventually};
use crate::scratch::Scratch;

/// A site of three components that shows its settings.
const MANIFEST: &str = r#"spin_manifest_version = 2

[application]
name = "configured"

[[trigger.http]]
route = "/..."
component = "pages"

[[trigger.http]]
route = "/static/..."
component = "static-files"

[[trigger.http]]
route = "/old"
component = "old"

[component.pages]
source = "modules/bartholomew.wasm"
files = ["config/*", "content/**/*", "templates/*"]
environment = { BASE_URL = "https://manifest.example" }

[component.static-files]
source = "modules/spin_static_fs.wasm"
files = [{ source = "static", destination = "/" }]

[component.old]
source = "modules/redirect.wasm"
environment = { DESTINATION = "/new" }
"#;

const FILES: [(&str, &str); 5] = [
    ("config/site.toml", "title = \"Configured\"\n[extra]\n"),
    (
        "templates/main.hbs",
        "{{site.info.base_url}}|{{{page.body}}}",
    ),
    ("content/index.md", "title = \"Home\"\n---\nhome\n"),
    (
        "content/draft.md",
        "title = \"Draft\"\npublished = false\n---\ndraft\n",
    ),
    ("static/note.txt", "note"),
];

/// A value that must not be seen.
const SECRET: &str = "correct-horse-battery";

fn site() -> Scratch {
    Scratch::site(MANIFEST, &FILES)
}

/// Where settings are, and what they come to.
#[derive(Default)]
struct Sources<'a> {
    variables: &'a [(&'a str, &'a str)],
    folder: &'a [(&'a str, &'a str)],
    file: &'a str,
    arguments: &'a [&'a str],
}

impl Sources<'_> {
    fn configuration(&self, site: &Scratch) -> Configuration {
        for (name, content) in self.folder {
            site.write(&format!("secret/{name}"), content);
        }
        site.write("site.env", self.file);
        let folder = (!self.folder.is_empty()).then(|| site.path().join("secret"));
        Configuration {
            settings: self
                .arguments
                .iter()
                .map(|text| text.parse().unwrap())
                .collect(),
            files: vec![site.path().join("site.env")],
            folders: folder.into_iter().collect(),
        }
    }

    /// The environment of each component, but for what the manifest says.
    fn read(&self) -> Result<BTreeMap<String, String>, Failure> {
        let folder = site();
        let configuration = self.configuration(&folder);
        let site = Site::read(&folder.manifest())?;
        let variables = self.variables.iter();
        let settings = configuration.read(
            site.app(),
            variables.map(|(name, value)| (OsString::from(name), OsString::from(value))),
        )?;
        let mut environments = BTreeMap::new();
        for component in &site.app().components {
            for (key, value) in settings.environment(component) {
                if component.environment.get(&key) != Some(&value) {
                    environments.insert(format!("{}.{key}", component.id), value);
                }
            }
        }
        Ok(environments)
    }

    #[track_caller]
    fn check(&self, expected: &[(&str, &str)]) {
        let expected: BTreeMap<String, String> = expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let found = self.read().unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(found, expected);
    }
}

#[test]
fn a_file_has_a_setting_on_each_line() {
    Sources {
        file: "\u{feff}# comment\r\n\n  pages.A = 1 \r\npages.B=\"two words # no comment\"\n\
               pages.C='it''s'\npages.D=\npages.E=a=b\npages.F=\"\"\n\tpages.G=x # part of it",
        ..Sources::default()
    }
    .check(&[
        ("pages.A", "1"),
        ("pages.B", "two words # no comment"),
        ("pages.C", "it''s"),
        ("pages.D", ""),
        ("pages.E", "a=b"),
        ("pages.F", ""),
        ("pages.G", "x # part of it"),
    ]);
}

#[test]
fn a_folder_has_a_setting_in_each_file() {
    Sources {
        folder: &[
            ("old.A", "1\n"),
            ("old.B", "two\nlines\n\n"),
            ("old.C", ""),
            ("..2026_11_21/old.D", "of Kubernetes"),
            (".hidden", "no setting"),
        ],
        ..Sources::default()
    }
    .check(&[("old.A", "1"), ("old.B", "two\nlines\n"), ("old.C", "")]);
}

#[test]
fn a_variable_is_for_the_component_that_it_names_in_any_spelling() {
    Sources {
        variables: &[
            ("BART_ENV_OLD__A", "1"),
            ("BART_ENV_STATIC_FILES__B", "2"),
            ("BART_ENV_static-files__C", "3"),
            ("BART_ENV_Pages__D__E", "4"),
            ("BART_ENV_PAGES__OLD__F", "5"),
            ("BART_ENVIRONMENT", "none of these"),
            ("A", "none of these"),
        ],
        ..Sources::default()
    }
    .check(&[
        ("old.A", "1"),
        ("static-files.B", "2"),
        ("static-files.C", "3"),
        ("pages.D__E", "4"),
        ("pages.OLD__F", "5"),
    ]);
    Sources {
        variables: &[("BART_ENV_NOBODY__A", "1")],
        ..Sources::default()
    }
    .check(&[
        ("old.NOBODY__A", "1"),
        ("pages.NOBODY__A", "1"),
        ("static-files.NOBODY__A", "1"),
    ]);
}

#[test]
fn the_stronger_source_counts_and_in_one_source_what_is_for_one_component() {
    let all = Sources {
        variables: &[
            ("BART_ENV_BASE_URL", "variable for all"),
            ("BART_ENV_PAGES__BASE_URL", "variable"),
            ("BART_ENV_OLD__A", "variable"),
        ],
        folder: &[("BASE_URL", "folder"), ("old.B", "folder")],
        file: "old.B=file\npages.BASE_URL=file\nBASE_URL=file for all",
        arguments: &[
            "BASE_URL=argument",
            "old.BASE_URL=first",
            "old.BASE_URL=last",
        ],
    };
    all.check(&[
        ("old.A", "variable"),
        ("old.B", "file"),
        ("old.BASE_URL", "last"),
        ("pages.BASE_URL", "argument"),
        ("static-files.BASE_URL", "argument"),
    ]);
    let without_arguments = Sources {
        arguments: &[],
        ..all
    };
    without_arguments.check(&[
        ("old.A", "variable"),
        ("old.B", "file"),
        ("old.BASE_URL", "file for all"),
        ("pages.BASE_URL", "file"),
        ("static-files.BASE_URL", "file for all"),
    ]);
    let variables_only = Sources {
        variables: without_arguments.variables,
        ..Sources::default()
    };
    variables_only.check(&[
        ("old.A", "variable"),
        ("old.BASE_URL", "variable for all"),
        ("pages.BASE_URL", "variable"),
        ("static-files.BASE_URL", "variable for all"),
    ]);
}

#[test]
fn a_mistake_is_told_with_its_place_and_without_its_value() {
    let file = |text: &str| format!("KEY=ok\n\n{}", text.replace('$', SECRET));
    for (text, expected) in [
        ("$", "site.env:3: there is no `=` in it"),
        ("=$", "site.env:3: there is no name in it"),
        ("pages.=$", "site.env:3: there is no name in it"),
        ("export KEY=$", "site.env:3: the name in it has a space"),
        ("KEY=\"$", "site.env:3: its value begins with a quote"),
        ("KEY=\"$\" # x", "site.env:3: its value begins with a quote"),
        ("KEY='", "site.env:3: its value begins with a quote"),
        ("KEY=$\0", "site.env:3: its value has a NUL"),
        ("pgaes.KEY=$", "site.env:3: `pgaes.KEY` names no component"),
    ] {
        let sources = Sources {
            file: &file(text),
            ..Sources::default()
        };
        let failure = sources.read().unwrap_err();
        assert!(failure.to_string().contains(expected), "{failure}");
        assert!(!format!("{failure:?}").contains(SECRET), "{failure:?}");
    }
    for (name, content, expected) in [
        (
            "pgaes.KEY",
            SECRET,
            "secret/pgaes.KEY: `pgaes.KEY` names no component",
        ),
        ("A B", SECRET, "secret/A B: the name in it has a space"),
        ("KEY", "\0", "secret/KEY: its value has a NUL"),
        ("folder/KEY", SECRET, "failed to read `"),
    ] {
        let sources = Sources {
            folder: &[(name, content)],
            ..Sources::default()
        };
        let failure = sources.read().unwrap_err();
        assert!(failure.to_string().contains(expected), "{failure}");
        assert!(!format!("{failure:?}").contains(SECRET), "{failure:?}");
    }
    let sources = Sources {
        variables: &[("BART_ENV_PAGES__", SECRET)],
        ..Sources::default()
    };
    let failure = sources.read().unwrap_err().to_string();
    assert_eq!(failure, "BART_ENV_PAGES__: there is no name in it");
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let site = site();
    for argument in ["--env-file", "--env-dir"] {
        let failed = Failed::run(&mut bart(site.path(), &["up", argument, "nowhere"]));
        assert_eq!(failed.code, Some(2), "{argument}");
        let expected = "failed to read `nowhere`";
        assert!(failed.error().starts_with(expected), "{}", failed.stderr);
    }
}

#[test]
fn a_misspelt_component_is_told_the_nearest_and_arguments_are_not_repeated() {
    let site = site();
    for (argument, error, hint) in [
        (
            "pgaes.KEY=$",
            "`--env pgaes.KEY=...` names no component",
            "did you mean `pages`?",
        ),
        (
            "zzzzzz.KEY=$",
            "`--env zzzzzz.KEY=...` names no component",
            "the components are `pages`, `static-files`, `old`",
        ),
    ] {
        let argument = argument.replace('$', SECRET);
        let failed = Failed::run(&mut bart(site.path(), &["up", "--env", &argument]));
        assert_eq!((failed.code, failed.error()), (Some(2), error));
        assert_eq!(failed.hint(), hint);
        assert!(!failed.stderr.contains(SECRET), "{}", failed.stderr);
    }
    for argument in [SECRET, &format!("={SECRET}"), &format!("A B={SECRET}")] {
        let failed = Failed::run(&mut bart(site.path(), &["up", "--env", argument]));
        assert_eq!(failed.code, Some(2));
        assert!(failed.error().contains("`--env`"), "{}", failed.stderr);
        assert!(!failed.stderr.contains(SECRET), "{}", failed.stderr);
    }
}

#[test]
fn a_setting_is_shown_without_its_value() {
    let setting: Setting = format!("pages.KEY={SECRET}").parse().unwrap();
    let shown = format!("{setting:?}");
    assert!(shown.contains("KEY") && !shown.contains(SECRET), "{shown}");
}

#[test]
fn a_site_is_served_as_configured_and_the_log_keeps_the_secrets() {
    let site = site();
    site.write("site.env", "pages.BASE_URL=https://file.example\n");
    // As Kubernetes mounts a Secret: the files are links into a folder that is replaced as a whole.
    site.write("secret/..2026/BASIC_AUTH_PASSWORD", format!("{SECRET}\n"));
    symlink("..2026", site.path().join("secret/..data")).unwrap();
    let link = site.path().join("secret/BASIC_AUTH_PASSWORD");
    symlink("..data/BASIC_AUTH_PASSWORD", link).unwrap();
    let log = site.path().join("log");
    let running = Running::start_with_log(
        bart(site.path(), &["up", "--listen", "127.0.0.1:0"])
            .args(["--env-file", "site.env", "--env-dir", "secret"])
            .args(["--env", "pages.PREVIEW_MODE=1"])
            .env("BART_ENV_BASIC_AUTH_USERNAME", "keeper")
            .env("BART_LOG", "trace"),
        3,
        Stdio::from(File::create(&log).unwrap()),
    );
    let credentials = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("keeper:{SECRET}"),
    );
    let authorization = format!("Basic {credentials}");
    let known = [("Authorization", authorization.as_str())];
    for (path, headers, status, text) in [
        ("/", &[][..], 401, ""),
        ("/static/note.txt", &[], 401, ""),
        ("/", &known, 200, "https://file.example|<p>home</p>"),
        ("/draft", &known, 200, "<p>draft</p>"),
        ("/static/note.txt", &known, 200, "note"),
    ] {
        let answer = exchange::send(running.address, "GET", path, headers);
        assert_eq!(answer.status, status, "{path} {headers:?}");
        assert!(answer.text().contains(text), "{path}: {}", answer.text());
    }
    running.signal("TERM");
    assert_eq!(running.wait().code(), Some(0));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("TRACE"), "the log has every level: {log}");
    assert!(!log.contains(SECRET), "the log has the secret");
}

#[test]
fn a_changed_setting_shows_up() {
    let site = site();
    site.write("site.env", "BASE_URL=https://first.example\n");
    let files: [PathBuf; 2] = ["site.env", "secret"].map(|name| site.path().join(name));
    std::fs::create_dir(&files[1]).unwrap();
    let running = Running::start(
        bart(site.path(), &["up", "--listen", "127.0.0.1:0"])
            .arg("--env-file")
            .arg(&files[0])
            .arg("--env-dir")
            .arg(&files[1]),
        3,
    );
    let shows = |text: &str| {
        let page = exchange::send(running.address, "GET", "/", &[]);
        page.text().contains(text)
    };
    assert!(shows("https://first.example|"));
    let mut file = File::options().append(true).open(&files[0]).unwrap();
    file.write_all(b"BASE_URL=https://second.example\n")
        .unwrap();
    eventually("the line was read", || shows("https://second.example|"));
    site.write("site.env", "");
    site.write("secret/BASE_URL", "https://third.example");
    eventually("the folder was read", || shows("https://third.example|"));
}
