//! The WebAssembly engine, and the cache of compiled components on disk.

use anyhow::Context;
use sha2::{Digest, Sha256};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// Whether the folder `cache` has the compiled form of a component.
pub fn is_compiled(engine: &Engine, source: &Path, cache: &Path) -> anyhow::Result<bool> {
    Ok(cache.join(cache_name(engine, &read_component(source)?)).is_file())
}

/// Loads a component, compiling it only if the folder `cache` has no compiled form of it.
pub fn load_component(engine: &Engine, source: &Path, cache: &Path) -> anyhow::Result<Component> {
    let wasm = read_component(source)?;
    let compiled = cache.join(cache_name(engine, &wasm));
    if let Some(component) = load_compiled(engine, &compiled) {
        return Ok(component);
    }
    let bytes = engine
        .precompile_component(&wasm)
        .map_err(anyhow::Error::from)
        .with_context(|| format!("{} is not a component this host can run", source.display()))?;
    match store_compiled(&compiled, &bytes) {
        // Loading the file maps it into memory, which is shared and can be paged out.
        Ok(()) => load_compiled(engine, &compiled).context("cannot load the compiled component"),
        Err(error) => {
            let folder = cache.display();
            Err(error).with_context(|| format!("cannot write compiled components to {folder}"))
        }
    }
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

fn load_compiled(engine: &Engine, path: &Path) -> Option<Component> {
    if !path.is_file() {
        return None;
    }
    #[expect(
        unsafe_code,
        reason = "the file is native code that this program wrote, in a folder only its user can enter"
    )]
    // SAFETY: see above; wasmtime also refuses files of other versions and settings.
    let component = unsafe { Component::deserialize_file(engine, path) };
    component.ok()
}

/// Writes beside the final name first: a reader never sees half a file.
fn store_compiled(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // Other threads and processes may compile the same component at the same time.
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let unfinished = path.with_extension(format!("{process}-{count}.tmp"));
    std::fs::write(&unfinished, bytes)?;
    std::fs::rename(&unfinished, path)
}
