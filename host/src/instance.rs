//! Instances of a component: how they are made, how often they are used again.

use crate::answer::{Health, HealthSlot};
use crate::expiration::Expiration;
use crate::groups::Held;
use crate::limits::Limits;
use crate::outbound_http::OutboundHttp;
use crate::phase::Phase;
use crate::report::report;
use crate::state::{ComponentContext, State};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use wasmtime::{Engine, Result, Store, StoreContextMut, WasmBacktrace};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::handler::{HandlerState, Instance, Proxy, ShouldAccept, WorkerState};
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// Makes the instances of one component.
#[derive(Clone)]
pub struct Factory {
    /// The engine that compiled the component.
    pub engine: Engine,
    /// The component, linked with the host's interfaces.
    pub service: ServicePre<State>,
    /// What its instances share.
    pub component: Arc<ComponentContext>,
    /// How they send requests.
    pub outbound: OutboundHttp,
    /// What they may use.
    pub limits: Arc<Limits>,
    /// One permit for each instance that may live, of any component.
    pub permits: Arc<Semaphore>,
    /// Tells them when the host stops.
    pub phases: watch::Receiver<Phase>,
    /// Counts those that a call holds.
    pub held: Held,
}

/// No further instance may be made now.
#[derive(Debug)]
pub struct TooManyInstances;

impl fmt::Display for TooManyInstances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all instances that may live at once are in use")
    }
}

impl std::error::Error for TooManyInstances {}

impl HandlerState for Factory {
    type StoreData = State;
    type WorkerExpiration = Expiration;
    type WorkerState = Reuse;

    async fn instantiate(&self) -> Result<Instance<State, Expiration, Reuse>> {
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| TooManyInstances)?;
        let state = State::new(self.component.clone(), self.outbound.clone(), permit, self.held.clone());
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.limits);
        if self.limits.request_timeout.is_some() {
            store.set_epoch_deadline(1);
            store.epoch_deadline_async_yield_and_update(1);
        }
        let service = self.service.instantiate_async(&mut store).await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: State::http,
            expiration: Expiration::new(&self.limits, self.phases.clone()),
            state: Reuse {
                component: self.component.clone(),
                limits: self.limits.clone(),
                phases: self.phases.clone(),
                health: Health::default(),
            },
        })
    }
}

/// Decides which requests an instance takes.
pub struct Reuse {
    component: Arc<ComponentContext>,
    limits: Arc<Limits>,
    phases: watch::Receiver<Phase>,
    health: Health,
}

impl WorkerState for Reuse {
    type StoreData = State;
    type RequestData = HealthSlot;

    fn should_accept_request(&self, concurrent_count: usize, total_count: usize) -> ShouldAccept {
        if total_count >= self.limits.max_instance_reuse_count {
            ShouldAccept::Never
        } else if concurrent_count >= self.limits.max_instance_concurrent_reuse_count {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, State>,
        slot: HealthSlot,
        _task: wasmtime::component::GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        // A slot that is filled already belongs to nobody else: each request brings its own.
        let _ = slot.set(self.health.clone());
        match self.limits.request_timeout {
            Some(timeout) => Box::pin(tokio::time::sleep(timeout)),
            None => Box::pin(std::future::pending()),
        }
    }

    fn drop(&self, store: Store<State>, result: Result<()>) {
        if result.is_err() {
            self.health.set_failed();
        }
        // With it, the streams of all answers end that have not ended yet.
        drop(store);
        // What the host cuts itself is no news.
        if let Err(error) = result
            && *self.phases.borrow() != Phase::Cut
        {
            let id = &self.component.id;
            report(format_args!("component {id}: an instance ended: {}", one_line(&error)));
        }
    }
}

/// An error with its causes, without line breaks.
///
/// A guest's trap is told without its stack: what it printed says more.
pub fn one_line(error: &wasmtime::Error) -> String {
    let text = match error.is::<WasmBacktrace>() {
        true => error.root_cause().to_string(),
        false => format!("{error:#}"),
    };
    text.replace('\n', " ")
}

/// Moves the engine's epoch on, so that guests that compute for long give way, until the engine
/// is gone.
pub fn tick_epoch(engine: &Engine) -> std::io::Result<()> {
    const TICK: Duration = Duration::from_millis(50);
    let engine = engine.weak();
    std::thread::Builder::new().name("epoch".to_owned()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    })?;
    Ok(())
}
