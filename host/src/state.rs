//! What one instance of a component owns, and the linker that gives it the host's interfaces.

use crate::allowed_hosts::AllowedHosts;
use crate::bindings::ApplicationHost;
use crate::groups::Held;
use crate::key_value::Store as KeyValueStore;
use crate::outbound_http::OutboundHttp;
use crate::output::OutputStreams;
use crate::sqlite::Database;
use crate::{outbound_sockets, postgres};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime::{Engine, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// What all instances of one component share.
pub struct ComponentContext {
    /// The component's id in the manifest.
    pub id: String,
    /// Its variables; a value that cannot be worked out is kept as the reason.
    pub variables: HashMap<String, Result<String, String>>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Where it may connect to.
    pub allowed_hosts: Arc<AllowedHosts>,
    /// The databases that it may open, by label.
    pub databases: HashMap<String, Arc<Database>>,
    /// The stores that it may open, by label.
    pub key_value_stores: HashMap<String, KeyValueStore>,
    /// The application's Postgres connections.
    pub postgres: Arc<postgres::Pools>,
    /// Where its standard output goes.
    pub output: OutputStreams,
    /// How much memory an instance may have, in bytes.
    pub max_memory_bytes: Option<usize>,
}

/// The data of one instance's store.
pub struct State {
    /// What it shares with the component's other instances.
    pub component: Arc<ComponentContext>,
    /// The resources that the guest holds.
    pub table: ResourceTable,
    /// How many SQLite connections are in the table.
    pub sqlite_connections: usize,
    /// The memory limit.
    pub limits: StoreLimits,
    /// Tells the instance's group of calls that hold the instance.
    pub held: Held,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: OutboundHttp,
    /// Counts the instance while it lives.
    _permit: OwnedSemaphorePermit,
}

impl State {
    /// A new instance's data.
    pub fn new(
        component: Arc<ComponentContext>,
        outbound: OutboundHttp,
        permit: OwnedSemaphorePermit,
        held: Held,
    ) -> Self {
        let mut limits = StoreLimitsBuilder::new();
        if let Some(bytes) = component.max_memory_bytes {
            limits = limits.memory_size(bytes);
        }
        Self {
            table: ResourceTable::new(),
            sqlite_connections: 0,
            limits: limits.build(),
            held,
            wasi: wasi_context(&component),
            http: WasiHttpCtx::new(),
            outbound,
            component,
            _permit: permit,
        }
    }
}

fn wasi_context(component: &ComponentContext) -> WasiCtx {
    let mut wasi = WasiCtxBuilder::new();
    for (name, value) in &component.environment {
        wasi.env(name, value);
    }
    component.output.connect(&mut wasi);
    outbound_sockets::restrict(&mut wasi, component.allowed_hosts.clone());
    wasi.build()
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}

/// A linker with every interface that the host offers.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    ApplicationHost::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}
