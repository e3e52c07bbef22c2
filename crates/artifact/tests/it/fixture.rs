//! The artifacts in `tests/fixtures/spin-oci`, read as bart reads them.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Read};
use std::path::PathBuf;

use anyhow::Result;
use artifact::layout::Layout;
use artifact::unpack::{Contents, Limits, Sink};
use artifact::{Descriptor, Digest, LockedApp, Manifest};

/// Contents in memory, by digest.
#[derive(Debug, Default)]
pub(crate) struct Memory(pub(crate) BTreeMap<Digest, Vec<u8>>);

/// An artifact that was read whole.
#[derive(Debug)]
pub(crate) struct Artifact {
    pub(crate) manifest: Manifest,
    pub(crate) app: LockedApp,
    pub(crate) contents: Contents,
    pub(crate) bytes: Memory,
}

impl Sink for Memory {
    type Pending = Vec<u8>;

    fn begin(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn keep(&mut self, pending: Vec<u8>, digest: Digest, size: u64) -> io::Result<()> {
        assert_eq!(
            Digest::of(&pending),
            digest,
            "only what is right may be kept"
        );
        assert_eq!(pending.len() as u64, size);
        let before = self.0.insert(digest, pending);
        assert!(before.is_none(), "{digest} is kept twice");
        Ok(())
    }
}

impl Artifact {
    /// The files of a component, with their bytes.
    pub(crate) fn files(&self, component: usize) -> BTreeMap<String, Vec<u8>> {
        let files = &self.contents.components[component].files;
        files
            .iter()
            .map(|(path, digest)| (path.to_string(), self.bytes.0[digest].clone()))
            .collect()
    }
}

pub(crate) fn layout() -> Layout {
    // At run time, since two checkouts may share one target folder.
    let crate_folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this"));
    Layout::open(&crate_folder.join("tests/fixtures/spin-oci")).unwrap()
}

/// Reads an artifact of the fixtures.
pub(crate) fn read(name: &str) -> Result<Artifact> {
    read_from(&layout(), name)
}

/// Reads an artifact from a layout.
pub(crate) fn read_from(layout: &Layout, name: &str) -> Result<Artifact> {
    let (manifest, _) = layout.manifest(&layout.named(name)?)?;
    let app = LockedApp::parse(&blob(layout, manifest.locked_app()?)?)?;
    let contents = Contents::new(&manifest, &app)?;
    let mut bytes = Memory::default();
    let needed = contents.needed(|_| false);
    needed.read(&Limits::default(), |blob| layout.blob(blob), &mut bytes)?;
    Ok(Artifact {
        manifest,
        app,
        contents,
        bytes,
    })
}

pub(crate) fn blob(layout: &Layout, blob: &Descriptor) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    layout.blob(blob)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
