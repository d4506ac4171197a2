//! The person's word: the board gets its goal, and a lead.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::wire::BoardOnboardingConfirm;
use super::{SessionStatus, gateway_of, store};
use crate::agents::lead;
use crate::agents::profile::IdentityProfile;
use crate::boards::{self, Board};
use crate::users::{self, User};
use mission_control_platform::db::Tx;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

/// Where a goal comes from that was confirmed here.
const GOAL_SOURCE: &str = "lead_agent_onboarding";

/// Members of the draft's lead that become part of its profile.
const TRAITS: [&str; 5] = ["autonomy_level", "verbosity", "output_format", "update_cadence", "custom_instructions"];

/// Confirms the latest onboarding: the board takes the goal, the person what the draft says of them, and the board gets its
/// lead. May be repeated.
///
/// # Errors
/// 404 when there was no onboarding yet, 422 without a usable gateway, 502 when the lead cannot be set up: nothing is stored
/// then.
pub fn confirm(tx: &mut Tx<'_>, board_id: Uuid, mut user: User, request: BoardOnboardingConfirm) -> ApiResult<Board> {
    let mut board = boards::store::lock(tx, board_id)?.ok_or_else(ApiError::not_found)?;
    let mut session = store::latest(tx, board_id)?.ok_or_else(ApiError::not_found)?;
    let gateway = gateway_of(tx, &board)?;
    let draft = session.draft_goal.clone().unwrap_or(Value::Null);
    let lead = member(&draft, "lead_agent");
    let now = Timestamp::now();
    board.board_type = request.board_type.0;
    board.objective = request.objective;
    board.success_metrics = request.success_metrics.map(Into::into);
    board.target_date = request.target_date;
    board.goal_confirmed = true;
    board.goal_source = Some(GOAL_SOURCE.to_owned());
    board.require_approval_for_done = !is_fully_autonomous(lead);
    board.updated_at = now;
    boards::store::save(tx, &board)?;
    session.status = SessionStatus::Confirmed;
    session.updated_at = now;
    store::save(tx, &session)?;
    if take_profile(&mut user, member(&draft, "user_profile")) {
        users::store::save_profile(tx, &user)?;
    }
    let name = member(lead, "name").as_str().map(str::to_owned);
    lead::ensure(tx, &board, &gateway, name, profile_of(lead))?;
    Ok(board)
}

/// The member of an object; null of anything else, and where there is none.
fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// Whether the lead is to decide everything by itself.
fn is_fully_autonomous(lead: &Value) -> bool {
    let profile = member(lead, "identity_profile");
    ["autonomy_level", "autonomy", "mode"]
        .map(|name| member(profile, name))
        .into_iter()
        .chain([member(lead, "autonomy_level")])
        .filter_map(Value::as_str)
        .map(|level| level.trim().to_lowercase().replace('_', "-"))
        .any(|level| {
            matches!(level.as_str(), "autonomous" | "fully-autonomous" | "full-autonomy")
                || (level.contains("autonom") && level.contains("fully"))
        })
}

/// Takes over what the draft says of the person; `false` if that is nothing.
fn take_profile(user: &mut User, profile: &Value) -> bool {
    let mut takes = false;
    for (name, target) in [
        ("preferred_name", &mut user.preferred_name),
        ("pronouns", &mut user.pronouns),
        ("timezone", &mut user.timezone),
        ("notes", &mut user.notes),
        ("context", &mut user.context),
    ] {
        if let Some(text) = member(profile, name).as_str() {
            *target = Some(text.to_owned());
            takes = true;
        }
    }
    takes
}

fn profile_of(lead: &Value) -> IdentityProfile {
    let mut profile: Map<String, Value> = member(lead, "identity_profile").as_object().cloned().unwrap_or_default();
    for name in TRAITS {
        let value = member(lead, name);
        if !value.is_null() {
            profile.insert(name.to_owned(), value.clone());
        }
    }
    IdentityProfile::of(&Value::Object(profile))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn full_autonomy_has_many_spellings() {
        for lead in [
            json!({"autonomy_level": "autonomous"}),
            json!({"identity_profile": {"autonomy": " Fully_Autonomous "}}),
            json!({"identity_profile": {"mode": "fully (autonomously)"}}),
        ] {
            assert!(is_fully_autonomous(&lead), "{lead}");
        }
        for lead in [
            json!(null),
            json!({"autonomy_level": "balanced"}),
            json!({"identity_profile": {"mode": "semi-autonomous"}}),
        ] {
            assert!(!is_fully_autonomous(&lead), "{lead}");
        }
    }
}
