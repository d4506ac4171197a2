//! The identity provider (Clerk): people sign in with its session tokens.

mod cache;
mod client;
mod keys;
mod profile;
mod token;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use http::header::{HeaderValue, RETRY_AFTER};
use serde_json::Value;

use mission_control_platform::limits::{self, Namespace};
use mission_control_platform::settings::Settings;
use mission_control_platform::telemetry::{self, FieldValue, Level};
use mission_control_web::http::{ApiError, ApiResult, Cx};

pub(crate) use client::Failure;
#[cfg(test)]
pub(crate) use profile::Email;
pub(crate) use profile::Person;
pub(crate) use token::Claims;

/// A profile is waited for this long; a sign-in goes on without it.
const PROFILE_DEADLINE: Duration = Duration::from_secs(4);

/// The deletion of an account is waited for this long.
const DELETION_DEADLINE: Duration = Duration::from_secs(5);

/// The claims of a token, if somebody may sign in with it now.
///
/// # Errors
/// 503 while the provider's keys cannot be had.
pub(super) async fn verify(cx: &Cx, token: &[u8]) -> ApiResult<Option<Claims>> {
    if !token::is_jwt(token) {
        return Ok(None);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let Some(token) = token::Token::parse(token).filter(|token| token.claims_hold(&cx.settings, now)) else {
        return Ok(None);
    };
    let is_blocked = async || !limits::peek(&cx.settings, Namespace::UserAuth, &cx.client_address).await.allowed;
    match keys::find(&cx.settings, token.key_id(), is_blocked).await {
        Ok(key) => Ok(key.and_then(|key| token.signed_by(&key))),
        Err(keys::Outage) => {
            let refused = "Sign-in is not available: the identity provider cannot be reached.";
            Err(ApiError::unavailable(refused).with_header(RETRY_AFTER, HeaderValue::from_static("5")))
        }
    }
}

/// The person's profile at the provider. Whatever goes wrong is logged, and there is none.
pub(crate) async fn profile(settings: &Settings, external_id: &str) -> Option<Person> {
    let reply = client::call(settings, Method::GET, &client::user_path(external_id), PROFILE_DEADLINE).await;
    let body = reply.and_then(client::Reply::successful);
    let profile = body.and_then(|body| match serde_json::from_slice(&body) {
        Ok(Value::Object(profile)) => Ok(Person::of_profile(&profile)),
        _ => Err(Failure::Unreadable),
    });
    profile.inspect_err(|failure| note(Level::Warning, "no profile", external_id, &[reason(failure)])).ok()
}

/// Deletes the account at the provider and says what became of it; an account that is not there is as good as deleted.
pub(crate) async fn delete_account(settings: &Settings, external_id: &str) -> Result<&'static str, Failure> {
    let path = client::user_path(external_id);
    let outcome = match client::call(settings, Method::DELETE, &path, DELETION_DEADLINE).await? {
        reply if reply.status == 404 => "already missing",
        reply => reply.successful().map(|_| "deleted")?,
    };
    note(Level::Info, "account deleted at the provider", external_id, &[("outcome", outcome.into())]);
    Ok(outcome)
}

/// Logs something about a person, who is told by the end of their id.
pub(crate) fn note(level: Level, message: &str, external_id: &str, more: &[telemetry::Field<'_>]) {
    let start = external_id.char_indices().nth_back(5).map_or(0, |(index, _)| index);
    let mut fields = vec![("external_id_end", external_id.get(start..).unwrap_or_default().into())];
    fields.extend_from_slice(more);
    telemetry::log(level, "mission_control.identity", message, &fields);
}

/// Why the provider was of no use, for a log line.
fn reason(failure: &Failure) -> telemetry::Field<'_> {
    ("reason", FieldValue::Shown(failure))
}
