//! The host state of one instance: its files, environment, variables, limits and way out.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime::{StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::filesystem::FsPerms;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::Runnable;
use super::config::{CORE_INSTANCES_PER_COMPONENT, MEMORIES_PER_COMPONENT};
use super::outbound::Outbound;
use super::output::GuestOutput;
use crate::variables::Variables;

/// The data of a store. Lives as long as one request.
pub(crate) struct Guest {
    component: Arc<Runnable>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    outbound: Outbound,
    pub(super) limits: StoreLimits,
}

impl Guest {
    /// # Errors
    ///
    /// When the component's files cannot be opened.
    pub(super) fn new(
        component: &Arc<Runnable>,
        outbound: Outbound,
        memory: usize,
    ) -> wasmtime::Result<Guest> {
        let output = GuestOutput::new(Arc::clone(&component.id));
        let mut wasi = WasiCtxBuilder::new();
        wasi.allow_blocking_current_thread(true)
            .stdout(output.clone())
            .stderr(output)
            .envs(&component.environment);
        if let Some(files) = &component.files {
            wasi.preopened_dir(files, "/", FsPerms::ReadOnly)?;
        }
        Ok(Guest {
            component: Arc::clone(component),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            outbound,
            limits: limits(memory),
        })
    }

    pub(super) fn variables(&self) -> &Variables {
        &self.component.variables
    }
}

/// The pool bounds how many memories and tables one component may have; this bounds them where there is no pool.
fn limits(memory: usize) -> StoreLimits {
    StoreLimitsBuilder::new()
        .memory_size(memory)
        .memories(MEMORIES_PER_COMPONENT as usize)
        .tables(MEMORIES_PER_COMPONENT as usize)
        .instances(CORE_INSTANCES_PER_COMPONENT as usize)
        .build()
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outbound,
        }
    }
}
