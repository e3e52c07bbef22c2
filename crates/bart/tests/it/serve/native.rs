//! Native code: compiled once, taken from the cache or from a folder that came with bart, and refused where it cannot be trusted.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{digest_of, registry, repository, serve_v1, wait_until_sealed};
use crate::process::{bart, eventually};
use crate::registry::ScriptedRegistry;
use crate::scratch::Scratch;
use crate::serving::Serving;

/// What a start says when it compiles.
const COMPILES: &str = "compiling component";

/// Something that happens to the bytes of a file.
type Change = fn(&mut Vec<u8>);

/// The files of native code below a folder.
fn native_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(keys) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = keys
        .flat_map(|key| fs::read_dir(key.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
}

/// A cache with the release `v1`, its native code included.
fn pulled(registry: &ScriptedRegistry) -> Scratch {
    let folder = Scratch::new();
    let reference = format!("{}:v1", repository(registry));
    let output = bart(folder.path(), &["pull", &reference, "--cache-dir", "cache"])
        .output()
        .unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    assert!(log.contains(COMPILES), "{log}");
    folder
}

fn cache(folder: &Scratch) -> PathBuf {
    folder.path().join("cache/bart/native")
}

/// Starts, reads a page that a component makes, and returns the log until then.
fn log_of_a_start(folder: &Scratch, registry: &ScriptedRegistry, arguments: &[&str]) -> String {
    let mut serving = Serving::ready(serve_v1(folder, registry).args(arguments));
    assert!(serving.get("/index.txt").text().contains("Line 1"));
    serving.log()
}

/// Changes the bytes of a file in place, as a bad disk does.
fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    File::create(path).unwrap().write_all(&bytes).unwrap();
}

#[test]
fn a_component_is_compiled_once() {
    let registry = registry();
    let folder = Scratch::new();
    {
        let mut serving = Serving::start(&mut serve_v1(&folder, &registry));
        serving.line(COMPILES);
        let digest = digest_of(&mut serving);
        assert!(serving.get("/index.txt").text().contains("Line 1"));
        wait_until_sealed(&folder, &digest);
    }
    assert!(!native_files(&cache(&folder)).is_empty());
    let mut again = Serving::ready(serve_v1(&folder, &registry).arg("--log-startup"));
    assert!(again.get("/index.txt").text().contains("Line 1"));
    again.line("phase=\"answered\"");
    let log = again.log();
    for phase in [
        "bound", "resolved", "pulled", "engine", "prepared", "serving",
    ] {
        assert!(
            log.contains(&format!("phase=\"{phase}\"")),
            "{phase}: {log}"
        );
    }
    assert!(!log.contains(COMPILES), "{log}");
    let metrics = again.ask("/metrics").text();
    assert!(
        metrics.contains("bart_startup_seconds{phase=\"answered\"}"),
        "{metrics}"
    );
}

#[test]
fn a_pull_compiles_so_that_a_start_need_not() {
    let registry = registry();
    let folder = pulled(&registry);
    let log = log_of_a_start(&folder, &registry, &[]);
    assert!(!log.contains(COMPILES), "{log}");
}

#[test]
fn a_damaged_file_is_compiled_again_with_one_warning_and_replaced() {
    let changes: [(&str, Change); 2] = [
        ("its checksum is wrong", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x10;
        }),
        ("it is cut off", |bytes| bytes.truncate(bytes.len() / 3)),
    ];
    let registry = registry();
    let folder = pulled(&registry);
    for (reason, change) in changes {
        let files = native_files(&cache(&folder));
        for file in &files {
            damage(file, change);
        }
        let log = log_of_a_start(&folder, &registry, &[]);
        let warnings = log.matches(reason).count();
        assert_eq!(warnings, files.len(), "{log}");
        assert!(log.contains("another copy is used or compiled"), "{log}");
        assert!(log.contains(COMPILES), "{log}");
        let log = log_of_a_start(&folder, &registry, &[]);
        assert!(!log.contains(reason) && !log.contains(COMPILES), "{log}");
    }
}

#[test]
fn a_folder_that_others_can_write_is_refused_with_the_reason() {
    let registry = registry();
    let folder = pulled(&registry);
    fs::set_permissions(cache(&folder), Permissions::from_mode(0o777)).unwrap();
    let log = log_of_a_start(&folder, &registry, &[]);
    assert_eq!(log.matches("others can write").count(), 1, "{log}");
    assert!(log.contains("cache/bart/native"), "{log}");
    assert!(log.contains(COMPILES), "{log}");
}

#[test]
fn a_folder_that_came_with_bart_is_looked_into_first_and_never_written() {
    let registry = registry();
    let folder = pulled(&registry);
    fs::rename(cache(&folder), folder.path().join("image")).unwrap();
    let image = native_files(&folder.path().join("image"));
    let log = log_of_a_start(&folder, &registry, &["--native-dir", "image"]);
    assert!(!log.contains(COMPILES), "{log}");
    assert!(native_files(&cache(&folder)).is_empty());
    // What is wrong in it is told, and made in the cache.
    damage(&image[0], |bytes| bytes[100] ^= 1);
    let damaged = fs::read(&image[0]).unwrap();
    let log = log_of_a_start(&folder, &registry, &["--native-dir", "image"]);
    assert!(log.contains("its checksum is wrong"), "{log}");
    eventually("the cache has it", || {
        native_files(&cache(&folder)).len() == 1
    });
    assert_eq!(fs::read(&image[0]).unwrap(), damaged);
}

#[test]
fn a_check_of_the_cache_finds_damaged_native_code() {
    let registry = registry();
    let folder = pulled(&registry);
    let files = native_files(&cache(&folder));
    damage(&files[0], |bytes| bytes[1_000] ^= 1);
    let verify = || {
        let arguments = ["cache", "verify", "--json", "--cache-dir", "cache"];
        let output = bart(folder.path(), &arguments).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), json)
    };
    let (code, json) = verify();
    assert_eq!(
        (code, json["native"].as_u64()),
        (Some(20), Some(files.len() as u64))
    );
    assert_eq!(json["damaged_native"].as_array().unwrap().len(), 1);
    assert!(!files[0].exists());
    assert_eq!(verify().0, Some(0));
}
