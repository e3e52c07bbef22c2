//! `bart push --dry-run`.

use serde_json::Value;

use super::{Machine, site};
use crate::process::Failed;
use crate::registry::ScriptedRegistry;

/// The cells of the rows of a table, which two spaces separate.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let table = text.split("\n\n").next().unwrap();
    table
        .lines()
        .skip(1)
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect()
}

/// The rows about files, without digests.
fn files(text: &str) -> Vec<String> {
    rows(text)
        .into_iter()
        .filter(|row| matches!(row[0], "file" | "inline" | "component"))
        .map(|row| {
            let digest =
                |cell: &&str| cell.len() == 12 && cell.bytes().all(|byte| byte.is_ascii_hexdigit());
            row.into_iter()
                .filter(|cell| !digest(cell))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

#[test]
fn every_file_is_listed_in_bytes_and_nothing_is_sent() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    site.write("static/copy.html", "index ".repeat(100));
    let reference = format!("{}/me/site:1", registry.host());
    let text = machine.text(site.path(), &["push", &reference, "--dry-run", "--quiet"]);
    let listed = files(&text);
    assert_eq!(
        listed[2..],
        [
            listed[2].as_str(),
            "file files about.html 600 new",
            "file files assets/style.css 600 new",
            "file files copy.html (+1) 600 new",
            "inline files assets/short.css 5",
        ]
    );
    assert!(
        listed[0].starts_with("component old ") && listed[0].ends_with(" new"),
        "{text}"
    );
    assert!(listed[2].starts_with("file files .bart/files "), "{text}");
    assert!(text.contains(": 9 new ("), "{text}");
    let sent = registry.requests();
    assert!(
        sent.iter()
            .all(|request| matches!(request.method.as_str(), "GET" | "HEAD"))
    );

    let pushed = machine.json(site.path(), &["push", &reference]);
    assert!(text.contains(pushed["digest"].as_str().unwrap()), "{text}");
    let text = machine.text(site.path(), &["push", &reference, "--dry-run", "--quiet"]);
    assert!(text.ends_with(&format!(
        "is already this content ({})\n",
        pushed["digest"].as_str().unwrap()
    )));
    assert_eq!(files(&text)[3], "file files about.html 600 there");

    site.write("static/about.html", "about this ".repeat(100));
    let other = format!("{}/me/site:2", registry.host());
    let plan = machine.json(site.path(), &["push", &other, "--dry-run"]);
    let blobs = plan["blobs"].as_array().unwrap();
    let new: Vec<&Value> = blobs
        .iter()
        .filter(|blob| blob["new"] == true)
        .map(|blob| &blob["kind"])
        .collect();
    assert_eq!(new, ["config", "file", "file", "locked_app", "manifest"]);
    assert_eq!(plan["new"]["blobs"], 5);
    assert_eq!(plan["there"]["blobs"], 4);
    let sum: u64 = blobs
        .iter()
        .map(|blob| blob["bytes"].as_u64().unwrap())
        .sum();
    let [new, there] = ["new", "there"].map(|key| plan[key]["bytes"].as_u64().unwrap());
    assert_eq!(sum, new + there);
    let second = machine.json(site.path(), &["push", &other]);
    assert_eq!(
        second["digest"], plan["digest"],
        "what was planned is what comes"
    );
    assert_eq!(second["uploaded"]["blobs"], 4, "besides the manifest");
}

#[test]
fn packs_are_listed_with_what_is_in_them() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    for index in 0..450 {
        site.write(
            &format!("static/{index}.html"),
            format!("page {index} ").repeat(30),
        );
    }
    let reference = format!("{}/me/site:1", registry.host());
    let plan = machine.json(site.path(), &["push", &reference, "--dry-run"]);
    let blobs = plan["blobs"].as_array().unwrap();
    let packs = blobs.iter().filter(|blob| blob["kind"] == "pack");
    let held: Vec<&Value> = packs
        .flat_map(|pack| pack["holds"].as_array().unwrap())
        .collect();
    // With the three long files of the site and the index of files.
    assert_eq!(held.len(), 454);
    assert!(held.iter().all(|file| file["uses"][0]["path"].is_string()));
    let text = machine.text(site.path(), &["push", &reference, "--dry-run", "--quiet"]);
    assert_eq!(
        rows(&text).iter().filter(|row| row[0] == "- file").count(),
        454
    );
}

#[test]
fn a_tag_with_other_content_is_told_after_the_table() {
    let registry = ScriptedRegistry::start();
    let (machine, site) = (Machine::new(), site());
    let reference = format!("{}/me/site:1", registry.host());
    machine.json(site.path(), &["push", &reference]);
    site.write("static/index.html", "another");
    let output = machine
        .bart(site.path(), &["push", &reference, "--dry-run"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains(" new ("));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("--force-tag")
    );
    machine.text(
        site.path(),
        &["push", &reference, "--dry-run", "--force-tag"],
    );
}

#[test]
fn without_a_registry_the_table_says_that_nobody_knows_what_is_new() {
    let (machine, site) = (Machine::new(), site());
    // Nobody listens on port 1.
    let output = machine
        .bart(site.path(), &["push", "127.0.0.1:1/me/site:1", "--dry-run"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(": 9 blobs ("), "{text}");
    assert_eq!(files(&text)[3], "file files about.html 600 ?");
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("could not be asked")
    );
    let failed =
        Failed::run(&mut machine.bart(site.path(), &["push", "127.0.0.1:1/me/site:1", "--quiet"]));
    assert_eq!(failed.code, Some(11));
}
