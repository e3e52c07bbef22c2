//! Image layouts: written whole, the same each time, and read with every byte checked.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use artifact::layout::Layout;
use artifact::locked::LockedApp;
use artifact::release::Draft;
use artifact::{Release, annotation};

use crate::fixture;

/// A release without components: enough for a layout.
fn release(name: &str) -> Release {
    let app = format!(
        r#"{{"spin_lock_version":0,"metadata":{{"name":"{name}"}},"triggers":[],"components":[]}}"#
    );
    Release::build(Draft {
        app: LockedApp::parse(app.as_bytes()).unwrap(),
        modules: BTreeMap::new(),
        files: Vec::new(),
        annotations: BTreeMap::from([(annotation::TITLE.to_owned(), name.to_owned())]),
    })
    .unwrap()
}

/// Every file below a folder, with its mode.
fn files(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let metadata = entry.metadata().unwrap();
        if metadata.is_dir() {
            let below = self::files(&entry.path()).into_iter();
            files.extend(below.map(|(path, file)| (format!("{name}/{path}"), file)));
        } else {
            let mode = metadata.permissions().mode() & 0o777;
            files.insert(name, (mode, fs::read(entry.path()).unwrap()));
        }
    }
    files
}

#[test]
fn what_is_written_is_read_again_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::create(&folder.path().join("new/layout")).unwrap();
    for name in ["b", "a"] {
        layout.add(&release(name), name).unwrap();
    }
    let names: Vec<_> = layout
        .artifacts()
        .unwrap()
        .into_iter()
        .filter_map(|artifact| artifact.name)
        .collect();
    assert_eq!(names, ["a", "b"]);
    for name in ["a", "b"] {
        let artifact = layout.named(name).unwrap();
        let (manifest, bytes) = layout.manifest(&artifact).unwrap();
        assert_eq!(bytes, release(name).manifest_bytes);
        assert_eq!(manifest.annotations[annotation::TITLE], name);
        let read = fixture::read_from(&layout, name).unwrap();
        assert_eq!(read.app.metadata["name"], name);
    }
    // The same name again is another artifact.
    layout.add(&release("c"), "a").unwrap();
    assert_eq!(
        fixture::read_from(&layout, "a").unwrap().app.metadata["name"],
        "c"
    );
    assert_eq!(layout.artifacts().unwrap().len(), 2);
}

#[test]
fn a_layout_is_the_same_in_every_folder_and_holds_nothing_else() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&one, &other] {
        let layout = Layout::create(folder.path()).unwrap();
        layout.add(&release("a"), "v1").unwrap();
    }
    let layout = Layout::create(other.path()).unwrap();
    layout.add(&release("a"), "v1").unwrap();
    let files = files(one.path());
    assert_eq!(files, self::files(other.path()));
    assert_eq!(
        files.len(),
        5,
        "the mark, the index, manifest, configuration and locked app"
    );
    assert!(files.values().all(|(mode, _)| *mode == 0o644));
    assert_eq!(files["oci-layout"].1, br#"{"imageLayoutVersion":"1.0.0"}"#);
}

#[test]
fn what_other_tools_wrote_into_the_index_stays() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::create(folder.path()).unwrap();
    let theirs = r#"{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":2,"platform":{"os":"linux"}}"#;
    #[expect(clippy::disallowed_methods, reason = "nobody reads it meanwhile")]
    fs::write(
        folder.path().join("index.json"),
        format!(r#"{{"schemaVersion":2,"manifests":[{theirs}]}}"#),
    )
    .unwrap();
    layout.add(&release("a"), "v1").unwrap();
    let index = fs::read_to_string(folder.path().join("index.json")).unwrap();
    assert!(index.contains(r#""platform":{"os":"linux"}"#), "{index}");
    assert_eq!(layout.artifacts().unwrap().len(), 2);
    assert!(
        layout
            .only()
            .unwrap_err()
            .to_string()
            .contains("one without a name, `v1`")
    );
}

#[test]
fn a_damaged_blob_is_found_when_it_is_read_and_mended_when_it_is_written() {
    let release = release("a");
    for damage in [&b""[..], b"{", b"{\"spin_lock_version\":0"] {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::create(folder.path()).unwrap();
        layout.add(&release, "v1").unwrap();
        for digest in [release.digest, release.manifest.layers[0].digest] {
            let path = folder.path().join("blobs/sha256").join(digest.hex());
            fs::remove_file(&path).unwrap();
            #[expect(clippy::disallowed_methods, reason = "it is the damage")]
            fs::write(&path, damage).unwrap();
            let error = format!("{:#}", fixture::read_from(&layout, "v1").unwrap_err());
            assert!(
                error.contains(&format!("`{digest}` ends after {} bytes", damage.len())),
                "{error}"
            );
            layout.add(&release, "v1").unwrap();
            fixture::read_from(&layout, "v1").unwrap();
        }
    }
}

#[test]
fn what_is_no_layout_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let error = Layout::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("is not an OCI image layout of version 1"),
        "{error}"
    );
    let layout = Layout::create(folder.path()).unwrap();
    let error = layout.named("v1").unwrap_err().to_string();
    assert!(
        error.contains("holds no artifact called `v1`; it holds none"),
        "{error}"
    );
    let error = layout.only().unwrap_err().to_string();
    assert!(
        error.contains("holds no artifact that is the only one"),
        "{error}"
    );
    layout.add(&release("a"), "v1").unwrap();
    assert_eq!(layout.only().unwrap().name.as_deref(), Some("v1"));
    fs::remove_file(folder.path().join("index.json")).unwrap();
    let error = layout.only().unwrap_err().to_string();
    assert!(
        error.contains("failed to read `") && error.contains("index.json"),
        "{error}"
    );
}
