//! The same site has the same digest wherever, whenever and by whomever it is published.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{Machine, SITE};
use crate::scratch::Scratch;

/// More files than there are layers, so that there are packs too.
const FILES: usize = 450;

/// Writes the site with its files in the order of `indexes`, all of them written at `time`.
fn site(indexes: impl Iterator<Item = usize>, time: SystemTime) -> Scratch {
    let site = Scratch::site(SITE, &[]);
    for index in indexes {
        let mut file = site.create(&format!("static/{}/{index}.html", index % 7));
        let text = format!("page {index} ").repeat(20 + index % 5);
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        file.set_modified(time).unwrap();
    }
    File::open(site.manifest())
        .unwrap()
        .set_modified(time)
        .unwrap();
    site
}

/// The digest of what `bart push --output` writes with this umask.
fn digest(machine: &Machine, folder: &Path, umask: &str) -> String {
    let arguments = ["push", "1", "--output", "../layout", "--json", "--quiet"];
    let bart = machine.bart(folder, &arguments);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask $0; exec \"$@\"", umask])
        .arg(bart.get_program())
        .args(bart.get_args())
        .current_dir(folder);
    for (name, value) in bart.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let output = shell.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["digest"].as_str().unwrap().to_owned()
}

#[test]
fn folder_umask_times_and_order_of_files_do_not_change_the_digest() {
    let now = SystemTime::now();
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let one = site(0..FILES, now);
    let other = site((0..FILES).rev(), then);
    let outer = Scratch::new();
    outer.copy(other.path(), "a/longer/way/to/the/site");
    let elsewhere = outer.path().join("a/longer/way/to/the/site");
    let first = digest(&Machine::new(), one.path(), "0022");
    let second = digest(&Machine::new(), &elsewhere, "0077");
    assert_eq!(first, second);

    other.write("static/0/0.html", "another page 0");
    let third = digest(&Machine::new(), other.path(), "0022");
    assert_ne!(first, third, "another page is another site");
}
