//! Compiling components ahead of the start.

use crate::cache::Cache;
use crate::engine::{engine, is_compiled, load_component};
use crate::manifest::Manifest;
use std::path::Path;

/// Compiles every component that the cache lacks, and tells the name of each before it begins.
///
/// # Errors
/// When the manifest or a component is wrong, or the cache cannot be written.
pub fn compile_missing(
    app: &Path,
    cache: &Path,
    interruptible: bool,
    mut begins: impl FnMut(&str),
) -> anyhow::Result<()> {
    let manifest = Manifest::load(app)?;
    let engine = engine(interruptible)?;
    let cache = Cache::open(cache)?;
    for (name, component) in &manifest.components {
        if !is_compiled(&engine, &component.source, &cache)? {
            begins(name);
            load_component(&engine, &component.source, &cache)?;
        }
    }
    Ok(())
}

/// Whether the cache has every component, compiled for this machine.
///
/// # Errors
/// When the manifest or a component cannot be read, or others could change the cache.
pub fn is_cache_complete(app: &Path, cache: &Path, interruptible: bool) -> anyhow::Result<bool> {
    let manifest = Manifest::load(app)?;
    let engine = engine(interruptible)?;
    let cache = Cache::open(cache)?;
    let mut complete = true;
    for component in manifest.components.values() {
        complete &= is_compiled(&engine, &component.source, &cache)?;
    }
    Ok(complete)
}
