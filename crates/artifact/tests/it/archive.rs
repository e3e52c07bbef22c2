//! Archives: what is taken out of them, and what is refused.

use std::io::{self, Write};

use anyhow::Result;
use artifact::unpack::{Contents, Limits};
use artifact::{Descriptor, LockedApp, Manifest, media_type};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::draft::text;
use crate::fixture::Memory;

/// A tar, member by member.
struct Tar(tar::Builder<Vec<u8>>);

impl Tar {
    fn new() -> Tar {
        Tar(tar::Builder::new(Vec::new()))
    }

    fn with(self, name: &str, bytes: &[u8]) -> Tar {
        self.entry(tar::EntryType::Regular, name, bytes)
    }

    fn entry(mut self, kind: tar::EntryType, name: &str, bytes: &[u8]) -> Tar {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        self.0.append_data(&mut header, name, bytes).unwrap();
        self
    }

    fn compressed(self) -> Vec<u8> {
        gzip(&self.0.into_inner().unwrap())
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// Reads an artifact of one component with one archive. The component has these contents as files; they are returned in the order of digests.
fn unpack(archive: &[u8], wanted: &[&[u8]], limits: &Limits) -> Result<Vec<Vec<u8>>> {
    let file = |(index, bytes): (usize, &&[u8])| json!({"path": index.to_string(), "digest": artifact::Digest::of(bytes)});
    let files: Vec<Value> = wanted.iter().enumerate().map(file).collect();
    let app = json!({
        "spin_lock_version": 0,
        "triggers": [],
        "components": [{"id": "c", "source": {"content_type": "application/wasm", "inline": ""}, "files": files}],
    });
    let app = app.to_string().into_bytes();
    let blob = Descriptor::of(media_type::ARCHIVE, archive);
    let manifest = Manifest {
        annotations: Default::default(),
        config: Descriptor::of(media_type::IMAGE_CONFIG, b"{}"),
        layers: vec![blob, Descriptor::of(media_type::LOCKED_APP, &app)],
        media_type: None,
        schema_version: 2,
    };
    let contents = Contents::new(&manifest, &LockedApp::parse(&app)?)?;
    let mut kept = Memory::default();
    contents
        .needed(|_| false)
        .read(limits, |_| Ok(archive), &mut kept)?;
    kept.0.retain(|_, bytes| !bytes.is_empty());
    Ok(kept.0.into_values().collect())
}

fn refused(archive: &[u8], wanted: &[&[u8]], limits: &Limits) -> String {
    format!("{:#}", unpack(archive, wanted, limits).unwrap_err())
}

#[test]
fn members_are_taken_by_content_whatever_their_names() {
    let sizes = [1, 511, 512, 513, 65_535, 65_536, 65_537, 300_000];
    for size in sizes {
        let bytes = text(0, size);
        let archive = Tar::new()
            .with("other", b"nobody wants this")
            .with(&"deep/".repeat(60), &bytes)
            .with("large and unwanted", &text(0, 100_001))
            .with("again", &bytes)
            .compressed();
        let kept = unpack(&archive, &[&bytes], &Limits::default()).unwrap();
        assert!(kept == [bytes], "of {size} bytes");
    }
}

#[test]
fn only_regular_files_have_content() {
    use tar::EntryType;
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Fifo,
        EntryType::GNUSparse,
    ] {
        let archive = Tar::new().entry(kind, "x", b"content").compressed();
        let error = refused(&archive, &[b"content"], &Limits::default());
        assert!(
            error.contains("the file `0` of the component `c` is missing"),
            "{kind:?}: {error}"
        );
    }
}

#[test]
fn an_archive_that_is_cut_short_is_refused_wherever_it_is_cut() {
    let wanted: &[u8] = b"the first member, which is whole";
    let archive = Tar::new()
        .with("first", wanted)
        .with("second", &text(0, 200_000))
        .compressed();
    assert!(unpack(&archive, &[wanted], &Limits::default()).is_ok());
    for left in [
        0,
        5,
        10,
        100,
        1000,
        100_000,
        archive.len() - 9,
        archive.len() - 8,
        archive.len() - 1,
    ] {
        let error = refused(&archive[..left], &[wanted], &Limits::default());
        assert!(
            error.contains("failed to unpack the archive"),
            "{left}: {error}"
        );
    }
}

#[test]
fn a_tar_that_ends_inside_a_member_is_refused() {
    let tar = Tar::new()
        .with("a", &text(0, 100_000))
        .0
        .into_inner()
        .unwrap();
    for left in [600, 50_000, 100_000] {
        let archive = gzip(&tar[..left]);
        let error = refused(&archive, &[&text(0, 100_000)], &Limits::default());
        assert!(
            error.contains("failed to unpack the archive"),
            "{left}: {error}"
        );
    }
}

#[test]
fn what_is_no_archive_is_refused() {
    for bytes in [b"plain text".to_vec(), gzip(&text(0, 2000)), Vec::new()] {
        let error = refused(&bytes, &[b"x"], &Limits::default());
        assert!(error.contains("failed to unpack the archive"), "{error}");
    }
}

#[test]
fn archives_that_inflate_without_measure_are_refused() {
    let small = Limits {
        inflated: 1 << 20,
        entries: 50,
        ratio: 20,
        ratio_from: 100_000,
    };
    let many = (0..51).fold(Tar::new(), |tar, index| {
        tar.with(&index.to_string(), &text(0, 100))
    });
    let folders = (0..51).fold(Tar::new(), |tar, _| {
        tar.entry(tar::EntryType::Directory, "d", b"")
    });
    let long_name = Tar::new().entry(tar::EntryType::GNULongName, "n", &vec![b'n'; 4 << 20]);
    for (archive, reason) in [
        (
            Tar::new().with("zeros", &vec![0; 900_000]),
            "it inflates to more than 20 times its size",
        ),
        (
            Tar::new().with("noise", &text(0, 1 << 20)),
            "it inflates to more than 1048576 bytes",
        ),
        (long_name, "it inflates to more than"),
        (many, "it has more than 50 entries"),
        (folders, "it has more than 50 entries"),
    ] {
        let error = refused(&archive.compressed(), &[b"x"], &small);
        assert!(
            error.contains("is refused") && error.contains(reason),
            "{error}"
        );
    }
    let zeros = vec![0; 90_000];
    let below = Tar::new().with("zeros", &zeros).compressed();
    assert!(
        unpack(&below, &[&zeros], &small).is_ok(),
        "short runs are no bombs"
    );
}

#[test]
fn zeros_after_the_end_count_too() {
    let mut tar = Tar::new().with("a", b"wanted").0.into_inner().unwrap();
    tar.resize(64 << 20, 0);
    let error = refused(&gzip(&tar), &[b"wanted"], &Limits::default());
    assert!(error.contains("200 times its size"), "{error}");
}

#[test]
fn a_place_that_cannot_keep_is_told_from_an_archive_that_cannot_be_read() {
    struct Full;
    impl artifact::unpack::Sink for Full {
        type Pending = Vec<u8>;
        fn begin(&mut self) -> io::Result<Vec<u8>> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn keep(&mut self, _: Vec<u8>, _: artifact::Digest, _: u64) -> io::Result<()> {
            unreachable!("nothing was begun")
        }
    }
    let artifact = crate::fixture::read("archive").unwrap();
    let layout = crate::fixture::layout();
    let needed = |inline| {
        artifact
            .contents
            .needed(|digest| inline == (artifact.bytes.0[digest].len() <= 128))
    };
    for (inline, text) in [
        (true, "failed to keep `sha256:"),
        (false, "failed to keep `sha256:"),
    ] {
        let error = needed(!inline)
            .read(&Limits::default(), |blob| layout.blob(blob), &mut Full)
            .unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
    let mut archives = needed(true);
    archives.blobs.clear();
    let error = archives
        .read(&Limits::default(), |blob| layout.blob(blob), &mut Full)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("failed to keep content of the archive"),
        "{error}"
    );
}

#[test]
fn what_is_there_already_is_not_read_again() {
    let artifact = crate::fixture::read("archive").unwrap();
    let all = artifact.contents.needed(|_| false);
    assert_eq!((all.archives.len(), all.blobs.len()), (2, 1));
    let nothing = artifact
        .contents
        .needed(|digest| artifact.bytes.0.contains_key(digest));
    assert!(nothing.archives.is_empty() && nothing.blobs.is_empty() && nothing.inline.is_empty());
    let module = artifact.contents.components[0].module;
    let only_wasm = artifact.contents.needed(|digest| *digest != module);
    assert_eq!((only_wasm.archives.len(), only_wasm.blobs.len()), (0, 1));
}
