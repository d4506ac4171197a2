//! The operator's own scheduler.

use super::{attempts, bearer};
use mission_control_platform::limits::Namespace;
use mission_control_platform::{telemetry, tokens};
use mission_control_web::http::{ApiError, ApiResult, Cx, Extract, Operation};
use mission_control_web::schema::Faults;

/// Whoever holds the operator's internal token. Without such a token in the settings, the route does not exist. Wrong
/// guesses count like failed sign-ins of people.
#[derive(Clone, Copy, Debug)]
pub struct Operator;

impl Extract for Operator {
    async fn extract(cx: &Cx, _: &mut Faults) -> ApiResult<Option<Self>> {
        let expected = cx.settings.internal_token.expose().trim();
        if expected.is_empty() {
            return Err(ApiError::not_found());
        }
        let token = bearer::bearer_token(cx);
        if token.as_deref().is_some_and(|token| tokens::same(token, expected.as_bytes())) {
            return Ok(Some(Self));
        }
        telemetry::sign_in_failed(&cx.request_id, &cx.path, "operator", token.map(tokens::log_hint).as_deref());
        Err(attempts::failed(cx, Namespace::UserAuth, ApiError::unauthorized()).await)
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.user_auth();
    }
}
