//! The corpora of the fuzz targets, replayed: seeds, and inputs that once failed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::{TARGETS, reads};

fn folder(name: &str) -> PathBuf {
    // At run time, since two checkouts may share one target folder.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this")).join(name)
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("it is readable").path())
        .filter_map(|path| path.file_stem().and_then(OsStr::to_str).map(str::to_owned))
        .collect()
}

#[test]
fn what_once_failed_holds() {
    for (target, check) in TARGETS {
        let corpus = folder("corpus").join(target);
        let inputs = names(&corpus);
        assert!(!inputs.is_empty(), "`{target}` has no inputs");
        for entry in fs::read_dir(corpus).expect("it is readable") {
            let path = entry.expect("it is readable").path();
            let input = fs::read(&path).expect("it is readable");
            eprintln!("{}", path.display());
            check(&input);
        }
    }
}

#[test]
fn every_target_has_a_program_and_a_corpus() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&folder("fuzz_targets")), targets);
    assert_eq!(names(&folder("corpus")), targets);
}

#[test]
fn what_a_template_does_not_read_does_not_change_its_output() {
    let mut random = Random(11);
    let narrow = (0..250)
        .filter(|_| reads::does_not_read_the_whole_request(&random.bytes(200)))
        .count();
    assert!(
        narrow > 60,
        "only {narrow} templates do not read the whole request"
    );
}

struct Random(u64);

impl Random {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut next = || {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            self.0.to_be_bytes()[0]
        };
        (0..count).map(|_| next()).collect()
    }
}
