//! A check rereads everything.

use std::fs;
use std::path::PathBuf;

use artifact::store::StoredRelease;
use artifact::{Digest, Store};

use super::sample::{PLAIN, Sample, damage, flip, store};

#[test]
fn a_store_that_is_right_is_found_right() {
    let (_volume, store) = store();
    let sample = Sample::new("site");
    let (release, _) = sample.pull(&store).unwrap();
    let mut last = None;
    let report = store.verify(&mut |progress| last = Some(progress)).unwrap();
    assert_eq!((report.blobs, report.releases), (sample.files.len(), 1));
    assert!(report.bad_blobs.is_empty() && report.bad_releases.is_empty());
    let last = last.unwrap();
    assert_eq!((last.done, last.total), (report.bytes, report.bytes));
    assert!(store.verify_release(&release).unwrap());
}

/// The path of a file in the only mount with pages.
fn page(release: &StoredRelease) -> PathBuf {
    release.mount(0).unwrap().join("content/deep/1.md")
}

#[test]
fn what_is_damaged_is_found_and_made_again() {
    type Damage = fn(&Store, &StoredRelease);
    let cases: [(&str, usize, Damage); 8] = [
        ("a flipped blob", 1, |_, release| {
            damage(&page(release), flip);
        }),
        ("a truncated blob", 1, |_, release| {
            damage(&page(release), |bytes| bytes.truncate(1));
        }),
        ("an empty blob", 1, |_, release| {
            damage(&page(release), Vec::clear);
        }),
        ("a file that is gone", 0, |_, release| {
            fs::remove_file(page(release)).unwrap();
        }),
        ("a file too many", 0, |_, release| {
            fs::copy(page(release), release.mount(1).unwrap().join("more")).unwrap();
        }),
        ("another file in its place", 0, |_, release| {
            fs::remove_file(page(release)).unwrap();
            fs::copy(release.mount(1).unwrap().join("logo.svg"), page(release)).unwrap();
        }),
        ("a damaged generated file", 0, |_, release| {
            damage(&release.mount(0).unwrap().join("generated"), flip);
        }),
        ("a damaged index", 0, |_, release| {
            damage(
                &release
                    .named("app.json")
                    .unwrap()
                    .0
                    .with_file_name("index.json"),
                flip,
            );
        }),
    ];
    for (case, bad_blobs, harm) in cases {
        let (volume, store) = store();
        let sample = Sample::new("site");
        let (release, _) = sample.pull(&store).unwrap();
        harm(&store, &release);
        let store = Store::open(volume.path(), PLAIN).unwrap();
        let report = store.verify(&mut |_| {}).unwrap();
        assert_eq!(report.bad_releases, [sample.manifest], "{case}");
        assert_eq!(report.bad_blobs.len(), bad_blobs, "{case}");
        assert!(store.release(&sample.manifest).is_none(), "{case}");
        let (release, pulled) = sample.pull(&store).unwrap();
        assert_eq!(pulled, bad_blobs, "{case}");
        sample.assert_right(&release);
        let again = store.verify(&mut |_| {}).unwrap();
        assert!(
            again.bad_blobs.is_empty() && again.bad_releases.is_empty(),
            "{case}"
        );
    }
}

#[test]
fn one_release_can_be_checked_alone() {
    let (_volume, store) = store();
    let (one, other) = (Sample::new("one"), Sample::new("other"));
    let (release, _) = one.pull(&store).unwrap();
    other.pull(&store).unwrap();
    damage(&page(&release), flip);
    assert!(!store.verify_release(&release).unwrap());
    assert!(store.release(&one.manifest).is_none());
    assert!(store.release(&other.manifest).is_some());
    assert!(store.blob(&Digest::of(&one.app)).is_none());
}
