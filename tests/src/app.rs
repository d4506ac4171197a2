//! The application under test.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;
use uuid::Uuid;

use crate::answer::Answer;
use crate::client::Client;
use crate::own::OwnServer;
use crate::transcript::Transcript;

/// One test at a time uses the server of `MC_TEST_URL`.
static TURN: Mutex<()> = Mutex::new(());

/// An application to test; it ends when this is dropped. The test fails then if a secret stood in an answer, a header
/// or the log.
pub struct App {
    client: Client,
    transcript: Transcript,
    url: String,
    token: String,
    internal_token: Option<String>,
    own: Option<OwnServer>,
    _turn: Option<MutexGuard<'static, ()>>,
}

impl App {
    /// An application with default settings: a fresh one, or the server of `MC_TEST_URL` with a fresh organization.
    pub fn start() -> Self {
        match std::env::var("MC_TEST_URL") {
            Ok(url) => Self::running(&url),
            Err(_) => Self::own(OwnServer::start(&[])),
        }
    }

    /// An application of the test's own with these settings. None, with a note, where `MC_TEST_URL` gives a server
    /// that has its settings already.
    #[must_use]
    pub fn with(settings: &[(&str, &str)]) -> Option<Self> {
        if std::env::var_os("MC_TEST_URL").is_some() {
            println!("skipped: this test needs a server with settings of its own");
            return None;
        }
        Some(Self::own(OwnServer::start(settings)))
    }

    fn own(own: OwnServer) -> Self {
        let url = own.url();
        let transcript = Transcript::default();
        for (name, secret) in &own.secrets {
            transcript.keep(&format!("the setting {name}"), secret);
        }
        Self {
            client: Client::new(&url, transcript.clone()),
            transcript,
            url,
            token: own.token.clone(),
            internal_token: Some(own.internal_token.clone()),
            own: Some(own),
            _turn: None,
        }
    }

    fn running(url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        let transcript = Transcript::default();
        let app = Self {
            client: Client::new(&url, transcript.clone()),
            transcript,
            url,
            token: std::env::var("MC_TEST_TOKEN").expect("MC_TEST_TOKEN is set beside MC_TEST_URL"),
            internal_token: std::env::var("MC_TEST_INTERNAL_TOKEN").ok(),
            own: None,
            _turn: Some(TURN.lock().unwrap_or_else(PoisonError::into_inner)),
        };
        app.user().post("/api/v1/organizations", json!({"name": unique("Organization")})).expect(200);
        app
    }

    /// The address of the server, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The token that people sign in with.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A client without credentials.
    pub fn anonymous(&self) -> Client {
        self.client.clone()
    }

    /// A client of the person that the local token belongs to.
    pub fn user(&self) -> Client {
        self.client.with_bearer(&self.token)
    }

    /// A client of the agent with this token.
    pub fn agent(&self, token: &str) -> Client {
        self.client.with_header("x-agent-token", token)
    }

    /// Does the work that is due now, such as deliveries. None, with a note, where the internal token is not known.
    pub fn tick(&self) -> Option<Answer> {
        let Some(token) = &self.internal_token else {
            println!("skipped: MC_TEST_INTERNAL_TOKEN is not set");
            return None;
        };
        Some(self.client.with_bearer(token).post("/internal/tick", json!({})))
    }

    /// What was answered so far, for tests that read answers without a [`Client`].
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// What the components have printed so far; empty for a server of `MC_TEST_URL`.
    pub fn output(&self) -> String {
        self.own.as_ref().map(OwnServer::output).unwrap_or_default()
    }

    /// Runs statements in the database itself, such as to make something older; only for applications made by
    /// [`App::with`].
    pub fn execute(&self, sql: &str) {
        self.own.as_ref().expect("an application of the test's own").execute(sql);
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let (mut log, mut hashes) = (String::new(), Vec::new());
        if let Some(own) = &mut self.own {
            own.stop();
            (log, hashes) = (own.output(), own.hashes());
        }
        let leaks = self.transcript.leaks(&log, &hashes);
        assert!(leaks.is_empty(), "secrets were shown:\n{}", leaks.join("\n"));
    }
}

/// A name that nothing else has.
pub fn unique(name: &str) -> String {
    format!("{name} {}", Uuid::new_v4().simple())
}
