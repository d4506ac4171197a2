//! A component's instances, in groups that one of them cannot hold up.

use crate::instance::{Factory, Reuse};
use http::{Request, Response};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::timeout;
use wasmtime::Result;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{ProxyHandler, WorkerState};

/// How long a call may take until its instance counts as held.
const SHORT: Duration = Duration::from_millis(5);
const MAX_GROUPS: usize = 64;

/// All instances of one component.
///
/// While a guest waits in a synchronous call, its instance runs nothing else, as the component model wants it. A handler
/// does not know: an instance that had room before the call still gets requests, and they wait with it. New requests
/// therefore go to the first group in which no instance is held; nearly always there is one group only.
pub struct Groups {
    factory: Factory,
    groups: RwLock<Vec<Group>>,
}

struct Group {
    handler: ProxyHandler<Factory>,
    held: Held,
}

impl Groups {
    /// One group, whose instances this factory makes.
    pub fn new(factory: Factory) -> Self {
        let groups = RwLock::new(vec![Group::new(&factory)]);
        Self { factory, groups }
    }

    /// What makes the instances.
    pub fn factory(&self) -> &Factory {
        &self.factory
    }

    /// Has an instance answer a request.
    pub async fn handle(
        &self,
        data: <Reuse as WorkerState>::RequestData,
        request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>> {
        let handler = self.free_handler();
        handler.handle(data, request).await
    }

    fn free_handler(&self) -> ProxyHandler<Factory> {
        let groups = self.groups.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(handler) = free(&groups) {
            return handler;
        }
        drop(groups);
        let mut groups = self.groups.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(handler) = free(&groups) {
            return handler;
        }
        // Where no further instance may live, waiting is better than being refused.
        let may_grow = groups.len() < MAX_GROUPS && self.factory.permits.available_permits() > 0;
        match groups.iter().min_by_key(|group| group.held.count()) {
            Some(least) if !may_grow => least.handler.clone(),
            _ => {
                let group = Group::new(&self.factory);
                let handler = group.handler.clone();
                groups.push(group);
                handler
            }
        }
    }
}

fn free(groups: &[Group]) -> Option<ProxyHandler<Factory>> {
    groups.iter().find(|group| group.held.count() == 0).map(|group| group.handler.clone())
}

impl Group {
    fn new(factory: &Factory) -> Self {
        let held = Held::default();
        let handler = ProxyHandler::new(Factory { held: held.clone(), ..factory.clone() });
        Self { handler, held }
    }
}

/// Counts a group's instances that a call holds.
#[derive(Clone, Debug, Default)]
pub struct Held(Arc<AtomicUsize>);

impl Held {
    /// Awaits a call during which the guest's instance runs nothing else.
    pub async fn during<F: Future>(&self, call: F) -> F::Output {
        let mut call = pin!(call);
        if let Ok(output) = timeout(SHORT, &mut call).await {
            return output;
        }
        let _mark = Mark::new(self);
        call.await
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

struct Mark<'a>(&'a Held);

impl<'a> Mark<'a> {
    fn new(held: &'a Held) -> Self {
        held.0.fetch_add(1, Ordering::Relaxed);
        Self(held)
    }
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_long_calls_hold_an_instance_until_they_end_or_are_dropped() {
        let held = Held::default();
        assert_eq!(held.during(async { held.count() }).await, 0);
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let first = tokio::spawn({
            let held = held.clone();
            async move { held.during(ended).await }
        });
        let second = tokio::spawn({
            let held = held.clone();
            async move { held.during(std::future::pending::<()>()).await }
        });
        tokio::time::sleep(SHORT * 20).await;
        assert_eq!(held.count(), 2);
        second.abort();
        let _ = second.await;
        assert_eq!(held.count(), 1);
        end.send(()).expect("it waits");
        first.await.expect("no panic").expect("sent");
        assert_eq!(held.count(), 0);
    }
}
