//! A database file and the line in which its writers wait.

use super::line::Line;
use std::path::{Path, PathBuf};

/// A database that components of this process share.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    /// Where connections wait that begin to write.
    pub writers: Line,
}

impl Database {
    /// The database in this file.
    pub fn new(path: PathBuf) -> Self {
        Self { path, writers: Line::default() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
