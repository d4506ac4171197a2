//! Compiling components ahead of the start.

use crate::engine::{engine, is_compiled, load_component};
use crate::manifest::Manifest;
use crate::state_dir::create_private;
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
    create_private(cache)?;
    for (name, component) in &manifest.components {
        if !is_compiled(&engine, &component.source, cache)? {
            begins(name);
            load_component(&engine, &component.source, cache)?;
        }
    }
    Ok(())
}

/// Whether the cache has every component, compiled for this machine.
///
/// # Errors
/// When the manifest or a component cannot be read.
pub fn is_cache_complete(app: &Path, cache: &Path, interruptible: bool) -> anyhow::Result<bool> {
    let manifest = Manifest::load(app)?;
    let engine = engine(interruptible)?;
    let mut complete = true;
    for component in manifest.components.values() {
        complete &= is_compiled(&engine, &component.source, cache)?;
    }
    Ok(complete)
}
