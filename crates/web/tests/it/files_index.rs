//! The index of files.

use std::ops::Range;

use web::files::index::{Entry, HEAD_LENGTH, Key, write};

fn entry(number: u64) -> Entry {
    Entry {
        digest: [u8::try_from(number % 251).expect("it is less than 251"); 32],
        length: number,
    }
}

/// The index of so many files, and their paths.
fn index(files: u64) -> (Vec<u8>, Vec<String>) {
    let paths: Vec<String> = (0..files)
        .map(|number| format!("folder/{number}.txt"))
        .collect();
    let entries = paths.iter().map(String::as_str).zip((0..).map(entry));
    (write(entries), paths)
}

fn run(index: &[u8], key: &Key) -> Option<Range<usize>> {
    let run = key.run(index.first_chunk::<HEAD_LENGTH>()?)?;
    let offset = |offset| usize::try_from(offset).expect("it is in memory");
    Some(offset(run.start)..offset(run.end))
}

fn look_up(index: &[u8], path: &str) -> Option<Entry> {
    let key = Key::of(path);
    key.find(index.get(run(index, &key)?)?)
}

#[test]
fn every_file_is_found_and_no_other() {
    for files in [0, 1, 2, 255, 3000] {
        let (index, paths) = index(files);
        for (path, number) in paths.iter().zip(0..) {
            assert_eq!(look_up(&index, path), Some(entry(number)), "{path}");
        }
        for path in [
            "",
            "folder",
            "folder/x.txt",
            "folder/0.txt.br",
            "/folder/0.txt",
        ] {
            assert_eq!(look_up(&index, path), None, "`{path}` of {files} files");
        }
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    let files = [("b", entry(1)), ("a", entry(2)), ("c", entry(3))];
    let mut reversed = files;
    reversed.reverse();
    assert_eq!(write(files), write(reversed));
}

#[test]
fn a_lookup_reads_few_records_of_a_large_index() {
    let (index, paths) = index(20_000);
    for path in paths.iter().step_by(97) {
        let run = run(&index, &Key::of(path)).expect("it is an index");
        // 78 records on average.
        assert!(run.len() < 160 * 56, "{path}: {} bytes", run.len());
    }
}

#[test]
fn what_is_no_index_finds_nothing() {
    let (good, paths) = index(300);
    let path = &paths[0];
    assert!(look_up(&good, path).is_some());
    let damaged = |change: fn(&mut Vec<u8>)| {
        let mut index = good.clone();
        change(&mut index);
        index
    };
    let cases: [(&str, Vec<u8>); 6] = [
        ("nothing", Vec::new()),
        ("another format", damaged(|index| index[0] = b'B')),
        ("another version", damaged(|index| index[7] = 2)),
        (
            "a short head",
            damaged(|index| index.truncate(HEAD_LENGTH - 1)),
        ),
        ("no records", damaged(|index| index.truncate(HEAD_LENGTH))),
        (
            "numbers that claim too much",
            damaged(|index| {
                for (place, byte) in index[8..HEAD_LENGTH].iter_mut().enumerate() {
                    *byte = if place / 4 % 2 == 0 { 0 } else { 255 };
                }
            }),
        ),
    ];
    for (what, index) in cases {
        assert_eq!(look_up(&index, path), None, "{what}");
    }
    let zeros = damaged(|index| index[8..].fill(0));
    assert_eq!(look_up(&zeros, path), None);
}
