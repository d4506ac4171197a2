//! Measures the running application over loopback with a real load tool, and the same five requests against a minimal
//! native server that does equal SQL on an equal database: the ceiling. `cargo xtask bench` runs it.

mod application;
mod ceiling;
mod load;
mod report;
mod seed;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};

use application::Application;
use report::{Report, Row};
use seed::{Seeded, Size};

/// Seconds of load for each measured request.
const SECONDS: u64 = 8;

/// Connections that the load tool keeps open.
const CONNECTIONS: u32 = 32;

#[derive(Parser)]
#[command(about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where the Markdown table goes.
    #[arg(long, default_value = "docs/performance.md")]
    output: PathBuf,
    /// Seconds of load for each measured request.
    #[arg(long, default_value_t = SECONDS)]
    seconds: u64,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the native ceiling; started by the benchmark itself.
    Ceiling {
        /// The seeded database.
        #[arg(long)]
        database: PathBuf,
        /// Where to listen.
        #[arg(long)]
        listen: std::net::SocketAddr,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(Command::Ceiling { database, listen }) => ceiling::serve(&database, listen),
        None => measure(&arguments.output, Duration::from_secs(arguments.seconds)),
    }
}

fn measure(output: &std::path::Path, time: Duration) -> anyhow::Result<()> {
    let oha = load::tool()?;
    let folder = std::env::temp_dir().join(format!("mission-control-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = run(&oha, &folder, time).and_then(|report| {
        report.print();
        report.write(output).with_context(|| format!("cannot write {}", output.display()))
    });
    std::fs::remove_dir_all(&folder).ok();
    result
}

fn run(oha: &std::path::Path, folder: &std::path::Path, time: Duration) -> anyhow::Result<Report> {
    let few = seed::database(&folder.join("few"), Size { agents: 10, boards: 10, tasks: 200 })?;
    let many = seed::database(&folder.join("many"), Size { agents: 10_000, boards: 100, tasks: 20_000 })?;
    let ceiling_database = seed::copy(&many, &folder.join("ceiling.db"))?;

    println!("Measuring with 10 agents");
    let with_few = {
        let application = Application::start(&few)?;
        load::run(oha, &few.heartbeat(&application.base), CONNECTIONS, time)?
    };

    println!("Measuring with 10 000 agents, 100 boards, 20 000 tasks");
    // The first start compiles the components; every later one is what an operator waits for.
    drop(Application::start(&many)?);
    let application = Application::start(&many)?;
    let idle_kib = application.resident_kib()?;
    let ours = requests(&many, &application.base)
        .into_iter()
        .map(|request| load::run(oha, &request, CONNECTIONS, time))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let loaded_kib = application.resident_kib()?;
    let start = application.start_time;
    drop(application);

    println!("Measuring the native ceiling");
    let native = Application::ceiling(&ceiling_database)?;
    let theirs = requests(&many, &native.base)
        .into_iter()
        .map(|request| load::run(oha, &request, CONNECTIONS, time))
        .collect::<anyhow::Result<Vec<_>>>()?;

    let rows = ours.into_iter().zip(theirs).map(|(application, ceiling)| Row { application, ceiling }).collect();
    Ok(Report { rows, heartbeat_with_few: with_few, idle_kib, loaded_kib, start })
}

/// The five measured requests.
fn requests(seeded: &Seeded, base: &str) -> Vec<load::Request> {
    vec![
        load::Request::get("GET /healthz", format!("{base}/healthz")),
        seeded.heartbeat(base),
        seeded.task_list(base),
        seeded.task_create(base),
        seeded.webhook(base),
    ]
}
