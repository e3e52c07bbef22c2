//! `bart inspect`: the picture of a release.

use serde_json::{Value, json};

use crate::process::Failed;
use crate::publish::{Machine, site};
use crate::registry::ScriptedRegistry;

/// A text without what depends on the components' bytes: each size in other units than bytes, and each digest.
fn blurred(text: &str) -> String {
    let word = |word: &str| {
        let hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hexadecimal && word.len() == 12 || word.starts_with("sha256:") {
            "DIGEST".to_owned()
        } else {
            word.to_owned()
        }
    };
    let line = |line: &str| {
        line.split_whitespace()
            .map(word)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    lines.join("\n")
}

#[test]
fn a_release_is_drawn_as_a_tree_of_components_folders_and_files() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = format!("{}/me/site:0.1.0", registry.host());
    let pushed = machine.json(site.path(), &["push", &reference]);
    registry.forget_requests();
    let text = machine.text(site.path(), &["inspect", &reference]);
    assert_eq!(registry.lines().len(), 2, "the manifest and the locked app");
    assert!(text.contains(pushed["digest"].as_str().unwrap()));
    assert!(!text.contains('\u{1b}'), "no colours in a pipe");
    let tree = text.split("\n\n").nth(1).unwrap();
    let tree = blurred(tree);
    let lines: Vec<&str> = tree.lines().collect();
    assert!(
        lines[0].starts_with("old (/old) ") && lines[0].ends_with(" layer DIGEST"),
        "{text}"
    );
    assert!(lines[1].starts_with("files (/...) 1."), "{text}");
    let index = lines[3];
    assert!(
        index.starts_with("│ └─ files ") && index.ends_with(" kB layer DIGEST"),
        "{text}"
    );
    assert_eq!(
        [&lines[2..3], &lines[4..]].concat(),
        [
            "├─ .bart/",
            "├─ about.html 600 B layer DIGEST",
            "├─ assets/",
            "│ ├─ short.css 5 B inline",
            "│ └─ style.css 600 B layer DIGEST",
            "└─ index.html 600 B layer DIGEST",
        ]
    );
    let head = blurred(text.split("\n\n").next().unwrap());
    assert!(head.contains("content 7 layers, 1."), "{head}");
    assert!(head.contains("title site\n"), "{head}");
}

#[test]
fn what_two_releases_share_is_marked_and_what_a_pull_needs_is_counted() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = |tag: &str| format!("{}/me/site:{tag}", registry.host());
    machine.json(site.path(), &["push", &reference("1")]);
    site.write("static/index.html", "another index ".repeat(50));
    site.write("static/new.html", "short");
    std::fs::remove_file(site.path().join("static/about.html")).unwrap();
    let second = machine.json(site.path(), &["push", &reference("2")]);

    let arguments = ["inspect", &reference("2"), "--compare", &reference("1")];
    let text = machine.text(site.path(), &arguments);
    let marked: Vec<String> = blurred(&text)
        .lines()
        .filter(|line| line.ends_with(" new") || line.ends_with(" changed"))
        .map(|line| {
            line.rsplit(' ').next().unwrap().to_owned() + " " + line.split(' ').nth(1).unwrap()
        })
        .collect();
    assert_eq!(
        marked,
        ["changed └─", "changed index.html", "new new.html"].map(str::to_owned)
    );
    assert!(
        text.contains(": 1 new, 2 changed, 4 same, 1 gone\n"),
        "{text}"
    );
    assert!(text.ends_with("gone: files/about.html\n"), "{text}");

    let picture = machine.json(site.path(), &arguments);
    let compared = &picture["compared"];
    assert_eq!(
        compared["gone"],
        json!([{ "component": "files", "path": "about.html" }])
    );
    // The page, the index of files and the locked app; not the configuration, which no pull takes.
    assert_eq!(compared["pull"]["layers"], 3);
    let uploaded = second["uploaded"]["bytes"].as_u64().unwrap();
    let manifest = picture["manifest_bytes"].as_u64().unwrap();
    let configuration = 209;
    assert_eq!(
        compared["pull"]["bytes"].as_u64().unwrap(),
        uploaded - configuration + manifest
    );

    let same = machine.json(
        site.path(),
        &["inspect", &reference("2"), "--compare", &reference("2")],
    );
    assert_eq!(same["compared"]["pull"], json!({ "layers": 0, "bytes": 0 }));
}

#[test]
fn a_layout_is_drawn_as_a_registry_is() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = format!("{}/me/site:1", registry.host());
    machine.json(site.path(), &["push", &reference]);
    machine.json(site.path(), &["push", "1", "--output", "layout"]);
    let without_name = |mut picture: Value| {
        picture["reference"].take();
        picture
    };
    let remote = without_name(machine.json(site.path(), &["inspect", &reference]));
    let local = machine.json(site.path(), &["inspect", "--layout", "layout"]);
    assert_eq!(local["reference"], "layout:1");
    assert_eq!(without_name(local), remote);
    let arguments = [
        "inspect",
        "1",
        "--layout",
        "layout",
        "--compare",
        &reference,
    ];
    let compared = machine.json(site.path(), &arguments);
    assert_eq!(compared["compared"]["changed"], 0);
    for arguments in [
        &["inspect", "2", "--layout", "layout"][..],
        &["inspect", "--layout", "static"],
        &["inspect"],
        &["inspect", "nonsense"],
    ] {
        let failed = Failed::run(&mut machine.bart(site.path(), arguments));
        assert_eq!(failed.code, Some(2), "{arguments:?}: {}", failed.stderr);
    }
}

#[test]
fn names_from_outside_move_no_cursor_and_forge_no_line() {
    let (machine, site) = (Machine::new(), site());
    site.write("static/a\u{1b}[2Jb\nc.html", "hidden");
    let arguments = [
        "push",
        "1",
        "--output",
        "layout",
        "--annotation",
        "key=\u{1b}[31mred\nline",
    ];
    machine.json(site.path(), &arguments);
    let text = machine.text(site.path(), &["inspect", "--layout", "layout"]);
    assert!(text.contains("├─ a\\u{1b}[2Jb\\nc.html"), "{text}");
    assert!(text.contains("\\u{1b}[31mred\\nline"), "{text}");
    assert!(!text.contains('\u{1b}'));
}
