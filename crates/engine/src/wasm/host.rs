//! An engine of wasmtime, and what components can import there.

use std::sync::OnceLock;

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use super::guest::Guest;
use super::{Module, ModuleError, variables};

/// Where components are linked and instances live.
pub(super) struct Host {
    pub(super) engine: Engine,
    /// What components can import, put together while the first of them is read.
    linker: OnceLock<Linker<Guest>>,
}

impl Host {
    pub(super) fn new(engine: Engine) -> Host {
        Host {
            engine,
            linker: OnceLock::new(),
        }
    }

    /// What components can import. Whoever is first makes it.
    pub(super) fn linker(&self) -> &Linker<Guest> {
        let linker = || linker(&self.engine).expect("each interface is there once");
        self.linker.get_or_init(linker)
    }

    /// Makes a component of this engine ready for instances.
    pub(super) fn link(&self, component: &Component) -> Result<Module, ModuleError> {
        let handler = self.exports(component, |name| {
            name.starts_with("wasi:http/incoming-handler@0.2")
        });
        if !handler {
            let old = self.exports(component, |name| {
                name.starts_with("fermyon:spin/inbound-http")
            });
            return Err(ModuleError::NoHandler(if old {
                " but the older `fermyon:spin/inbound-http`"
            } else {
                ""
            }));
        }
        let instance = self
            .linker()
            .instantiate_pre(component)
            .map_err(|error| ModuleError::Import(missing_import(&error)))?;
        let proxy = ProxyPre::new(instance).map_err(|error| ModuleError::invalid(&error))?;
        Ok(Module(proxy))
    }

    fn exports(&self, component: &Component, is_wanted: impl Fn(&str) -> bool) -> bool {
        component
            .component_type()
            .exports(&self.engine)
            .any(|(name, _)| is_wanted(name))
    }
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    variables::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// The interface that an error of the linker names between its first backticks, or the whole error.
fn missing_import(error: &wasmtime::Error) -> String {
    let text = format!("{error:#}");
    match text.split('`').nth(1) {
        Some(name) => name.to_owned(),
        None => text,
    }
}
