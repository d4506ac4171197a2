//! The WebAssembly engine, and the cache of compiled components on disk.

use crate::cache::Cache;
use anyhow::Context;
use sha2::{Digest, Sha256};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use wasmtime::component::Component;
use wasmtime::{Config, Engine};

/// An engine for components with WASI 0.3.
///
/// With `interruptible` a guest gives way on every tick of the epoch, so that one that computes
/// without end can be stopped; the checks for that cost a little speed.
pub fn engine(interruptible: bool) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    config.epoch_interruption(interruptible);
    Engine::new(&config)
}

/// Whether the cache has the compiled form of a component.
pub fn is_compiled(engine: &Engine, source: &Path, cache: &Cache) -> anyhow::Result<bool> {
    Ok(cache.contains(&cache_name(engine, &read_component(source)?)))
}

/// Loads a component, compiling it only if the cache has no compiled form of it, or none that counts.
pub fn load_component(engine: &Engine, source: &Path, cache: &Cache) -> anyhow::Result<Component> {
    let wasm = read_component(source)?;
    let name = cache_name(engine, &wasm);
    if let Some(component) = cache.load(&name).and_then(|compiled| deserialize(engine, &compiled)) {
        return Ok(component);
    }
    let compiled = engine
        .precompile_component(&wasm)
        .map_err(anyhow::Error::from)
        .with_context(|| format!("{} is not a component this host can run", source.display()))?;
    cache.store(&name, &compiled).context("cannot write compiled components to the cache")?;
    deserialize(engine, &compiled).context("cannot load the compiled component")
}

fn read_component(source: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(source)
        .with_context(|| format!("cannot read the component {}: build the application first", source.display()))
}

/// A name that changes with the component, the engine's version and its settings.
fn cache_name(engine: &Engine, wasm: &[u8]) -> String {
    let mut settings = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut settings);
    let content = Sha256::digest(wasm);
    let content: String = content.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{content}-{:016x}.cwasm", settings.finish())
}

/// From memory, not from the file: what was checked is what runs.
fn deserialize(engine: &Engine, compiled: &[u8]) -> Option<Component> {
    #[expect(unsafe_code, reason = "the bytes are native code that this program made")]
    // SAFETY: they come from the compiler above, or from the cache, which proves by a key that only this user has that this
    // program stored them; wasmtime also refuses those of other versions and settings.
    let component = unsafe { Component::deserialize(engine, compiled) };
    component.ok()
}
