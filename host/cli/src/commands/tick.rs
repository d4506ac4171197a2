//! Wakes the application every second, so that it can do what has fallen due.

use super::report;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use mission_control_host::RunningHost;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, timeout};

const PERIOD: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);
const REPORT_PERIOD: Duration = Duration::from_secs(60);

/// Posts `/internal/tick` every second, never two at a time, until it is dropped.
pub async fn run(host: &RunningHost, token: &str) {
    let mut interval = tokio::time::interval(PERIOD);
    interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut last_report: Option<Instant> = None;
    loop {
        interval.tick().await;
        let problem = match request(token) {
            Ok(request) => match timeout(LONGEST, host.send(request)).await.map(|response| response.status()) {
                Ok(status) if status.is_success() || status == StatusCode::NOT_FOUND => continue,
                Ok(status) => status.to_string(),
                Err(_) => "no answer for a minute".to_owned(),
            },
            Err(error) => error.to_string(),
        };
        if last_report.is_none_or(|last| last.elapsed() >= REPORT_PERIOD) {
            last_report = Some(Instant::now());
            report(format_args!("mission-control: POST /internal/tick failed: {problem}"));
        }
    }
}

fn request(token: &str) -> http::Result<Request<Bytes>> {
    Request::post("/internal/tick")
        .header(header::HOST, "localhost")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_LENGTH, "0")
        .body(Bytes::new())
}
