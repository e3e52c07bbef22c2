//! Releases: what Spin makes of the same application, and the same bytes everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use artifact::release::{Draft, DraftFile, Source};
use artifact::{Descriptor, Digest, Release, annotation, media_type};

use crate::draft::{bytes, draft, file, pages, text};
use crate::fixture;

#[test]
fn the_application_that_spin_pushed_gives_the_same_layers() {
    let spin = fixture::read("simple").unwrap();
    let layout = fixture::layout();
    let wasm = fixture::blob(&layout, &spin.manifest.layers[0]).unwrap();
    let mut draft = draft(&[]);
    draft.app = spin.app.clone();
    draft.annotations = spin.manifest.annotations.clone();
    for (index, component) in spin.app.components.iter().enumerate() {
        draft.modules.insert(component.id.clone(), bytes(&wasm));
        let files = spin.files(index);
        draft.files.extend(
            files
                .iter()
                .map(|(path, content)| file(&component.id, path, content)),
        );
    }
    let release = Release::build(draft).unwrap();
    let without_app = |layers: &[Descriptor]| -> BTreeSet<String> {
        let (app, others) = layers.split_last().unwrap();
        assert_eq!(app.media_type, media_type::LOCKED_APP, "the last layer");
        others.iter().map(|layer| format!("{layer:?}")).collect()
    };
    assert_eq!(
        without_app(&release.manifest.layers),
        without_app(&spin.manifest.layers)
    );
    // Spin lists files as the file system does, bart by path: nothing else may differ.
    let mut spin_app = spin.app;
    for component in &mut spin_app.components {
        component
            .files
            .sort_by(|one, other| one.path.cmp(&other.path));
    }
    assert_eq!(release.app.to_bytes(), spin_app.to_bytes());
    let config = &release.blobs[0];
    let mut written = String::new();
    config.open().unwrap().read_to_string(&mut written).unwrap();
    let spin_config =
        String::from_utf8(fixture::blob(&layout, &spin.manifest.config).unwrap()).unwrap();
    let label = |app: &Descriptor| app.digest.to_string();
    let [ours, theirs] =
        [&release.manifest, &spin.manifest].map(|manifest| label(manifest.layers.last().unwrap()));
    assert_eq!(written, spin_config.replace(&theirs, &ours));
}

#[test]
fn short_files_are_in_the_locked_app_and_equal_ones_are_one_layer() {
    let mut draft = draft(&["a", "b"]);
    draft.files = vec![
        file("a", "empty", b""),
        file("a", "128", &text(1, 128)),
        file("a", "129", &text(1, 129)),
        file("b", "elsewhere/129", &text(1, 129)),
        file("b", "twice", b"the first"),
        file("b", "./twice", b"the last"),
    ];
    let release = Release::build(draft).unwrap();
    let kinds: Vec<&str> = release
        .manifest
        .layers
        .iter()
        .map(|layer| layer.media_type.as_str())
        .collect();
    assert_eq!(
        kinds,
        [media_type::WASM, media_type::DATA, media_type::LOCKED_APP]
    );
    let inline = |component: usize| -> Vec<(&str, Option<usize>)> {
        let files = &release.app.components[component].files;
        files
            .iter()
            .map(|file| {
                (
                    file.path.as_str(),
                    file.content.inline.as_ref().map(Vec::len),
                )
            })
            .collect()
    };
    assert_eq!(
        inline(0),
        [("128", Some(128)), ("129", None), ("empty", Some(0))]
    );
    assert_eq!(
        inline(1),
        [("elsewhere/129", None), ("twice", Some("the last".len()))]
    );
    assert!(!release.app.metadata.contains_key("origin"));
}

#[test]
fn a_draft_that_cannot_be_published_is_refused_with_the_reason() {
    let with = |files: Vec<DraftFile>| Draft {
        files,
        ..draft(&["c"])
    };
    let missing = DraftFile {
        source: Source::File("/nowhere/page.md".into()),
        ..file("c", "x", b"")
    };
    let no_module = Draft {
        modules: BTreeMap::new(),
        ..draft(&["c"])
    };
    let twice = draft(&["c", "c"]);
    let many: Vec<String> = (0..400).map(|index| index.to_string()).collect();
    let mut many = draft(&many.iter().map(String::as_str).collect::<Vec<_>>());
    for (id, module) in &mut many.modules {
        *module = bytes(id.as_bytes());
    }
    for (draft, reason) in [
        (
            with(vec![file("other", "x", b"")]),
            "the file `x` is for the component `other`, which",
        ),
        (
            with(vec![file("c", "../x", b"")]),
            "`../x` is not a path of a file: it leads upwards",
        ),
        (
            with(vec![file("c", "x", b""), file("c", "x/y", b"")]),
            "`x` of the component `c` is a file and a folder",
        ),
        (
            with(vec![missing]),
            "failed to read `/nowhere/page.md`: No such file",
        ),
        (twice, "two components called `c`"),
        (no_module, "the component `c` has no Wasm"),
        (many, "400 components, too many"),
    ] {
        let error = format!(
            "{:#}",
            anyhow::Error::new(Release::build(draft).unwrap_err())
        );
        assert!(error.contains(reason), "{error}");
    }
}

/// A site in a folder: its files come in the order that the file system gives, with the mode given.
fn site(folder: &Path, count: usize, mode: u32, reverse: bool) -> Draft {
    let mut draft = draft(&["c"]);
    draft.annotations.insert(
        annotation::CREATED.to_owned(),
        "2001-02-03T04:05:06Z".to_owned(),
    );
    for page in 0..count {
        let path = folder.join(page.to_string());
        #[expect(clippy::disallowed_methods, reason = "nobody reads it meanwhile")]
        fs::write(&path, text(page, 200 + page)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        draft.files.push(DraftFile {
            component: "c".to_owned(),
            path: format!("pages/{page}"),
            source: Source::File(path),
        });
    }
    if reverse {
        draft.files.reverse();
    }
    draft
}

#[test]
fn the_same_site_gives_one_digest_in_every_folder() {
    for count in [3, 450] {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let one = Release::build(site(one.path(), count, 0o600, false)).unwrap();
        let drafted = site(other.path(), count, 0o755, true);
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        for path in fs::read_dir(other.path()).unwrap() {
            fs::File::open(path.unwrap().path())
                .unwrap()
                .set_modified(long_ago)
                .unwrap();
        }
        let other = Release::build(drafted).unwrap();
        assert_eq!(one.digest, other.digest, "{count} files");
        assert_eq!(one.digest, Digest::of(&one.manifest_bytes));
    }
}

#[test]
fn every_blob_can_be_read_as_its_descriptor_says() {
    let release = Release::build(pages(500)).unwrap();
    assert_eq!(release.blobs.len(), release.manifest.layers.len() + 1);
    for blob in &release.blobs {
        for _ in 0..2 {
            let mut read = Vec::new();
            blob.open().unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(
                Descriptor::of(&blob.descriptor.media_type, &read),
                blob.descriptor
            );
        }
    }
}

#[test]
fn a_file_that_changes_meanwhile_is_an_error_that_names_it() {
    for count in [3, 450] {
        let folder = tempfile::tempdir().unwrap();
        let release = Release::build(site(folder.path(), count, 0o644, false)).unwrap();
        let path = folder.path().join("2");
        #[expect(clippy::disallowed_methods, reason = "nobody reads it meanwhile")]
        fs::write(&path, text(7, 202)).unwrap();
        let errors: Vec<String> = release
            .blobs
            .iter()
            .filter_map(|blob| blob.open().unwrap().read_to_end(&mut Vec::new()).err())
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, [format!("failed to read `{}`", path.display())]);
    }
}
