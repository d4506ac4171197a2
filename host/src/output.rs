//! Where the guests' standard output and error go.

use anyhow::Context;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::cli::OutputFile;

/// Where to send what the components print.
#[derive(Clone, Debug, Default)]
pub enum Output {
    /// To this process's own standard output and error.
    #[default]
    Inherit,
    /// Both to the end of a file.
    File(PathBuf),
}

/// An [`Output`] that is ready for use.
#[derive(Clone)]
pub enum OutputStreams {
    /// This process's own streams.
    Inherit,
    /// An open file.
    File(OutputFile),
}

impl OutputStreams {
    /// Opens the file, if there is one.
    pub fn open(target: &Output) -> anyhow::Result<Self> {
        match target {
            Output::Inherit => Ok(Self::Inherit),
            Output::File(path) => {
                let file = File::options().create(true).append(true).mode(0o600).open(path);
                let file = file.with_context(|| format!("cannot write to {}", path.display()))?;
                Ok(Self::File(OutputFile::new(file)))
            }
        }
    }

    /// Lets an instance write here.
    pub fn connect(&self, wasi: &mut WasiCtxBuilder) {
        match self {
            Self::Inherit => wasi.inherit_stdout().inherit_stderr(),
            Self::File(file) => wasi.stdout(file.clone()).stderr(file.clone()),
        };
    }
}
