//! Puts an application together: manifest, variables, stores and compiled components.

use crate::allowed_hosts::AllowedHosts;
use crate::application::Application;
use crate::cache::Cache;
use crate::engine::{engine, load_component};
use crate::groups::{Groups, Held};
use crate::instance::{Factory, tick_epoch};
use crate::limits::Limits;
use crate::manifest::{ComponentDeclaration, Manifest};
use crate::outbound_http::OutboundHttp;
use crate::output::OutputStreams;
use crate::phase::Phase;
use crate::postgres::Pools;
use crate::router::Router;
use crate::runtime_config::{OutboundPg, RuntimeConfig};
use crate::state::{ComponentContext, State, linker};
use crate::stores::Stores;
use crate::variables::Variables;
use anyhow::Context;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use wasmtime::Engine;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// Everything that an application is made of.
pub struct Parts<'a> {
    /// What the application declares.
    pub manifest: &'a Manifest,
    /// Its variables' values.
    pub variables: &'a Variables,
    /// Where its stores are, if somebody said so.
    pub runtime_config: Option<&'a RuntimeConfig>,
    /// Its databases and key-value stores.
    pub stores: &'a mut Stores<'a>,
    /// The compiled components.
    pub cache: Cache,
    /// Where its components print to.
    pub output: OutputStreams,
    /// What it may use.
    pub limits: Arc<Limits>,
    /// The address that it listens on.
    pub address: SocketAddr,
    /// Counts its instances.
    pub permits: Arc<Semaphore>,
    /// Tells its instances when to stop.
    pub phases: watch::Receiver<Phase>,
}

impl Parts<'_> {
    /// Builds the application; components that were not compiled before are compiled now.
    pub fn build(mut self) -> anyhow::Result<Application> {
        let engine = engine(self.limits.request_timeout.is_some())?;
        if self.limits.request_timeout.is_some() {
            tick_epoch(&engine)?;
        }
        let services = self.load_services(&engine)?;
        let postgres = Arc::new(Pools::new(self.max_postgres_connections()));
        let mut components = Vec::new();
        let mut indexes = BTreeMap::new();
        for ((id, declaration), service) in self.manifest.components.iter().zip(services) {
            let context = self.context(id, declaration, &postgres).with_context(|| format!("component '{id}'"))?;
            indexes.insert(id, components.len());
            components.push(Groups::new(self.factory(&engine, service, context)));
        }
        Ok(Application {
            router: self.router(&indexes)?,
            components,
            info: self.info(),
            request_timeout: self.limits.request_timeout,
        })
    }

    fn max_postgres_connections(&self) -> usize {
        let default = OutboundPg::default();
        self.runtime_config.map_or(&default, |config| &config.outbound_pg).max_connections.get()
    }

    /// Loads all components, in the order of their ids, on as many threads.
    fn load_services(&self, engine: &Engine) -> anyhow::Result<Vec<ServicePre<State>>> {
        let linker = linker(engine)?;
        let cache = &self.cache;
        let load = |id: &str, declaration: &ComponentDeclaration| {
            let component = load_component(engine, &declaration.source, cache)?;
            service(&linker, &component).with_context(|| format!("component '{id}' cannot run on this host"))
        };
        std::thread::scope(|scope| {
            let load = &load;
            let threads: Vec<_> = self
                .manifest
                .components
                .iter()
                .map(|(id, declaration)| scope.spawn(move || load(id, declaration)))
                .collect();
            threads
                .into_iter()
                .map(|thread| match thread.join() {
                    Ok(service) => service,
                    Err(_) => anyhow::bail!("loading a component failed"),
                })
                .collect()
        })
    }

    fn context(
        &mut self,
        id: &str,
        declaration: &ComponentDeclaration,
        postgres: &Arc<Pools>,
    ) -> anyhow::Result<ComponentContext> {
        let hosts = &declaration.allowed_outbound_hosts;
        let allowed_hosts = AllowedHosts::from_entries(hosts, |entry| self.variables.expand(entry))?;
        let variables = declaration.variables.iter().map(|(name, template)| {
            let value = self.variables.expand(template);
            (name.clone(), value.map_err(|error| error.to_string()))
        });
        Ok(ComponentContext {
            id: id.to_owned(),
            variables: variables.collect(),
            environment: declaration.environment.clone(),
            allowed_hosts: Arc::new(allowed_hosts),
            databases: self.stores.databases(declaration)?,
            key_value_stores: self.stores.key_value(declaration)?,
            postgres: postgres.clone(),
            output: self.output.clone(),
            max_memory_bytes: self.limits.max_instance_memory,
        })
    }

    fn factory(&self, engine: &Engine, service: ServicePre<State>, component: ComponentContext) -> Factory {
        Factory {
            engine: engine.clone(),
            service,
            outbound: OutboundHttp { allowed: component.allowed_hosts.clone(), own_address: self.address },
            component: Arc::new(component),
            limits: self.limits.clone(),
            permits: self.permits.clone(),
            phases: self.phases.clone(),
            held: Held::default(),
        }
    }

    fn router(&self, indexes: &BTreeMap<&String, usize>) -> anyhow::Result<Router> {
        let mut router = Router::default();
        for route in &self.manifest.routes {
            let index =
                indexes.get(&route.component).with_context(|| format!("route {} has no component", route.route))?;
            router.add(&route.route, *index, &route.component)?;
        }
        Ok(router)
    }

    fn info(&self) -> String {
        let Manifest { name, version, .. } = self.manifest;
        serde_json::json!({ "name": name, "version": version }).to_string()
    }
}

fn service(linker: &Linker<State>, component: &wasmtime::component::Component) -> anyhow::Result<ServicePre<State>> {
    Ok(ServicePre::new(linker.instantiate_pre(component)?)?)
}
