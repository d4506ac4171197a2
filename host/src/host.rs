//! Starts and stops an application.

use crate::application::Application;
use crate::assembly::Parts;
use crate::cache::Cache;
use crate::limits::Limits;
use crate::manifest::Manifest;
use crate::output::{Output, OutputStreams};
use crate::phase::Phase;
use crate::runtime_config::RuntimeConfig;
use crate::server::serve;
use crate::state_dir::StateDir;
use crate::stores::Stores;
use crate::variables::{Variables, read_dotenv};
use anyhow::anyhow;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// How long instances get to end once they were told to.
const CUT_TIME: Duration = Duration::from_secs(1);

/// What to run, and how.
#[derive(Clone)]
pub struct HostConfig {
    /// The application's `spin.toml`.
    pub manifest: PathBuf,
    /// The folder for databases and compiled components; no two hosts can share one.
    pub state_dir: PathBuf,
    /// The folder of compiled components, if not `cache` in the state folder; hosts of one user may share it.
    pub cache_dir: Option<PathBuf>,
    /// The address to listen on; port 0 is any free one.
    pub listen: SocketAddr,
    /// A file that says where databases and stores are.
    pub runtime_config: Option<PathBuf>,
    /// Values of variables; they come before the environment and `.env`.
    pub variables: BTreeMap<String, String>,
    /// Values for variables that have none otherwise; they come before the manifest's defaults,
    /// and names that the manifest does not declare are passed over. `{listen}` in a value stands
    /// for the address that the host listens on.
    pub fallback_variables: BTreeMap<String, String>,
    /// What requests and instances may use.
    pub limits: Limits,
    /// Where the components print to.
    pub output: Output,
    /// Runs once the state folder is locked and before any component does: the place to check
    /// settings and to migrate the database.
    pub before_start: Option<fn(&Prepared<'_>) -> anyhow::Result<()>>,
}

/// What is known just before the components start.
#[derive(Debug)]
pub struct Prepared<'a> {
    /// The application's variables.
    pub variables: &'a Variables,
    /// The file of the database with the label `default`.
    pub database: &'a Path,
}

impl HostConfig {
    /// Runs `manifest` on a free port of this machine, with defaults for the rest.
    pub fn new(manifest: impl Into<PathBuf>, state_dir: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            state_dir: state_dir.into(),
            cache_dir: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            runtime_config: None,
            variables: BTreeMap::new(),
            fallback_variables: BTreeMap::new(),
            limits: Limits::default(),
            output: Output::default(),
            before_start: None,
        }
    }
}

/// A running application; dropping it stops everything at once.
pub struct RunningHost {
    address: SocketAddr,
    application: Arc<Application>,
    variables: Variables,
    phase: watch::Sender<Phase>,
    server: JoinHandle<()>,
    permits: Arc<Semaphore>,
    max_instances: usize,
    _state_dir: StateDir,
}

/// Locks the state folder and resolves the variables as [`start`] does, then runs `check` instead of serving.
pub fn prepare<T>(config: &HostConfig, check: impl FnOnce(&Prepared<'_>) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let manifest = Manifest::load(&config.manifest)?;
    let runtime_config = config.runtime_config.as_deref().map(RuntimeConfig::load).transpose()?;
    let state_dir = StateDir::open(&config.state_dir)?;
    let variables = resolve(&manifest, config, config.listen)?;
    let database = Stores::new(runtime_config.as_ref(), &state_dir).database(Stores::DEFAULT)?;
    check(&Prepared { variables: &variables, database: database.path() })
}

fn resolve(manifest: &Manifest, config: &HostConfig, address: SocketAddr) -> anyhow::Result<Variables> {
    Variables::resolve(
        &manifest.variables,
        &config.variables,
        |name| std::env::var(name).ok(),
        &read_dotenv(Path::new(".env")),
        &with_address(config.fallback_variables.clone(), address),
    )
}

/// Starts an application; when this returns, it answers requests.
pub async fn start(config: HostConfig) -> anyhow::Result<RunningHost> {
    // Rustls cannot choose where several providers are linked in. An error means one is chosen.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let manifest = Manifest::load(&config.manifest)?;
    let runtime_config = config.runtime_config.as_deref().map(RuntimeConfig::load);
    let runtime_config = runtime_config.transpose()?;
    let state_dir = StateDir::open(&config.state_dir)?;
    let listener = bind(config.listen).await?;
    let address = listener.local_addr()?;
    let variables = resolve(&manifest, &config, address)?;
    let mut stores = Stores::new(runtime_config.as_ref(), &state_dir);
    if let Some(before_start) = config.before_start {
        before_start(&Prepared { variables: &variables, database: stores.database(Stores::DEFAULT)?.path() })?;
    }
    let limits = Arc::new(config.limits);
    let max_instances = limits.max_instances.min(Semaphore::MAX_PERMITS);
    let permits = Arc::new(Semaphore::new(max_instances));
    let (phase, phases) = watch::channel(Phase::Running);
    let parts = Parts {
        manifest: &manifest,
        variables: &variables,
        runtime_config: runtime_config.as_ref(),
        stores: &mut stores,
        cache: Cache::open(&config.cache_dir.unwrap_or_else(|| state_dir.cache()))?,
        output: OutputStreams::open(&config.output)?,
        limits: limits.clone(),
        address,
        permits: permits.clone(),
        phases: phases.clone(),
    };
    let application = Arc::new(parts.build()?);
    let server = tokio::spawn(serve(listener, application.clone(), limits, phases));
    Ok(RunningHost { address, application, variables, phase, server, permits, max_instances, _state_dir: state_dir })
}

/// Fills in the address where a client on this machine finds the host.
fn with_address(mut variables: BTreeMap<String, String>, address: SocketAddr) -> BTreeMap<String, String> {
    let address = match address.ip().is_unspecified() {
        true => format!("localhost:{}", address.port()),
        false => address.to_string(),
    };
    for value in variables.values_mut() {
        *value = value.replace("{listen}", &address);
    }
    variables
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow!("{address} is already in use: stop the program that uses it, or choose another --listen address")
        }
        _ => anyhow::Error::new(error).context(format!("cannot listen on {address}")),
    })
}

impl RunningHost {
    /// The address that it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Sends the application a request without a connection, and reads the whole answer.
    pub async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let request = request.map(|body| Full::from(body).map_err(|never| match never {}).boxed_unsync());
        let client = SocketAddr::from(([127, 0, 0, 1], 0));
        let response = self.application.respond(request, client).await;
        let (mut parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => {
                parts.status = StatusCode::BAD_GATEWAY;
                Bytes::new()
            }
        };
        Response::from_parts(parts, body)
    }

    /// The value of an application variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name)
    }

    /// Stops accepting connections, gives what has begun up to `grace` to end, and then cuts it.
    pub async fn shutdown(mut self, grace: Duration) {
        let deadline = Instant::now() + grace;
        self.phase.send_replace(Phase::Draining);
        let served = timeout_at(deadline, &mut self.server).await.is_ok();
        if served {
            let _ = timeout_at(deadline, self.all_instances_ended()).await;
        }
        self.phase.send_replace(Phase::Cut);
        if !served {
            let _ = timeout(CUT_TIME, &mut self.server).await;
        }
        let _ = timeout(CUT_TIME, self.all_instances_ended()).await;
    }

    async fn all_instances_ended(&self) {
        let all = u32::try_from(self.max_instances).unwrap_or(u32::MAX);
        // An error would mean that the semaphore is closed, which nobody does.
        let _ = self.permits.acquire_many(all).await;
    }
}

impl Drop for RunningHost {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Cut);
    }
}
