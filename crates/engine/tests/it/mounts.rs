//! The files that a component sees.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use engine::app::FileEntry;
use engine::mounts::{Mount, MountError, MountReport};
use tempfile::TempDir;

/// A folder with a site in it, and the folder beside it where the tree goes.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new(files: &[&str]) -> Self {
        let site = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        fs::create_dir(site.folder.path().join("site")).expect("the site's folder");
        for file in files {
            site.write(file, file);
        }
        site
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
        fs::write(path, text).expect("a file");
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join("site").join(path)
    }

    fn try_mount(
        &self,
        files: &[FileEntry],
        exclude: &[&str],
    ) -> Result<(BTreeMap<String, String>, MountReport), MountError> {
        let exclude: Vec<_> = exclude
            .iter()
            .map(|pattern| (*pattern).to_owned())
            .collect();
        let tree = self.folder.path().join("tree");
        let _ = fs::remove_dir_all(&tree);
        let root = self.folder.path().join("site");
        let report = Mount {
            files,
            exclude: &exclude,
            root: &root,
        }
        .build(&tree)?;
        Ok((contents(&tree), report))
    }

    /// The paths and texts of the tree.
    #[track_caller]
    fn mount(&self, files: &[FileEntry], exclude: &[&str]) -> BTreeMap<String, String> {
        self.try_mount(files, exclude)
            .expect("the files are mounted")
            .0
    }

    #[track_caller]
    fn paths(&self, files: &[FileEntry], exclude: &[&str]) -> Vec<String> {
        self.mount(files, exclude).into_keys().collect()
    }
}

fn contents(tree: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![tree.to_owned()];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).expect("a folder") {
            let path = item.expect("an item").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(tree)
                    .expect("below the tree")
                    .display()
                    .to_string();
                found.insert(name, fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    found
}

fn pattern(pattern: &str) -> FileEntry {
    FileEntry::Pattern(pattern.to_owned())
}

fn place(source: &str, destination: &str) -> FileEntry {
    FileEntry::Placement {
        source: source.to_owned(),
        destination: destination.to_owned(),
    }
}

#[test]
fn entries_choose_files_and_their_places() {
    let site = Site::new(&[
        "a.txt",
        "content/.draft.md",
        "content/[id].js",
        "content/blog/post.md",
        "content/index.md",
        "static/css/a.css",
        "static/logo.svg",
        "templates/main.hbs",
        "templates/partials/nav.hbs",
    ]);
    let content: &[&str] = &[
        "content/.draft.md",
        "content/[id].js",
        "content/blog/post.md",
        "content/index.md",
    ];
    let cases: [(FileEntry, &[&str]); 19] = [
        (pattern("content/**/*"), content),
        (pattern("content/**"), content),
        (pattern("./content//**/*"), content),
        (pattern("content"), content),
        (pattern("content/"), content),
        (
            pattern("content/*"),
            &["content/.draft.md", "content/[id].js", "content/index.md"],
        ),
        (
            pattern("content/*.md"),
            &["content/.draft.md", "content/index.md"],
        ),
        (pattern("content/[id].js"), &["content/[id].js"]),
        (pattern("content/[[]id].js"), &["content/[id].js"]),
        (
            pattern("**/*.hbs"),
            &["templates/main.hbs", "templates/partials/nav.hbs"],
        ),
        (pattern("*/main.???"), &["templates/main.hbs"]),
        (pattern("templates/../a.txt"), &["a.txt"]),
        (pattern("a.txt"), &["a.txt"]),
        (place("static/", "/"), &["css/a.css", "logo.svg"]),
        (
            place("static", "/assets/x"),
            &["assets/x/css/a.css", "assets/x/logo.svg"],
        ),
        (
            place("static", "assets"),
            &["assets/css/a.css", "assets/logo.svg"],
        ),
        (place("static/logo.svg", "/images/l.svg"), &["images/l.svg"]),
        (
            place("./templates", "/."),
            &["main.hbs", "partials/nav.hbs"],
        ),
        (pattern("templates/*"), &["templates/main.hbs"]),
    ];
    for (entry, expected) in cases {
        assert_eq!(
            site.paths(std::slice::from_ref(&entry), &[]),
            expected,
            "{entry}"
        );
    }
    assert_eq!(site.paths(&[place("", "/all")], &[]).len(), 9);
}

#[test]
fn the_later_entry_wins() {
    let site = Site::new(&["one/a", "one/b/c", "one/d", "two/a", "two/b", "two/d/e"]);
    let one = place("one", "/");
    let two = place("two", "/");
    let both = site.mount(&[one.clone(), two.clone()], &[]);
    let expected = [("a", "two/a"), ("b", "two/b"), ("d/e", "two/d/e")];
    assert_eq!(
        both,
        expected
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into()
    );
    let both = site.mount(&[two, one], &[]);
    let expected = [("a", "one/a"), ("b/c", "one/b/c"), ("d", "one/d")];
    assert_eq!(
        both,
        expected
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into()
    );
}

#[test]
fn excluded_files_are_left_out_wherever_they_are() {
    let site = Site::new(&[
        "static/a.psd",
        "static/b/c.psd",
        "static/b/d.txt",
        "static/x/y/z",
    ]);
    let cases: [(&[&str], &[&str]); 5] = [
        (&["**/*.psd"], &["b/d.txt", "x/y/z"]),
        (&["static/b/*"], &["a.psd", "x/y/z"]),
        // Here `*` matches slashes too, as in Spin.
        (&["static/x/*"], &["a.psd", "b/c.psd", "b/d.txt"]),
        (&["static/a.psd", "static/b/c.psd"], &["b/d.txt", "x/y/z"]),
        (&["a.psd"], &["a.psd", "b/c.psd", "b/d.txt", "x/y/z"]),
    ];
    for (exclude, expected) in cases {
        assert_eq!(
            site.paths(&[place("static", "/")], exclude),
            expected,
            "{exclude:?}"
        );
    }
    assert!(
        site.paths(&[pattern("static/a.psd")], &["**/*.psd"])
            .is_empty()
    );
}

#[test]
fn files_are_linked_and_counted() {
    let site = Site::new(&["content/a.md", "content/b.md"]);
    site.write("content/b.md", "12345");
    let entries = [
        pattern("content/*"),
        pattern("nothing/*"),
        pattern("content/*.none"),
    ];
    let (_, report) = site
        .try_mount(&entries, &[])
        .expect("the files are mounted");
    assert_eq!((report.files, report.bytes, report.copied), (2, 12 + 5, 0));
    assert_eq!(
        report.warnings,
        [
            "`nothing/*` in `files` matches no file",
            "`content/*.none` in `files` matches no file"
        ]
    );
    let tree = site.folder.path().join("tree/content");
    let linked = fs::metadata(tree.join("a.md")).expect("a file");
    assert_eq!(
        linked.ino(),
        fs::metadata(site.path("content/a.md"))
            .expect("a file")
            .ino()
    );
    assert_eq!(
        fs::metadata(&tree).expect("a folder").permissions().mode() & 0o777,
        0o755
    );
}

#[test]
fn generated_files_have_their_folder_to_themselves() {
    type Files = &'static [(&'static str, &'static str)];
    let cases: [(&[&str], Files, Files); 4] = [
        (&["a"], &[("x", "1")], &[(".bart/x", "1"), ("a", "a")]),
        (
            &[".bart/x", ".bart/y/z", ".bartender"],
            &[("x", "1"), ("deep/w", "2")],
            &[
                (".bart/deep/w", "2"),
                (".bart/x", "1"),
                (".bartender", ".bartender"),
            ],
        ),
        (&[".bart"], &[("x", "1")], &[(".bart/x", "1")]),
        (&[".bart/x", "a"], &[], &[("a", "a")]),
    ];
    for (own, generated, expected) in cases {
        let site = Site::new(own);
        let root = site.folder.path().join("site");
        let files = [place("", "/")];
        let mut plan = Mount {
            files: &files,
            exclude: &[],
            root: &root,
        }
        .plan()
        .expect("the files are found");
        let before = plan.fingerprint();
        let generated = generated
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        plan.generate(".bart", generated.collect());
        let tree = site.folder.path().join("tree");
        let report = plan.build(&tree).expect("the tree is made");
        let expected: BTreeMap<_, _> = expected
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(contents(&tree), expected, "{own:?}");
        let bytes: usize = expected.values().map(String::len).sum();
        assert_eq!((report.files, report.bytes), (expected.len(), bytes as u64));
        assert_eq!(
            contents(&root).len(),
            own.len(),
            "the author's stay: {own:?}"
        );
        assert_eq!(own == ["a"], plan.fingerprint() == before, "{own:?}");
    }
}

#[test]
fn a_component_without_files_has_an_empty_tree() {
    let site = Site::new(&[]);
    let (paths, report) = site.try_mount(&[], &[]).expect("nothing is mounted");
    assert!(paths.is_empty() && site.folder.path().join("tree").is_dir());
    assert_eq!(report, MountReport::default());
}

#[test]
fn an_entry_that_cannot_be_mounted_is_named() {
    let site = Site::new(&["a.txt", "static/b.txt"]);
    fs::write(site.folder.path().join("outside.txt"), "outside").expect("a file");
    let cases = [
        (pattern("missing"), "`missing` in `files` does not exist"),
        (
            place("missing/", "/"),
            "`missing/ -> /` in `files` does not exist",
        ),
        (pattern("a.txt/b"), "`a.txt/b` in `files` does not exist"),
        (
            pattern("../outside.txt"),
            "`../outside.txt` cannot be mounted: it is outside of the manifest's folder",
        ),
        (
            place("../", "/"),
            "`../ -> /` cannot be mounted: it is outside of the manifest's folder",
        ),
        (
            place("static", "/a/../b"),
            "`static -> /a/../b` cannot be mounted: its destination has `..`",
        ),
        (
            place("a.txt", "/"),
            "`a.txt -> /` cannot be mounted: a single file needs a file's name as destination",
        ),
        (
            place("a.txt", "/x/"),
            "`a.txt -> /x/` cannot be mounted: a single file needs a file's name as destination",
        ),
    ];
    for (entry, expected) in cases {
        let error = site.try_mount(&[entry], &[]).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
    let error = site
        .try_mount(&[], &["["])
        .expect_err("not a pattern")
        .to_string();
    assert_eq!(
        error,
        "`[` in `exclude_files` is not a pattern: invalid range pattern"
    );
}

#[test]
fn links_inside_the_folder_are_followed_by_content() {
    let site = Site::new(&["real/a.txt", "real/sub/b.txt", "content/own.md"]);
    symlink("../real/a.txt", site.path("content/file.txt")).expect("a link");
    symlink("../real", site.path("content/folder")).expect("a link");
    symlink("nowhere", site.path("content/broken")).expect("a link");
    symlink("..", site.path("real/loop")).expect("a link");
    let (tree, report) = site
        .try_mount(&[pattern("content/**/*")], &[])
        .expect("the files are mounted");
    assert_eq!(tree["content/file.txt"], "real/a.txt");
    assert_eq!(tree["content/folder/sub/b.txt"], "real/sub/b.txt");
    assert!(
        tree.keys().all(|path| path.matches("folder").count() < 3),
        "{tree:?}"
    );
    assert!(
        report
            .warnings
            .iter()
            .any(|warning| warning.ends_with("broken` is left out: it does not exist"))
    );
    let linked = site.folder.path().join("tree/content/file.txt");
    assert!(fs::symlink_metadata(linked).expect("a file").is_file());
}

#[test]
fn links_that_leave_the_folder_are_refused() {
    let site = Site::new(&["content/a.md", "other/b.md"]);
    fs::create_dir(site.folder.path().join("outside")).expect("a folder");
    fs::write(site.folder.path().join("outside/secret"), "secret").expect("a file");
    symlink("../../outside/secret", site.path("content/link.md")).expect("a link");
    symlink("../outside", site.path("elsewhere")).expect("a link");
    for entry in [
        pattern("content/**/*"),
        pattern("content/link.md"),
        place("elsewhere", "/"),
        pattern("elsewhere/*"),
    ] {
        let error = site
            .try_mount(std::slice::from_ref(&entry), &[])
            .expect_err("a link outside");
        assert!(
            matches!(error, MountError::Outside { .. }),
            "{entry}: {error}"
        );
        assert!(error.hint().is_some());
    }
    // What is not mounted is not followed either.
    let entries = [pattern("*/b.md"), pattern("content/a*")];
    assert_eq!(
        site.paths(&entries, &["elsewhere"]),
        ["content/a.md", "other/b.md"]
    );
    assert_eq!(
        site.paths(&[pattern("content/*"), pattern("*")], &["**/link.md"]),
        ["content/a.md"]
    );
}

#[test]
fn a_fingerprint_changes_with_the_files() {
    let site = Site::new(&["content/a.md", "content/b.md"]);
    let root = site.folder.path().join("site");
    let files = [pattern("content/*")];
    let fingerprint = || {
        Mount {
            files: &files,
            exclude: &[],
            root: &root,
        }
        .fingerprint()
        .expect("it can be read")
    };
    let first = fingerprint();
    assert_eq!(first, fingerprint());
    site.write("content/a.md", "longer than before");
    let edited = fingerprint();
    assert_ne!(first, edited);
    fs::rename(site.path("content/b.md"), site.path("content/c.md")).expect("it is renamed");
    let renamed = fingerprint();
    assert_ne!(edited, renamed);
    site.write("elsewhere/d.md", "not mounted");
    assert_eq!(renamed, fingerprint());
}

#[cfg(target_os = "linux")]
#[test]
fn files_are_copied_to_another_file_system() {
    let site = Site::new(&["content/a.md", "content/b.md"]);
    let memory = tempfile::tempdir_in("/dev/shm").expect("Linux has a file system in memory");
    let device = |path: &Path| fs::metadata(path).expect("a folder").dev();
    assert_ne!(
        device(memory.path()),
        device(site.folder.path()),
        "the test needs two file systems"
    );
    let root = site.folder.path().join("site");
    let files = [pattern("content/*")];
    let report = Mount {
        files: &files,
        exclude: &[],
        root: &root,
    }
    .build(memory.path())
    .expect("it is mounted");
    assert_eq!((report.files, report.copied), (2, 2));
    assert_eq!(contents(memory.path())["content/b.md"], "content/b.md");
}

#[test]
fn a_tree_is_not_made_over_another() {
    let site = Site::new(&["content/a.md"]);
    let root = site.folder.path().join("site");
    let tree = site.folder.path().join("tree");
    let files = [pattern("content/*")];
    let mount = Mount {
        files: &files,
        exclude: &[],
        root: &root,
    };
    mount.build(&tree).expect("it is mounted");
    let error = mount.build(&tree).expect_err("there is a file already");
    assert!(error.to_string().ends_with("tree/content/a.md`"), "{error}");
}
