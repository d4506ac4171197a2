//! An identity provider of the test's own: a real HTTP server with a key set, profiles and accounts, as Clerk offers them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::own::RUNTIME;

/// How long the tokens of [`Provider::token`] are valid, in seconds.
const TOKEN_SECONDS: u64 = 3600;

/// A key pair and the name that tokens call it by.
struct Key {
    id: &'static str,
    private: EncodingKey,
    public: RsaPublicKey,
}

/// Made once a process: that takes a while.
static KEYS: LazyLock<[Key; 2]> = LazyLock::new(|| [key("ins_first"), key("ins_second")]);

fn key(id: &'static str) -> Key {
    let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key pair");
    let der = private.to_pkcs1_der().expect("a key");
    Key { id, private: EncodingKey::from_rsa_der(der.as_bytes()), public: private.to_public_key() }
}

/// What the provider answers, and what it was asked.
struct State {
    secret: String,
    /// The key in use, by its place in [`KEYS`].
    current_key: usize,
    profiles: HashMap<String, Value>,
    failing_keys: Option<u16>,
    failing_profiles: Option<u16>,
    failing_deletions: Option<u16>,
    delay: Duration,
    key_requests: usize,
    profile_requests: usize,
    deleted: Vec<String>,
}

/// A running provider; it ends when this is dropped.
pub struct Provider {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State {
            secret: format!("sk_test_{}", Uuid::new_v4().simple()),
            current_key: 0,
            profiles: HashMap::new(),
            failing_keys: None,
            failing_profiles: None,
            failing_deletions: None,
            delay: Duration::ZERO,
            key_requests: 0,
            profile_requests: 0,
            deleted: Vec::new(),
        }));
        let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = RUNTIME.spawn(serve(listener, Arc::clone(&state)));
        Self { address, state, server }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its address, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The secret that the application must show.
    pub fn secret(&self) -> String {
        self.state().secret.clone()
    }

    /// Replaces what `GET /v1/users/{subject}` answers.
    pub fn set_profile(&self, subject: &str, profile: Value) {
        self.state().profiles.insert(subject.to_owned(), profile);
    }

    /// Forgets the account.
    pub fn remove_profile(&self, subject: &str) {
        self.state().profiles.remove(subject);
    }

    /// A token of this person that is valid for an hour, without e-mail or name.
    pub fn token(&self, subject: &str) -> String {
        let now = now();
        self.sign(&json!({
            "sub": subject, "iss": "https://issuer.example", "azp": "https://app.example", "sid": "sess_1",
            "iat": now, "nbf": now, "exp": now + TOKEN_SECONDS,
        }))
    }

    /// A token with these claims, signed as the provider signs.
    pub fn sign(&self, claims: &Value) -> String {
        let id = KEYS[self.state().current_key].id;
        self.sign_with(&json!({"alg": "RS256", "typ": "JWT", "kid": id}), claims)
    }

    /// A token with this header: the signature is the right one for RS256 with the current key whatever the header's
    /// `kid`; for HS256 the secret is the public key; for anything else it is empty.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let key = &KEYS[self.state().current_key];
        let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signed = |key: &EncodingKey, algorithm| {
            crypto::sign(message.as_bytes(), key, algorithm).expect("the message can be signed")
        };
        let signature = match header["alg"].as_str() {
            Some("RS256") => signed(&key.private, Algorithm::RS256),
            Some("HS256") => {
                let public = key.public.to_public_key_pem(LineEnding::LF).expect("a key");
                signed(&EncodingKey::from_secret(public.as_bytes()), Algorithm::HS256)
            }
            _ => String::new(),
        };
        format!("{message}.{signature}")
    }

    /// Signs with another key from now on, and publishes that one alone.
    pub fn rotate_keys(&self) {
        let mut state = self.state();
        state.current_key = (state.current_key + 1) % KEYS.len();
    }

    /// Answers requests for keys with this status.
    pub fn fail_keys(&self, status: Option<u16>) {
        self.state().failing_keys = status;
    }

    /// Answers requests for profiles with this status.
    pub fn fail_profiles(&self, status: Option<u16>) {
        self.state().failing_profiles = status;
    }

    /// Answers deletions of accounts with this status.
    pub fn fail_deletions(&self, status: Option<u16>) {
        self.state().failing_deletions = status;
    }

    /// Lets every answer wait so long.
    pub fn delay(&self, time: Duration) {
        self.state().delay = time;
    }

    /// How often the key set was asked for.
    pub fn key_requests(&self) -> usize {
        self.state().key_requests
    }

    /// How often a profile was asked for.
    pub fn profile_requests(&self) -> usize {
        self.state().profile_requests
    }

    /// The accounts that were deleted, in order.
    pub fn deleted(&self) -> Vec<String> {
        self.state().deleted.clone()
    }

    /// Refuses connections from now on.
    pub fn stop(&self) {
        self.server.abort();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    jsonwebtoken::get_current_timestamp()
}

/// The profile of a person with this first name and one verified address.
pub(crate) fn profile(subject: &str, first_name: &str, email: &str) -> Value {
    json!({
        "id": subject,
        "first_name": first_name,
        "last_name": "Example",
        "username": null,
        "primary_email_address_id": "idn_1",
        "email_addresses": [
            {"id": "idn_1", "email_address": email, "verification": {"status": "verified", "strategy": "email_code"}},
        ],
    })
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    // Ends with the server, and so ends the connections.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&state), request));
            // A client that goes away in the middle is no failure of the server.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body, delay) = decide(&mut state.lock().unwrap_or_else(PoisonError::into_inner), &request);
    tokio::time::sleep(delay).await;
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    Ok(response.body(Full::from(body.to_string())).expect("a response"))
}

fn decide(state: &mut State, request: &Request<Incoming>) -> (StatusCode, Value, Duration) {
    let delay = state.delay;
    let failed = |status: u16| {
        let status = StatusCode::from_u16(status).expect("a status");
        (status, json!({"errors": [{"code": "test", "message": "asked for by the test"}]}), delay)
    };
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if authorization != Some(&format!("Bearer {}", state.secret)) {
        return failed(401);
    }
    if request.uri().path() == "/v1/jwks" {
        state.key_requests += 1;
        return match state.failing_keys {
            Some(status) => failed(status),
            None => (StatusCode::OK, key_set(&KEYS[state.current_key]), delay),
        };
    }
    let Some(subject) = request.uri().path().strip_prefix("/v1/users/").map(str::to_owned) else { return failed(404) };
    if request.method() == Method::DELETE {
        if let Some(status) = state.failing_deletions {
            return failed(status);
        }
        if state.profiles.remove(&subject).is_none() {
            return failed(404);
        }
        state.deleted.push(subject.clone());
        return (StatusCode::OK, json!({"id": subject, "object": "user", "deleted": true}), delay);
    }
    state.profile_requests += 1;
    match (state.failing_profiles, state.profiles.get(&subject)) {
        (Some(status), _) => failed(status),
        (None, Some(profile)) => (StatusCode::OK, profile.clone(), delay),
        (None, None) => failed(404),
    }
}

fn key_set(key: &Key) -> Value {
    let number = |number: &rsa::BigUint| BASE64_URL_SAFE_NO_PAD.encode(number.to_bytes_be());
    json!({"keys": [{
        "use": "sig", "kty": "RSA", "kid": key.id, "alg": "RS256",
        "n": number(key.public.n()), "e": number(key.public.e()),
    }]})
}
