//! The figures as a Markdown page.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use crate::load::Measurement;

/// One request measured on both servers.
#[derive(Debug)]
pub struct Row {
    /// The application.
    pub application: Measurement,
    /// The native server.
    pub ceiling: Measurement,
}

/// Everything that one run measured.
#[derive(Debug)]
pub struct Report {
    /// The five requests.
    pub rows: Vec<Row>,
    /// The heartbeat in a database of ten agents.
    pub heartbeat_with_few: Measurement,
    /// Resident memory after the start, KiB.
    pub idle_kib: u64,
    /// Resident memory after all load, KiB.
    pub loaded_kib: u64,
    /// From starting the process to its first answer.
    pub start: Duration,
}

impl Report {
    /// Prints the table.
    pub fn print(&self) {
        println!("\n{}", self.table());
    }

    /// Writes the page.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        std::fs::write(path, format!("{INTRODUCTION}\n{}", self.table()))
    }

    fn table(&self) -> String {
        let mut text = String::from(
            "| request | requests/s | p50 ms | p99 ms | native requests/s | native p50 ms | native p99 ms | share of native |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
        );
        for Row { application, ceiling } in &self.rows {
            let _ = writeln!(
                text,
                "| {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.2} | {:.2} | {:.0} % |",
                application.name,
                application.per_second,
                application.p50_ms,
                application.p99_ms,
                ceiling.per_second,
                ceiling.p50_ms,
                ceiling.p99_ms,
                100.0 * application.per_second / ceiling.per_second
            );
        }
        let many = self.rows.iter().find(|row| row.application.name == self.heartbeat_with_few.name);
        if let Some(row) = many {
            let _ = writeln!(
                text,
                "\nHeartbeat with 10 agents: {:.0} requests/s; with 10 000 agents: {:.0} requests/s ({:+.0} %).",
                self.heartbeat_with_few.per_second,
                row.application.per_second,
                100.0 * (row.application.per_second / self.heartbeat_with_few.per_second - 1.0)
            );
        }
        let _ = writeln!(
            text,
            "Memory of the whole program: {} MiB idle, {} MiB after the load. Start to first answer: {} ms.",
            self.idle_kib / 1024,
            self.loaded_kib / 1024,
            self.start.as_millis()
        );
        text
    }
}

const INTRODUCTION: &str = "# Performance

Measured by `cargo xtask bench`, which rewrites this page: the application in the embedded host on SQLite (WAL,
`synchronous = NORMAL`) with 10 000 agents, 100 boards and 20 000 tasks, driven over loopback by `oha` with 32 connections
on the same machine. *Native* is a minimal hyper and rusqlite server that does equal SQL on an equal database: the ceiling
of what any implementation could reach here. Machines differ; the shares are what to compare.
";
