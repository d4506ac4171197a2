//! Which organization a request acts on: the stored active one, or the one that a header names for this request alone.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::organizations::{Membership, store};
use mission_control_platform::db::DbError;
use mission_control_web::http::{ApiError, ApiResult, Cx, Operation};
use mission_control_web::schema::{Faults, Field, Place};

/// Names an organization by its id.
pub const HEADER: &str = "x-organization-id";

/// The membership that a person's request acts with: that of the organization in the header, else the active one.
///
/// # Errors
/// 422 when the header is no id, 403 when the person is not a member of such an organization, a database failure.
pub fn membership_for_request(cx: &Cx, user_id: Uuid, active: Membership) -> ApiResult<Membership> {
    let Some(value) = cx.headers.get(HEADER) else { return Ok(active) };
    let text = Value::from(String::from_utf8_lossy(value.as_bytes()));
    let mut faults = Faults::default();
    let Some(wanted) = Uuid::read(&text, &Place::root("header").member(HEADER), &mut faults) else {
        return Err(ApiError::invalid(faults));
    };
    if wanted == active.organization_id {
        return Ok(active);
    }
    let chosen = cx.db.read::<_, DbError>(|tx| store::membership(tx, wanted, user_id))?;
    chosen.ok_or_else(|| ApiError::forbidden_because("No org access"))
}

/// Adds the header to a documented operation.
pub fn describe(operation: &mut Operation<'_>) {
    let schema = json!({"type": "string", "format": "uuid", "title": "X-Organization-Id"});
    operation.parameter("X-Organization-Id", "header", false, schema);
    operation.refuses(403);
}
