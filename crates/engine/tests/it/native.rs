//! Native code in files: what is run, and what is refused and why.

use std::fs::{self, Permissions};
use std::ops::Range;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use std::{iter, thread};

use engine::native::{Compiler, Distrust, Flaw, LoadError, NativeFile};
use engine::{Clock, Code, Connections, Limits, Module, Wasm};
use tempfile::TempDir;
use twox_hash::XxHash3_64;

use crate::probe::{self, PROBE};

/// The probe's native code for this machine, as a file has it.
static CODE: LazyLock<Vec<u8>> =
    LazyLock::new(|| Compiler::here().unwrap().compile(&PROBE).unwrap());

/// The last bytes: a mark, where the code begins and ends, and the checksum of all that is no code.
const SEAL: usize = 32;

/// So much of the code has a checksum of its own.
const PIECE: usize = 256 << 10;

/// A folder with native code in `key/probe.cwasm`.
struct Shelf(TempDir);

/// Something on the way to a file.
type Place = fn(&Shelf) -> PathBuf;

impl Shelf {
    fn new(code: &[u8]) -> Shelf {
        let folder = TempDir::new().unwrap();
        let shelf = Shelf(folder);
        fs::create_dir(shelf.folder()).unwrap();
        fs::write(shelf.file(), code).unwrap();
        for (path, mode) in [(shelf.folder(), 0o755), (shelf.file(), 0o444)] {
            set_mode(&path, mode);
        }
        shelf
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn folder(&self) -> PathBuf {
        self.root().join("key")
    }

    fn file(&self) -> PathBuf {
        self.folder().join("probe.cwasm")
    }

    fn open(&self) -> Result<NativeFile, LoadError> {
        NativeFile::open(self.root(), &self.file())
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn wasm() -> Wasm {
    Wasm::new(Limits::default()).unwrap()
}

fn load(wasm: &Wasm, shelf: &Shelf) -> Result<Module, LoadError> {
    wasm.load(&shelf.open()?)
}

/// Where the code begins and ends in a file, which its seal says after the mark.
fn place_of_code(file: &[u8]) -> Range<usize> {
    let seal = &file[file.len() - SEAL..];
    let [start, end] = [8, 16].map(|at| {
        let number = seal[at..at + 8].try_into().unwrap();
        usize::try_from(u64::from_le_bytes(number)).unwrap()
    });
    start..end
}

/// Another description with a right checksum.
fn resealed(file: &[u8]) -> Vec<u8> {
    let (bytes, seal) = file.split_at(file.len() - SEAL);
    let code = place_of_code(file);
    let parts = [
        &seal[8..16],
        &seal[16..24],
        &bytes[..code.start],
        &bytes[code.end..],
    ];
    let checksum = parts.into_iter().fold(0, XxHash3_64::oneshot_with_seed);
    [bytes, &seal[..24], &checksum.to_le_bytes()].concat()
}

/// Replaces the only occurrence of some bytes by as many others.
fn replace(code: &mut [u8], old: &[u8], new: &[u8]) {
    assert_eq!(old.len(), new.len());
    let places: Vec<usize> = (0..=code.len() - old.len())
        .filter(|at| code[*at..].starts_with(old))
        .collect();
    assert_eq!(places.len(), 1, "{}", String::from_utf8_lossy(old));
    code[places[0]..][..new.len()].copy_from_slice(new);
}

#[test]
fn what_was_compiled_is_loaded() {
    let wasm = wasm();
    assert_eq!(wasm.key(), Compiler::here().unwrap().key());
    let shelf = Shelf::new(&CODE);
    shelf.open().unwrap();
    let loaded = load(&wasm, &shelf).unwrap();
    // Also what a process compiled for itself, and what it loaded.
    for module in [wasm.compile(&PROBE).unwrap(), loaded] {
        let shelf = Shelf::new(&module.native_code().unwrap());
        load(&wasm, &shelf).unwrap();
    }
}

#[test]
fn early_code_and_the_code_that_replaces_it_answer_alike() {
    let limits = Limits {
        memory: 32 << 20,
        request_timeout: Duration::from_secs(1),
        ..Limits::default()
    };
    let probes = probe::serve_nothing(limits, Connections::default(), Clock::default());
    let shelf = Shelf::new(&CODE);
    let file = shelf.open().unwrap();
    let (code, promise) = Code::promised({
        let wasm = Arc::clone(&probes.wasm);
        move || load(&wasm, &shelf).map_err(|error| error.to_string())
    });
    probes.replace_with(probe::MANIFEST, &code);
    promise.keep(Ok(probes.wasm.load_early(&file).unwrap()));
    drop(file);
    let answers = || ["/environment", "/trap", "/memory", "/loop"].map(|path| probes.get(path).0);
    assert_eq!(answers(), [200, 500, 500, 504]);
    assert!(probe::RUNTIME.block_on(code.settle()).is_ok());
    assert_eq!(answers(), [200, 500, 500, 504]);
}

#[test]
fn a_file_that_is_not_there_is_missing() {
    let shelf = Shelf::new(&CODE);
    for file in ["key/other.cwasm", "other/probe.cwasm"] {
        let result = NativeFile::open(shelf.root(), &shelf.root().join(file));
        assert!(matches!(result, Err(LoadError::Missing { .. })), "{file}");
    }
    let nowhere = shelf.root().join("nowhere");
    let result = NativeFile::open(&nowhere, &nowhere.join("key/probe.cwasm"));
    assert!(matches!(result, Err(LoadError::Missing { .. })));
}

#[test]
fn damage_of_any_kind_is_found() {
    let length = CODE.len();
    let flipped = |at: usize, bit: u8| {
        let mut code = CODE.clone();
        code[at] ^= 1 << bit;
        code
    };
    let code = place_of_code(&CODE);
    let torn = [
        ("empty", Vec::new()),
        ("a part of the seal", CODE[..SEAL - 1].to_vec()),
        ("half of it", CODE[..length / 2].to_vec()),
        ("the last byte cut off", CODE[..length - 1].to_vec()),
        ("without a seal", CODE[..length - SEAL].to_vec()),
        ("one byte more", [&CODE[..], b"x"].concat()),
    ];
    let torn = torn.map(|(what, bytes)| (what, bytes, Flaw::Torn));
    let damaged = [
        ("the first bit", 0, 0),
        ("the last bit before the code", code.start - 1, 7),
        ("the first bit of the code", code.start, 0),
        ("a bit in the middle", length / 2, 7),
        ("the last bit of a piece", code.start + PIECE - 1, 7),
        ("the first bit of the next piece", code.start + PIECE, 0),
        ("the last bit of the code", code.end - 1, 7),
        ("the first bit after it", code.end, 0),
        (
            "the end of the code, far behind the file",
            length - SEAL + 23,
            7,
        ),
        (
            "a bit of the checksum of the last piece",
            length - SEAL - 1,
            3,
        ),
        ("a bit of the checksum of all else", length - 1, 3),
    ];
    let damaged = damaged.map(|(what, at, bit)| (what, flipped(at, bit), Flaw::Damaged));
    let cases = torn.into_iter().chain(damaged);
    let wasm = wasm();
    for (what, code, expected) in cases {
        let shelf = Shelf::new(&code);
        match load(&wasm, &shelf) {
            Err(LoadError::Flawed { flaw, .. }) => assert_eq!(flaw, expected, "{what}"),
            Err(error) => panic!("{what}: {error}"),
            Ok(_) => panic!("{what} was loaded"),
        }
    }
}

#[test]
fn code_is_looked_through_after_what_describes_it() {
    let code = place_of_code(&CODE);
    assert!(code.len() > CODE.len() / 2, "{code:?} of {}", CODE.len());
    let mut damaged = CODE.clone();
    damaged[code.start] ^= 1;
    let file = Shelf::new(&damaged).open().unwrap();
    for _ in 0..2 {
        let result = file.check();
        assert!(
            matches!(result, Err(LoadError::Flawed { .. })),
            "{result:?}"
        );
    }
}

#[test]
fn threads_that_look_through_code_share_the_work_and_find_the_same() {
    let code = place_of_code(&CODE);
    let pieces = code.len().div_ceil(PIECE);
    let mut damaged = CODE.clone();
    damaged[code.end - 1] ^= 1;
    for (bytes, is_whole) in [(&*CODE, true), (&damaged, false)] {
        let file = Shelf::new(bytes).open().unwrap();
        let looked_through = thread::scope(|scope| {
            let check = || {
                let looked_through = iter::from_fn(|| file.check_piece().then_some(())).count();
                assert_eq!(file.check().is_ok(), is_whole);
                looked_through
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(check)).collect();
            let counts = threads.into_iter().map(|thread| thread.join().unwrap());
            counts.sum::<usize>()
        });
        assert_eq!(looked_through, pieces);
    }
}

#[test]
fn code_of_another_version_or_another_cpu_is_refused() {
    let mut cases: Vec<(&[u8], &[u8], &str)> = vec![(b"\x00\x0248", b"\x00\x0247", "version '47'")];
    if cfg!(target_arch = "x86_64") {
        // A feature of Arm, which this machine does not have.
        cases.push((b"has_avx2", b"has_i8mm", "has_i8mm"));
        cases.push((b"x86_64-unknown", b"riscv64-unkown", "riscv64"));
    }
    let wasm = wasm();
    for (old, new, expected) in cases {
        let mut code = CODE.clone();
        replace(&mut code, old, new);
        let shelf = Shelf::new(&resealed(&code));
        shelf.open().unwrap();
        match load(&wasm, &shelf) {
            Err(LoadError::Refused { reason, .. }) => {
                assert!(reason.contains(expected), "{reason}");
            }
            Err(error) => panic!("{expected}: {error}"),
            Ok(_) => panic!("{expected} was loaded"),
        }
    }
}

#[test]
fn what_others_can_write_is_refused() {
    let places: [(&str, Place); 3] = [
        ("the root", |shelf| shelf.root().to_owned()),
        ("the folder", Shelf::folder),
        ("the file", Shelf::file),
    ];
    for (what, place) in places {
        for others in [0o020, 0o002, 0o022] {
            let shelf = Shelf::new(&CODE);
            let path = place(&shelf);
            set_mode(&path, 0o755 | others);
            match shelf.open() {
                Err(LoadError::Distrusted(Distrust::Mode { path: named, mode })) => {
                    assert_eq!((named, mode), (path, 0o755 | others), "{what}");
                }
                result => panic!("{what} {others:o}: {result:?}"),
            }
        }
    }
}

#[test]
fn what_belongs_to_somebody_else_is_refused() {
    let somebody = 12_345;
    let places: [Place; 2] = [Shelf::folder, Shelf::file];
    for place in places {
        let shelf = Shelf::new(&CODE);
        let path = place(&shelf);
        if chown(&path, Some(somebody), None).is_err() {
            eprintln!("skipped: only root can give files away");
            return;
        }
        match shelf.open() {
            Err(LoadError::Distrusted(Distrust::Owner {
                path: named, owner, ..
            })) => {
                assert_eq!((named, owner), (path, somebody));
            }
            result => panic!("{result:?}"),
        }
    }
}

#[test]
fn links_and_folders_are_refused() {
    let elsewhere = Shelf::new(&CODE);
    let linked_file = Shelf::new(&CODE);
    fs::remove_file(linked_file.file()).unwrap();
    symlink(elsewhere.file(), linked_file.file()).unwrap();
    let linked_folder = Shelf::new(&CODE);
    fs::remove_dir_all(linked_folder.folder()).unwrap();
    symlink(elsewhere.folder(), linked_folder.folder()).unwrap();
    let folder = Shelf::new(&CODE);
    fs::remove_file(folder.file()).unwrap();
    fs::create_dir(folder.file()).unwrap();
    for (shelf, wrong) in [
        (&linked_file, linked_file.file()),
        (&linked_folder, linked_folder.folder()),
        (&folder, folder.file()),
    ] {
        match shelf.open() {
            Err(LoadError::Distrusted(Distrust::Kind { path })) => assert_eq!(path, wrong),
            result => panic!("{result:?}"),
        }
    }
}
