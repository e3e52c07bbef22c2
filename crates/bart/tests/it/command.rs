//! The `bart` command: what it prints, how it fails, how it ends.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::TcpListener;

use crate::exchange;
use crate::probe;
use crate::process::{Failed, Running, bart, eventually};
use crate::scratch::Scratch;

/// A site that compiles at once.
const REDIRECT: &str = r#"spin_manifest_version = 2

[application]
name = "command"

[[trigger.http]]
route = "/old"
component = "old"

[[trigger.http]]
route = "/older/..."
component = "old"

[component.old]
source = "modules/redirect.wasm"
environment = { DESTINATION = "/new" }
"#;

/// Runs `bart up` in the folder of a site with this manifest, to its failure.
fn failed(manifest: &str, arguments: &[&str]) -> Failed {
    let site = Scratch::site(manifest, &[]);
    let arguments = [&["up", "--listen", "127.0.0.1:0"], arguments].concat();
    Failed::run(&mut bart(site.path(), &arguments))
}

#[test]
fn help_is_an_answer_on_stdout() {
    let folder = Scratch::new();
    for (arguments, expected) in [
        (&["--help"][..], "Usage: bart"),
        (&["up", "--help"], "--listen <ADDR>"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
    ] {
        let output = bart(folder.path(), arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert!(output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn an_argument_that_does_not_exist_is_refused_with_exit_code_2() {
    let folder = Scratch::new();
    for arguments in [
        &["down"][..],
        &["up", "--nonsense"],
        &["up", "--env", "nonsense"],
        &["up", "--memory", "0"],
    ] {
        let failed = Failed::run(&mut bart(folder.path(), arguments));
        assert_eq!(failed.code, Some(2), "{arguments:?}");
        assert!(!failed.error().is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_folder_without_a_site_is_told_what_a_site_is() {
    let folder = Scratch::new();
    for arguments in [
        &["up"][..],
        &["up", "nowhere"],
        &["up", "nowhere/spin.toml"],
    ] {
        let failed = Failed::run(&mut bart(folder.path(), arguments));
        assert_eq!(failed.code, Some(2), "{arguments:?}");
        assert!(
            failed.error().starts_with("there is no `"),
            "{}",
            failed.stderr
        );
        assert!(failed.hint().contains("spin.toml"), "{}", failed.stderr);
    }
}

#[test]
fn a_mistake_in_the_manifest_is_told_with_its_line() {
    let cases = [
        (
            REDIRECT.replace("[component.old]", "[component.old"),
            "spin.toml:14: ",
            "",
        ),
        (
            REDIRECT.replace("source =", "sorce ="),
            "spin.toml:15: unknown key `sorce`",
            "did you mean `source`?",
        ),
        (
            REDIRECT.replace("component = \"old\"", "component = \"odl\""),
            "spin.toml:8: ",
            "did you mean `old`?",
        ),
    ];
    for (manifest, error, hint) in cases {
        let failed = failed(&manifest, &[]);
        assert_eq!(failed.code, Some(2), "{}", failed.stderr);
        assert!(failed.error().contains(error), "{}", failed.stderr);
        assert_eq!(failed.hint(), hint, "{}", failed.stderr);
    }
}

#[test]
fn a_port_in_use_is_an_error_with_a_hint() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let site = Scratch::site(REDIRECT, &[]);
    let failed = Failed::run(&mut bart(site.path(), &["up", "--listen", &address]));
    assert_eq!(failed.code, Some(1));
    assert!(
        failed
            .error()
            .starts_with(&format!("failed to listen on `{address}`")),
        "{}",
        failed.stderr
    );
    assert!(failed.hint().contains("--listen"), "{}", failed.stderr);
}

#[test]
fn a_setting_for_an_unknown_component_names_those_that_exist() {
    let failed = failed(REDIRECT, &["--env", "odl.DESTINATION=/x"]);
    assert_eq!(failed.code, Some(2));
    assert!(
        failed.error().contains("`--env odl.DESTINATION=...`"),
        "{}",
        failed.stderr
    );
    assert!(failed.hint().contains("`old`"), "{}", failed.stderr);
    assert!(
        !failed.stderr.contains("/x"),
        "values are never printed: {}",
        failed.stderr
    );
}

#[test]
fn a_missing_module_comes_with_the_command_that_builds_it() {
    let manifest = REDIRECT.replace("modules/redirect.wasm", "target/own.wasm");
    let unbuilt = format!("{manifest}[component.old.build]\ncommand = \"make own.wasm\"\n");
    let failed_with_hint = failed(&unbuilt, &[]);
    assert_eq!(failed_with_hint.code, Some(2));
    assert!(
        failed_with_hint
            .error()
            .contains("own.wasm` of component `old`"),
        "{}",
        failed_with_hint.stderr
    );
    assert_eq!(failed_with_hint.hint(), "build it first: `make own.wasm`");
    assert_eq!(
        failed(&manifest, &[]).hint(),
        "build it first, or correct its `source`"
    );
}

#[test]
fn what_cannot_run_here_is_an_error_when_strict() {
    let manifest =
        format!("{REDIRECT}[[trigger.redis]]\nchannel = \"lamps\"\ncomponent = \"old\"\n");
    let failed = failed(&manifest, &["--strict", "--quiet"]);
    assert_eq!(failed.code, Some(2));
    assert!(failed.error().contains("redis"), "{}", failed.stderr);
    assert!(failed.hint().contains("--strict"), "{}", failed.stderr);
}

#[test]
fn a_real_spin_has_to_be_on_the_path() {
    let site = Scratch::site(REDIRECT, &[]);
    for flag in ["--engine=spin", "--original"] {
        let failed = Failed::run(bart(site.path(), &["up", flag]).env("PATH", site.path()));
        assert_eq!(failed.code, Some(1), "{flag}");
        assert_eq!(failed.error(), "there is no `spin` on PATH", "{flag}");
        assert!(
            failed.hint().contains("install Spin"),
            "{flag}: {}",
            failed.stderr
        );
    }
}

#[test]
fn it_prints_its_routes_as_spin_does_and_ends_with_0_on_a_signal() {
    let site = Scratch::site(REDIRECT, &[]);
    for signal in ["TERM", "INT"] {
        let running = Running::start(
            &mut bart(site.path(), &["up", "--listen", "127.0.0.1:0"]),
            2,
        );
        let base = format!("http://{}", running.address);
        assert_eq!(
            running.routes,
            [
                format!("old: {base}/old"),
                format!("old: {base}/older (wildcard)")
            ]
        );
        let moved = exchange::send(running.address, "GET", "/old", &[]);
        assert_eq!(
            (moved.status, moved.header("location")),
            (302, Some("/new"))
        );
        running.signal(signal);
        assert_eq!(running.wait().code(), Some(0), "{signal}");
    }
}

/// More than the buffers between a server and a client that does not read.
const LONG: usize = 32 << 20;

/// A server with a response half-way to a client.
fn busy() -> (Scratch, Running, std::net::TcpStream) {
    let source = probe::module().display().to_string();
    let site = Scratch::site(&REDIRECT.replace("modules/redirect.wasm", &source), &[]);
    let running = Running::start(
        &mut bart(site.path(), &["up", "--listen", "127.0.0.1:0"]),
        2,
    );
    let mut client = exchange::begin(running.address, "GET", &format!("/older/body?{LONG}"), &[]);
    client.read_exact(&mut [0; 1]).unwrap();
    (site, running, client)
}

#[test]
fn a_signal_lets_a_request_in_flight_end() {
    let (_site, running, mut client) = busy();
    running.signal("TERM");
    running.wait_until_closed();
    let mut bytes = vec![b'H'];
    client.read_to_end(&mut bytes).unwrap();
    let response = exchange::parse(&bytes);
    assert_eq!((response.status, response.body.len()), (200, LONG));
    drop(client);
    assert_eq!(running.wait().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (_site, running, _client) = busy();
    running.signal("TERM");
    running.wait_until_closed();
    running.signal("TERM");
    assert_eq!(running.wait().code(), Some(130));
}

const PAGES: &str = r#"spin_manifest_version = 2

[application]
name = "edited"

[[trigger.http]]
route = "/..."
component = "pages"

[component.pages]
source = "modules/bartholomew.wasm"
files = ["config/*", "content/**/*", "templates/*"]
"#;

const EDITED: [(&str, &str); 3] = [
    ("config/site.toml", "title = \"Edited\"\n[extra]\n"),
    ("templates/main.hbs", "{{{page.body}}}"),
    ("content/index.md", "title = \"Home\"\n---\nfirst\n"),
];

/// How many releases have files in a cache.
fn releases(cache: &Scratch) -> usize {
    let entries = std::fs::read_dir(cache.path().join("bart/up")).unwrap();
    entries
        .filter(|entry| entry.as_ref().unwrap().path().is_dir())
        .count()
}

#[test]
fn edits_of_a_site_far_from_the_repository_show_up() {
    let site = Scratch::site(PAGES, &EDITED);
    let elsewhere = Scratch::new();
    let folder = site.path().to_str().unwrap();
    let cache = Scratch::new();
    let running = Running::start(
        bart(elsewhere.path(), &["up", folder, "--listen", "127.0.0.1:0"])
            .env("XDG_CACHE_HOME", cache.path()),
        1,
    );
    let shows = |path: &str, text: &str| {
        exchange::send(running.address, "GET", path, &[])
            .text()
            .contains(text)
    };
    assert!(shows("/", "<p>first</p>"));

    // Some editors rename a new file into place, others write into the old one.
    site.write("content/index.md", "title = \"Home\"\n---\nsecond\n");
    eventually("the replaced page showed", || shows("/", "<p>second</p>"));
    let mut file = OpenOptions::new()
        .append(true)
        .open(site.path().join("content/index.md"))
        .unwrap();
    file.write_all(b"\nthird\n").unwrap();
    eventually("the longer page showed", || shows("/", "<p>third</p>"));
    site.write("content/added.md", "title = \"Added\"\n---\nfourth\n");
    eventually("the new page showed", || shows("/added", "<p>fourth</p>"));
    std::fs::remove_file(site.path().join("content/added.md")).unwrap();
    eventually("the removed page was gone", || shows("/added", "not found"));
    site.write(
        "spin.toml",
        format!("{PAGES}environment = {{ BASE_URL = \"x\" }}\n"),
    );
    site.write("templates/main.hbs", "at {{site.info.base_url}}");
    eventually("the new manifest showed", || shows("/", "at x"));
    // The old one goes after the new one answers.
    eventually("only the last release kept its files", || {
        releases(&cache) == 1
    });
    running.signal("TERM");
    assert_eq!(running.wait().code(), Some(0));
    assert_eq!(releases(&cache), 0, "nothing is left at the end");
}

#[test]
fn an_end_in_the_middle_of_an_edit_leaves_no_files() {
    let site = Scratch::site(PAGES, &EDITED);
    // So many that there is a middle.
    for number in 0..2000 {
        site.write(&format!("content/files/{number}.txt"), "a file");
    }
    let cache = Scratch::new();
    let running = Running::start(
        bart(site.path(), &["up", "--listen", "127.0.0.1:0"]).env("XDG_CACHE_HOME", cache.path()),
        1,
    );
    site.write("content/index.md", "title = \"Home\"\n---\nsecond\n");
    eventually("the new release got its files", || {
        let home = exchange::send(running.address, "GET", "/", &[]);
        releases(&cache) == 2 || home.text().contains("second")
    });
    running.signal("TERM");
    assert_eq!(running.wait().code(), Some(0));
    assert_eq!(releases(&cache), 0);
}

#[test]
fn files_that_processes_left_are_removed_by_the_next_one() {
    let site = Scratch::site(PAGES, &EDITED);
    let cache = Scratch::new();
    for left in [
        "killed/lock",
        "killed/0/index.md",
        "half-removed/0/index.md",
    ] {
        cache.write(&format!("bart/up/{left}"), "");
    }
    let running = Running::start(
        bart(site.path(), &["up", "--listen", "127.0.0.1:0"]).env("XDG_CACHE_HOME", cache.path()),
        1,
    );
    assert_eq!(releases(&cache), 1, "its own");
    running.signal("TERM");
    assert_eq!(running.wait().code(), Some(0));
    assert_eq!(releases(&cache), 0);
}
