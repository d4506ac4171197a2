//! The application under test.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;
use uuid::Uuid;

use crate::answer::Answer;
use crate::client::Client;
use crate::own::OwnServer;
use crate::provider::{self, Provider};
use crate::skip::skip;
use crate::transcript::Transcript;

/// One test at a time uses the server of `MC_TEST_URL`.
static TURN: Mutex<()> = Mutex::new(());

/// Who [`App::user`] is where people sign in with the identity provider.
const FIRST_PERSON: &str = "user_first";

/// An application to test; it ends when this is dropped. The test fails then if a secret stood in an answer, a header
/// or the log, or if the OpenAPI document does not describe an answer.
pub struct App {
    client: Client,
    transcript: Transcript,
    url: String,
    token: String,
    internal_token: Option<String>,
    own: Option<OwnServer>,
    provider: Option<Provider>,
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
    #[track_caller]
    pub fn with(settings: &[(&str, &str)]) -> Option<Self> {
        if std::env::var_os("MC_TEST_URL").is_some() {
            skip("for want of a server with settings of its own");
            return None;
        }
        Some(Self::own(OwnServer::start(settings)))
    }

    /// An application of the test's own with these settings, where many people sign in with tokens of an identity
    /// provider; [`App::user`] is the first of them. None, with a note, where `MC_TEST_URL` gives a server.
    #[must_use]
    #[track_caller]
    pub fn with_people(settings: &[(&str, &str)]) -> Option<Self> {
        let provider = Provider::start();
        let (url, secret) = (provider.url(), provider.secret());
        let mut all = vec![("auth_mode", "clerk"), ("clerk_api_url", url.as_str()), ("clerk_secret_key", &secret)];
        all.extend(settings);
        let mut app = Self::with(&all)?;
        provider.set_profile(FIRST_PERSON, provider::profile(FIRST_PERSON, "First", "first@example.com"));
        app.token = provider.token(FIRST_PERSON);
        app.provider = Some(provider);
        Some(app)
    }

    fn own(own: OwnServer) -> Self {
        let url = own.url().to_owned();
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
            provider: None,
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
            provider: None,
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

    /// A client of the person that the local token belongs to, or of the first person of the identity provider.
    pub fn user(&self) -> Client {
        self.client.with_bearer(&self.token)
    }

    /// A client of the person with this name, who is known to the identity provider with the verified address
    /// `<name>@example.com`; only for applications made by [`App::with_people`].
    pub fn person(&self, name: &str) -> Client {
        let (provider, subject) = (self.provider(), format!("user_{name}"));
        let (first, rest) = name.split_at(1);
        let first_name = format!("{}{rest}", first.to_uppercase());
        provider.set_profile(&subject, provider::profile(&subject, &first_name, &format!("{name}@example.com")));
        self.client.with_bearer(&provider.token(&subject))
    }

    /// The identity provider; only for applications made by [`App::with_people`].
    pub fn provider(&self) -> &Provider {
        self.provider.as_ref().expect("an application with people")
    }

    /// A client of the agent with this token.
    pub fn agent(&self, token: &str) -> Client {
        self.client.with_header("x-agent-token", token)
    }

    /// Does the work that is due now, such as deliveries. None, with a note, where the internal token is not known.
    #[track_caller]
    pub fn tick(&self) -> Option<Answer> {
        let Some(token) = &self.internal_token else {
            skip("for want of MC_TEST_INTERNAL_TOKEN");
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

    /// How many rows each table of the database has; only for applications made by [`App::with`].
    pub fn rows(&self) -> BTreeMap<String, i64> {
        self.own.as_ref().expect("an application of the test's own").rows()
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
        let undescribed = self.transcript.undescribed();
        assert!(undescribed.is_empty(), "the OpenAPI document does not say:\n{}", undescribed.join("\n"));
    }
}

/// A name that nothing else has.
pub fn unique(name: &str) -> String {
    format!("{name} {}", Uuid::new_v4().simple())
}
