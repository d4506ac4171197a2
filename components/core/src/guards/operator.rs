//! The operator's own scheduler.

use super::bearer;
use mission_control_platform::tokens;
use mission_control_web::http::{ApiError, ApiResult, Cx, Extract, Operation};
use mission_control_web::schema::Faults;

/// Whoever holds the operator's internal token. Without such a token in the settings, the route does not exist.
#[derive(Clone, Copy, Debug)]
pub struct Operator;

impl Extract for Operator {
    async fn extract(cx: &Cx, _: &mut Faults) -> ApiResult<Option<Self>> {
        let expected = cx.settings.internal_token.expose().trim();
        if expected.is_empty() {
            return Err(ApiError::not_found());
        }
        match bearer::bearer_token(cx) {
            Some(token) if tokens::same(&token, expected.as_bytes()) => Ok(Some(Self)),
            _ => Err(ApiError::unauthorized()),
        }
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.user_auth();
    }
}
