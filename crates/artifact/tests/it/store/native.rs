//! Native code: kept whole, listed, and removed when nobody needs it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::SystemTime;

use artifact::Digest;
use artifact::store::{NativeFile, NativePolicy};

use super::sample::{Sample, age, store};

const ENGINE: &str = "x86_64-v3-0011223344556677";
const OLDER: &str = "x86_64-v3-8899aabbccddeeff";

fn digests(files: &[NativeFile]) -> Vec<(&str, Digest)> {
    files
        .iter()
        .map(|file| (file.engine_key.as_str(), file.wasm))
        .collect()
}

#[test]
fn what_is_kept_is_found_at_its_place_and_nobody_else_can_write_it() {
    let (_volume, store) = store();
    let wasm = Digest::of(b"a module");
    store.keep_native(ENGINE, &wasm, b"old code").unwrap();
    store.keep_native(ENGINE, &wasm, b"its code").unwrap();
    let path = store.native(ENGINE, &wasm);
    let expected = format!("native/{ENGINE}/{}.cwasm", wasm.hex());
    assert_eq!(path, store.root().join(expected));
    assert_eq!(fs::read(&path).unwrap(), b"its code");
    let mut place = path.as_path();
    while place != store.root() {
        let mode = fs::metadata(place).unwrap().permissions().mode();
        assert_eq!(mode & 0o022, 0, "{}", place.display());
        place = place.parent().unwrap();
    }
    let listing = store.list(SystemTime::now()).unwrap();
    assert_eq!((listing.native.files, listing.native.bytes), (1, 8));
}

#[test]
fn writers_at_once_leave_a_whole_file_at_every_moment() {
    let (_volume, store) = store();
    let wasm = Digest::of(b"a module");
    let code = |writer: u8| vec![writer; 300_000];
    store.keep_native(ENGINE, &wasm, &code(0)).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(Ordering::Acquire) || reads == 0 {
                let found = fs::read(store.native(ENGINE, &wasm)).unwrap();
                assert_eq!(found, code(found[0]));
                reads += 1;
            }
        });
        let writers: Vec<_> = (1..=4)
            .map(|writer| {
                let (store, wasm) = (&store, &wasm);
                scope.spawn(move || {
                    for _ in 0..10 {
                        store.keep_native(ENGINE, wasm, &code(writer)).unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Release);
        reader.join().unwrap();
    });
    assert_eq!(store.native_files().unwrap().len(), 1);
}

#[test]
fn a_clean_up_takes_what_neither_an_engine_nor_a_release_needs() {
    let (volume, store) = store();
    let sample = Sample::new("site");
    sample.pull(&store).unwrap();
    // A release needs the modules that are among its files.
    let carried = Digest::of(sample.blobs().next().unwrap());
    let bundled = Digest::of(b"bart's own");
    let orphan = Digest::of(b"of no release");
    for wasm in [carried, bundled, orphan] {
        for key in [ENGINE, OLDER] {
            store.keep_native(key, &wasm, b"code").unwrap();
        }
    }
    let policy = NativePolicy {
        engine_key: ENGINE,
        needed: &[bundled],
        gone: &[],
    };
    let unneeded = |policy| store.unneeded_native(policy, SystemTime::now()).unwrap();
    // What was written a moment ago may be about to be run.
    assert_eq!(unneeded(policy), []);
    age(volume.path());
    let found = unneeded(policy);
    let mut expected = vec![(ENGINE, orphan)];
    expected.extend([carried, bundled, orphan].map(|wasm| (OLDER, wasm)));
    let sorted = |mut pairs: Vec<(&'static str, Digest)>| {
        pairs.sort();
        pairs
    };
    let keys = |(key, wasm): (&str, Digest)| (if key == ENGINE { ENGINE } else { OLDER }, wasm);
    assert_eq!(
        sorted(digests(&found).into_iter().map(keys).collect()),
        sorted(expected)
    );
    // With the release goes what only it needs.
    let without = NativePolicy {
        gone: &[sample.manifest],
        ..policy
    };
    assert_eq!(unneeded(without).len(), 5);
    let removed = store.remove_native(&found).unwrap();
    assert_eq!((removed.files, removed.bytes), (4, 16));
    let left = store.native_files().unwrap();
    assert_eq!(digests(&left).len(), 2);
    assert!(left.iter().all(|file| file.engine_key == ENGINE));
    assert!(!store.root().join("native").join(OLDER).exists());
}
