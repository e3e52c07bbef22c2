//! The cases in `tests/http`, told and judged by an independent client: `hurl`, where it is installed.

use std::io::{Write, stdout};
use std::process::Command;

use crate::served::{serve, workspace};

#[test]
fn hurl_agrees_with_what_the_bundled_site_answers() {
    let Ok(version) = Command::new("hurl").arg("--version").output() else {
        // Past the capture of the test runner, so that it is seen and counted.
        writeln!(stdout(), "\nskipped: hurl cases: no hurl").unwrap();
        return;
    };
    assert!(version.status.success());
    let served = serve(&workspace().join("spin.toml"), &[]);
    let output = Command::new("hurl")
        .args(["--test", "--no-color", "--variable"])
        .arg(format!("base=http://{}", served.address))
        .arg(workspace().join("tests/http"))
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{report}");
    assert!(!report.contains("Executed files:    0"), "{report}");
}
