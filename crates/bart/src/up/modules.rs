//! The Wasm of components: found, replaced where bart has its own, and compiled once each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, thread};

use anyhow::{Context, anyhow};
use artifact::{Digest, download};
use engine::app::{Component, Source};
use engine::substitution::{self, Bundled, Reason, Substitution};
use engine::{Module, Wasm};

use crate::native::NativeCode;
use crate::{Failure, bundled};

/// Compiled components by where they came from. Thirty redirects of one site are compiled once.
pub struct Modules {
    wasm: Arc<Wasm>,
    native: NativeCode,
    compiled: HashMap<Origin, Result<Module, String>>,
}

/// Where the Wasm that runs came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Origin {
    Bundled(Bundled),
    File(PathBuf),
    Url { url: String, digest: String },
}

/// A component's code, and what the user should know of it.
pub(super) struct Found {
    /// The code, or in half a sentence that follows the component's name why it cannot run.
    pub(super) module: Result<Module, String>,
    /// What runs in place of what the manifest names, unless the manifest names bart's own.
    pub(super) substitution: Option<Substitution>,
    /// Which of bart's own components runs, if it is one.
    pub(super) bundled: Option<Bundled>,
}

impl Modules {
    /// Compiles with `wasm`, and keeps nothing.
    #[must_use]
    pub fn new(wasm: Arc<Wasm>) -> Modules {
        Modules {
            wasm,
            native: NativeCode::nowhere(),
            compiled: HashMap::new(),
        }
    }

    /// The same, with native code that is found and kept.
    pub(super) fn with_native(self, native: NativeCode) -> Modules {
        Modules { native, ..self }
    }

    /// Reads files anew from now on.
    pub(super) fn forget_files(&mut self) {
        self.compiled
            .retain(|origin, _| !matches!(origin, Origin::File(_)));
    }

    pub(super) fn wasm(&self) -> &Arc<Wasm> {
        &self.wasm
    }

    /// The code of a component.
    ///
    /// # Errors
    ///
    /// When its file is missing, or its download fails. That a component cannot run here is no error: see [`Found`].
    pub(super) fn find(&mut self, component: &Component) -> Result<Found, Failure> {
        if let Some(substitution) = substitution::recognise(&component.source) {
            let module = self.compiled(Origin::Bundled(substitution.bundled), component)?;
            let own = is_own(&component.source, substitution);
            return Ok(Found {
                module,
                substitution: (!own).then_some(substitution),
                bundled: Some(substitution.bundled),
            });
        }
        let module = match &component.source {
            Source::File(path) => self.compiled(Origin::File(path.clone()), component)?,
            Source::Url { url, digest } => {
                let origin = Origin::Url {
                    url: url.clone(),
                    digest: digest.clone(),
                };
                self.compiled(origin, component)?
            }
            Source::Blob { digest } => Err(format!("is the blob `{digest}` of no artifact")),
            Source::Registry { .. } => Err(format!(
                "is the package `{}` of a registry, which bart does not read yet",
                component.source
            )),
        };
        Ok(Found {
            module,
            substitution: None,
            bundled: None,
        })
    }

    fn compiled(
        &mut self,
        origin: Origin,
        component: &Component,
    ) -> Result<Result<Module, String>, Failure> {
        if let Some(known) = self.compiled.get(&origin) {
            return Ok(known.clone());
        }
        let module = match &origin {
            Origin::Bundled(component) => {
                let digest = bundled::digest(*component);
                self.made(&digest, || Ok(bundled::wasm(*component).into()))?
            }
            Origin::File(path) => {
                let bytes = read(path, component)?;
                self.made(&Digest::of(&bytes), || Ok(bytes.into()))?
            }
            Origin::Url { url, digest } => {
                let expected = digest.parse().map_err(Failure::usage)?;
                self.made(&expected, || Ok(fetch(url, digest, component)?.into()))?
            }
        };
        self.compiled.insert(origin, module.clone());
        Ok(module)
    }

    /// The module with this digest: its native code if that is there, otherwise compiled from its bytes.
    fn made(
        &self,
        digest: &Digest,
        bytes: impl FnOnce() -> Result<Cow<'static, [u8]>, Failure>,
    ) -> Result<Result<Module, String>, Failure> {
        let module = match self.native.load(&self.wasm, digest) {
            Some(module) => module,
            None => self.native.compile(&self.wasm, digest, &bytes()?),
        };
        Ok(module.map_err(|error| format!("cannot run: {error}")))
    }
}

/// Whether what takes the place of a source is the source itself: the file where bart's own build puts it, with those bytes or not built yet.
pub(crate) fn is_own(source: &Source, substitution: Substitution) -> bool {
    match source {
        Source::File(path) if substitution.reason == Reason::BuildPath => {
            fs::read(path).map_or(true, |bytes| bytes == bundled::wasm(substitution.bundled))
        }
        _ => false,
    }
}

/// The file that a component names.
pub(crate) fn read(path: &Path, component: &Component) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| {
        let missing = error.kind() == ErrorKind::NotFound;
        let error = anyhow!(error).context(format!(
            "failed to read `{}` of component `{}`",
            path.display(),
            component.id
        ));
        let commands = component.build.iter().flat_map(|build| &build.commands);
        let commands: Vec<&str> = commands.map(String::as_str).collect();
        let hint = match (missing, commands.as_slice()) {
            (false, _) => None,
            (true, []) => Some("build it first, or correct its `source`".to_owned()),
            (true, commands) => Some(format!("build it first: `{}`", commands.join(" && "))),
        };
        Failure::usage(error).hint_if_any(hint)
    })
}

/// Downloads what a component names, in a runtime of its own, since this is called from within another one.
pub(crate) fn fetch(url: &str, digest: &str, component: &Component) -> Result<Vec<u8>, Failure> {
    let digest: Digest = digest.parse().map_err(Failure::usage)?;
    tracing::info!("downloading component `{}` from `{url}`", component.id);
    let bytes = thread::scope(|scope| {
        let download = scope.spawn(|| -> anyhow::Result<Vec<u8>> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            Ok(runtime.block_on(download::fetch(url, digest))?)
        });
        download
            .join()
            .unwrap_or_else(|_| Err(anyhow!("the download panicked")))
    });
    let bytes = bytes.with_context(|| format!("component `{}`", component.id));
    Ok(bytes?)
}
