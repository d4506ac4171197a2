//! Structured log lines on standard output, one write a line.
//!
//! Nothing is formatted for a level that is switched off. Callers pass ids and numbers, never tokens, bodies or
//! addresses of people.

mod line;

use std::cell::Cell;
use std::fmt;
use std::io::Write as _;
use std::panic::Location;
use std::time::Duration;

use jiff::Timestamp;

use crate::settings::{LogFormat, Settings};
use line::Record;

const ACCESS_LOGGER: &str = "mission_control.access";
const HEALTH_PATHS: [&str; 3] = ["/health", "/healthz", "/readyz"];

/// How much a line matters; the numbers are those of `LOG_LEVEL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Every step.
    Trace = 5,
    /// For finding faults.
    Debug = 10,
    /// Life of the application.
    Info = 20,
    /// Something is wrong but was dealt with.
    Warning = 30,
    /// A request or a delivery failed.
    Error = 40,
    /// The application cannot work.
    Critical = 50,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}

/// Value of an extra field; formatted only when the line is written.
#[derive(Clone, Copy)]
pub enum FieldValue<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Int(i128),
    /// A number; one that is not finite is written as text.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Anything that can be shown, written as text.
    Shown(&'a dyn fmt::Display),
}

impl<'a> From<&'a str> for FieldValue<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl From<bool> for FieldValue<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for FieldValue<'_> {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

macro_rules! field_value_from_integers {
    ($($type:ty),*) => {$(
        impl From<$type> for FieldValue<'_> {
            fn from(value: $type) -> Self {
                Self::Int(value as i128)
            }
        }
    )*};
}

field_value_from_integers!(i32, i64, u16, u32, u64, usize);

/// Named value of a line.
pub type Field<'a> = (&'a str, FieldValue<'a>);

/// What the settings say about logging; a copy per component instance.
#[derive(Clone, Copy)]
struct Config {
    threshold: u32,
    format: LogFormat,
    slow_ms: u64,
    include_health: bool,
}

impl Config {
    /// In force until the settings are known.
    const INITIAL: Self =
        Self { threshold: Level::Info as u32, format: LogFormat::Text, slow_ms: 1000, include_health: false };
}

thread_local! {
    static CONFIG: Cell<Config> = const { Cell::new(Config::INITIAL) };
}

/// Puts the settings in force for this instance. Lines logged before are text of level INFO and above.
pub fn init(settings: &Settings) {
    CONFIG.set(Config {
        threshold: threshold(&settings.log_level),
        format: settings.log_format,
        slow_ms: settings.request_log_slow_ms,
        include_health: settings.request_log_include_health,
    });
}

/// Whether lines of `level` are written.
pub fn enabled(level: Level) -> bool {
    level as u32 >= CONFIG.get().threshold
}

/// Writes one line, if `level` is on. Failing to write is no reason to fail a request and is ignored.
#[track_caller]
pub fn log(level: Level, logger: &str, message: &str, fields: &[Field<'_>]) {
    let config = CONFIG.get();
    if (level as u32) < config.threshold {
        return;
    }
    let record = Record { time: Timestamp::now(), level, logger, message, place: Location::caller(), fields };
    let line = match config.format {
        LogFormat::Json => record.json(),
        LogFormat::Text => record.text(),
    };
    drop(std::io::stdout().lock().write_all(line.as_bytes()));
}

/// The request that an access line is about. The query string is never logged.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// Identifier of the request.
    pub request_id: &'a str,
    /// HTTP method.
    pub method: &'a str,
    /// Path without query.
    pub path: &'a str,
    /// Address of the client.
    pub client_ip: &'a dyn fmt::Display,
}

impl<'a> Access<'a> {
    /// The fields that every line written while serving the request carries.
    pub fn fields(&self) -> [Field<'a>; 3] {
        [("request_id", self.request_id.into()), ("method", self.method.into()), ("path", self.path.into())]
    }

    fn is_skipped(&self, config: Config) -> bool {
        !config.include_health && HEALTH_PATHS.contains(&self.path)
    }

    fn log(&self, level: Level, message: &str, more: &[Field<'_>]) {
        if !enabled(level) {
            return;
        }
        let mut fields = self.fields().to_vec();
        fields.push(("client_ip", FieldValue::Shown(self.client_ip)));
        fields.extend_from_slice(more);
        log(level, ACCESS_LOGGER, message, &fields);
    }
}

/// Logs that the response headers are sent: DEBUG below status 400, WARNING below 500, else ERROR; and once more,
/// as WARNING, if `duration` reached the slow threshold.
pub fn access_complete(access: &Access<'_>, status: u16, duration: Duration) {
    let config = CONFIG.get();
    if access.is_skipped(config) {
        return;
    }
    let level = match status {
        ..400 => Level::Debug,
        400..500 => Level::Warning,
        500.. => Level::Error,
    };
    let duration_ms = whole_ms(duration);
    let fields = [
        ("status_code", status.into()),
        ("duration_ms", duration_ms.into()),
        ("slow_threshold_ms", config.slow_ms.into()),
    ];
    let [status_code, took, _] = fields;
    access.log(level, "http.request.complete", &[status_code, took]);
    if config.slow_ms != 0 && duration_ms >= config.slow_ms {
        access.log(Level::Warning, "http.request.slow", &fields);
    }
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The lowest level number to log; an unknown name means INFO.
fn threshold(level: &str) -> u32 {
    match level.to_ascii_uppercase().as_str() {
        "TRACE" => Level::Trace as u32,
        "DEBUG" => Level::Debug as u32,
        "WARNING" => Level::Warning as u32,
        "ERROR" => Level::Error as u32,
        "CRITICAL" => Level::Critical as u32,
        other => other.parse().unwrap_or(Level::Info as u32),
    }
}

/// A request failed for a reason that the client is not told.
pub fn failure(request_id: &str, path: &str, cause: &str) {
    let fields = [("request_id", request_id.into()), ("path", path.into()), ("cause", cause.into())];
    log(Level::Error, "mission_control.http", "request failed", &fields);
}

/// Someone presented no or wrong credentials. `hint` is the start of the presented token's hash, never of the token.
pub fn sign_in_failed(request_id: &str, path: &str, who: &str, hint: Option<&str>) {
    let fields = [
        ("request_id", request_id.into()),
        ("path", path.into()),
        ("who", who.into()),
        ("token_hash_prefix", hint.unwrap_or("none").into()),
    ];
    log(Level::Warning, "mission_control.identity", "sign-in failed", &fields);
}

/// A job of the outbox failed and will be tried again, or is dead.
pub fn job_failed(kind: &str, id: &str, attempts: i64, cause: &str) {
    let fields = [("kind", kind.into()), ("job_id", id.into()), ("attempts", attempts.into()), ("cause", cause.into())];
    log(Level::Error, "mission_control.outbox", "job failed", &fields);
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Untouchable;

    impl fmt::Display for Untouchable {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("formatted although the level is off")
        }
    }

    fn init_with(level: &'static str) {
        let settings = Settings::from_lookup(&|name| {
            let value = match name {
                "auth_mode" => "clerk",
                "clerk_secret_key" => "key",
                "base_url" => "http://localhost",
                "log_level" => level,
                _ => return None,
            };
            Some(value.to_owned())
        });
        init(&settings.unwrap());
    }

    #[test]
    fn levels_are_names_or_numbers() {
        for (text, number) in [
            ("trace", 5),
            ("DEBUG", 10),
            ("info", 20),
            ("Warning", 30),
            ("ERROR", 40),
            ("critical", 50),
            ("5", 5),
            ("35", 35),
            ("loud", 20),
            ("", 20),
        ] {
            assert_eq!(threshold(text), number, "{text}");
        }
    }

    #[test]
    fn settings_decide_what_is_enabled() {
        init_with("warning");
        assert!(!enabled(Level::Info) && enabled(Level::Warning));
        init_with("5");
        assert!(enabled(Level::Trace));
        init_with("Trace");
        assert!(enabled(Level::Trace));
    }

    #[test]
    fn values_of_a_level_that_is_off_are_not_formatted() {
        init_with("info");
        log(Level::Debug, "test", "quiet", &[("value", FieldValue::Shown(&Untouchable))]);
        let access = Access { request_id: "r", method: "GET", path: "/x", client_ip: &Untouchable };
        access_complete(&access, 200, Duration::from_millis(999));
        let health = Access { path: "/healthz", ..access };
        access_complete(&health, 500, Duration::from_secs(5));
    }

    #[test]
    #[should_panic(expected = "although the level is off")]
    fn a_slow_request_is_logged_at_any_status() {
        init_with("info");
        let access = Access { request_id: "r", method: "GET", path: "/x", client_ip: &Untouchable };
        access_complete(&access, 200, Duration::from_millis(1000));
    }
}
