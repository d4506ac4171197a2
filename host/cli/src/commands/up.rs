//! `mission-control up`: serve the application until Ctrl-C.

use super::application::ApplicationArguments;
use super::compile;
use super::database;
use super::limits::LimitArguments;
use super::report;
use super::tick;
use super::token::{LocalToken, random_token};
use anyhow::Context;
use clap::Args;
use mission_control_host::variables::{environment_name, read_dotenv};
use mission_control_host::{HostConfig, RunningHost, create_private, start};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;

/// How long requests get to end after Ctrl-C; with the cut that follows, 5 s in all.
const GRACE: Duration = Duration::from_secs(3);

const LOCAL_TOKEN: &str = "local_auth_token";
const INTERNAL_TOKEN: &str = "internal_token";
const SECRET_KEY: &str = "secret_key";

/// What `up` can be told; the names are Spin's where Spin has the same.
#[derive(Args)]
pub struct UpArguments {
    #[command(flatten)]
    application: ApplicationArguments,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    listen: SocketAddr,
    #[command(flatten)]
    limits: LimitArguments,
}

/// Runs the command.
pub fn run(arguments: UpArguments) -> anyhow::Result<ExitCode> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let code = runtime.block_on(up(arguments))?;
    // A guest that computes without end must not keep the process.
    runtime.shutdown_background();
    Ok(code)
}

async fn up(arguments: UpArguments) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    let mut config = config(arguments)?;
    let state_dir = config.state_dir.clone();
    create_private(&state_dir)?;
    let token = match is_set(LOCAL_TOKEN, &config.variables) {
        true => None,
        false => Some(LocalToken::load_or_create(&state_dir)?),
    };
    if let Some(LocalToken { path, value, .. }) = token.as_ref().filter(|token| token.is_new) {
        println!("Your local token, shown this once and kept in {}: {value}", path.display());
    }
    if let Some(token) = &token {
        config.fallback_variables.insert(LOCAL_TOKEN.to_owned(), token.value.clone());
    }
    if !is_set(SECRET_KEY, &config.variables) {
        let key = LocalToken::kept_as(SECRET_KEY, &state_dir)?;
        config.fallback_variables.insert(SECRET_KEY.to_owned(), key.value);
    }
    let (app, cache, interruptible) =
        (config.manifest.clone(), state_dir.join("cache"), config.limits.request_timeout.is_some());
    tokio::select! {
        compiled = spawn_blocking(move || compile::ahead(&app, &cache, interruptible)) => compiled.context("the compiler failed")??,
        _ = signals.next() => return Ok(ExitCode::SUCCESS),
    }
    // Compiling takes a thread for a while; another one must hear the signals.
    let host = tokio::select! {
        started = tokio::spawn(start(config)) => started.context("the start failed")??,
        _ = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    print_welcome(&host, token.as_ref());
    tokio::select! {
        () = run_ticks(&host) => {}
        _ = signals.next() => {}
    }
    report(format_args!("mission-control: stopping; Ctrl-C again to stop at once"));
    Ok(tokio::select! {
        () = host.shutdown(GRACE) => ExitCode::SUCCESS,
        _ = signals.next() => ExitCode::from(130),
    })
}

fn config(arguments: UpArguments) -> anyhow::Result<HostConfig> {
    let mut config = arguments.application.config()?;
    config.listen = arguments.listen;
    config.fallback_variables = BTreeMap::from([
        ("auth_mode".to_owned(), "local".to_owned()),
        ("base_url".to_owned(), "http://{listen}".to_owned()),
        (INTERNAL_TOKEN.to_owned(), random_token()?),
    ]);
    config.limits = arguments.limits.into();
    config.before_start = Some(database::check);
    Ok(config)
}

/// Whether somebody chose a value for a variable.
fn is_set(name: &str, given: &BTreeMap<String, String>) -> bool {
    let key = environment_name(name);
    given.contains_key(name) || std::env::var_os(&key).is_some() || read_dotenv(Path::new(".env")).contains_key(&key)
}

/// Ticks forever, or waits forever where the application has no token for it.
async fn run_ticks(host: &RunningHost) {
    match host.variable(INTERNAL_TOKEN) {
        Some(token) => tick::run(host, token).await,
        None => std::future::pending().await,
    }
}

fn print_welcome(host: &RunningHost, token: Option<&LocalToken>) {
    let url = format!("http://{}", host.addr());
    println!("Mission Control serves {url}");
    let Some(token) = token.filter(|_| host.variable(LOCAL_TOKEN).is_some()) else {
        println!("Try it: curl {url}/healthz");
        return;
    };
    let path = token.path.display();
    if !token.is_new {
        println!("Your local token is in {path}");
    }
    println!(r#"Try it: curl -H "Authorization: Bearer $(cat {path})" {url}/api/v1/users/me"#);
}

/// The signals that end the program.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
