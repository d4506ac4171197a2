//! Onboarding of a board: its gateway's main agent asks a person what the board is for, drafts the goal and the lead, and the
//! person confirms.

mod confirm;
mod prompt;
mod store;
pub mod wire;

use serde_json::{Value, json};
use uuid::Uuid;

use self::wire::{AgentUpdate, BoardOnboardingAnswer, BoardOnboardingRead};
use crate::agents::session::Post;
use crate::agents::{Agent, main_agent};
use crate::boards::{self, Board};
use crate::gateways::{self, Gateway};
use crate::messaging::Message;
use mission_control_platform::db::Tx;
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};
use mission_control_web::words;

pub use confirm::confirm;

/// Messages that a session holds at the most.
const MOST_MESSAGES: usize = 1000;

words! {
    /// Where an onboarding stands.
    pub enum SessionStatus {
        /// Questions and answers go back and forth.
        Active = "active",
        /// The agent has drafted the goal.
        Completed = "completed",
        /// A person has confirmed it.
        Confirmed = "confirmed",
    }
}

record! {
    /// One onboarding of a board.
    #[derive(Clone, Debug)]
    pub struct Session {
        /// Identifier.
        pub id: Uuid,
        /// The board.
        pub board_id: Uuid,
        /// The session of the gateway's main agent.
        pub session_key: String,
        /// Where it stands.
        pub status: SessionStatus,
        /// What was said: a list of objects with `role`, `content` and `timestamp`.
        pub messages: Option<Value>,
        /// What the agent drafted, without members that are null.
        pub draft_goal: Option<Value>,
        /// When it was begun.
        pub created_at: Timestamp,
        /// When something was said last.
        pub updated_at: Timestamp,
    }
}

impl Session {
    fn messages(&self) -> &[Value] {
        self.messages.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the person said last, if nobody has said anything since.
    fn unanswered(&self) -> Option<&str> {
        let last = self.messages().last().filter(|message| message.get("role") == Some(&json!("user")))?;
        last.get("content")?.as_str().filter(|text| !text.is_empty())
    }

    /// Notes that somebody said something now.
    fn say(&mut self, role: &str, content: &str) -> ApiResult<()> {
        if self.messages().len() >= MOST_MESSAGES {
            return Err(ApiError::conflict("This onboarding has too many messages."));
        }
        self.updated_at = Timestamp::now();
        let message = json!({"role": role, "content": content, "timestamp": self.updated_at});
        match self.messages.as_mut().and_then(Value::as_array_mut) {
            Some(messages) => messages.push(message),
            None => self.messages = Some(json!([message])),
        }
        Ok(())
    }
}

/// The latest onboarding of a board.
///
/// # Errors
/// 404 when there was none yet.
pub fn latest(tx: &mut Tx<'_>, board_id: Uuid) -> ApiResult<BoardOnboardingRead> {
    store::latest(tx, board_id)?.map(Into::into).ok_or_else(ApiError::not_found)
}

/// Begins an onboarding. One that goes on is continued: what waits for an answer is sent again; one that waits to be confirmed
/// is answered as it is.
///
/// # Errors
/// 422 without a usable gateway, 502 when its main agent cannot be told.
pub fn start(tx: &mut Tx<'_>, board_id: Uuid, base_url: &str, sender: &str) -> ApiResult<BoardOnboardingRead> {
    let board = boards::store::lock(tx, board_id)?.ok_or_else(ApiError::not_found)?;
    let gateway = gateway_of(tx, &board)?;
    match store::latest(tx, board_id)? {
        Some(mut session) if session.status == SessionStatus::Active => {
            if let Some(text) = session.unanswered().map(str::to_owned) {
                tell(tx, &board, &gateway, sender, text, "start")?;
                session.updated_at = Timestamp::now();
                store::save(tx, &session)?;
            }
            Ok(session.into())
        }
        Some(session) if session.status == SessionStatus::Completed => Ok(session.into()),
        Some(_) | None => {
            let prompt = prompt::text(&board, base_url);
            tell(tx, &board, &gateway, sender, prompt.clone(), "start")?;
            let now = Timestamp::now();
            let mut session = Session {
                id: Uuid::new_v4(),
                board_id,
                session_key: Post::GatewayMain.session_key(gateway.id, Uuid::nil()),
                status: SessionStatus::Active,
                messages: None,
                draft_goal: None,
                created_at: now,
                updated_at: now,
            };
            session.say("user", &prompt)?;
            store::insert(tx, &session)?;
            Ok(session.into())
        }
    }
}

/// Passes a person's answer on to the agent.
///
/// # Errors
/// 404 when there was no onboarding yet, 422 without a usable gateway, 502 when its main agent cannot be told.
pub fn answer(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    sender: &str,
    request: &BoardOnboardingAnswer,
) -> ApiResult<BoardOnboardingRead> {
    let board = boards::store::lock(tx, board_id)?.ok_or_else(ApiError::not_found)?;
    let mut session = store::latest(tx, board_id)?.ok_or_else(ApiError::not_found)?;
    let gateway = gateway_of(tx, &board)?;
    let text = match request.other_text.as_deref() {
        Some(other) if !other.is_empty() => format!("{}: {other}", request.answer.0),
        _ => request.answer.0.clone(),
    };
    tell(tx, &board, &gateway, sender, text.clone(), "answer")?;
    session.say("user", &text)?;
    store::save(tx, &session)?;
    Ok(session.into())
}

/// Takes a question or the draft of the agent.
///
/// # Errors
/// 403 for any agent but the main one of the board's gateway, 404 when there was no onboarding yet, 409 once it is confirmed.
pub fn update_by_agent(
    tx: &mut Tx<'_>,
    board: &Board,
    agent: &Agent,
    request: &AgentUpdate,
) -> ApiResult<BoardOnboardingRead> {
    if !agent.is_gateway_main() {
        return Err(ApiError::forbidden());
    }
    if board.gateway_id != Some(agent.gateway_id) {
        return Err(ApiError::forbidden_because("Only the dedicated gateway agent may call this endpoint."));
    }
    boards::store::lock(tx, board.id)?.ok_or_else(ApiError::not_found)?;
    let mut session = store::latest(tx, board.id)?.ok_or_else(ApiError::not_found)?;
    if session.status == SessionStatus::Confirmed {
        return Err(ApiError::status(http::StatusCode::CONFLICT));
    }
    let said = request.normalised();
    session.say("assistant", &said.to_string())?;
    if matches!(request, AgentUpdate::Complete(_)) {
        session.draft_goal = Some(said);
        session.status = SessionStatus::Completed;
    }
    store::save(tx, &session)?;
    Ok(session.into())
}

fn gateway_of(tx: &mut Tx<'_>, board: &Board) -> ApiResult<Gateway> {
    let gateway = match board.gateway_id {
        Some(id) => gateways::store::find(tx, board.organization_id, id)?,
        None => None,
    };
    gateways::require_usable(board.gateway_id, gateway)
}

fn tell(tx: &mut Tx<'_>, board: &Board, gateway: &Gateway, sender: &str, text: String, step: &str) -> ApiResult<()> {
    let message = Message { sender, board_id: Some(board.id), text, deliver: false, dedupe_key: None };
    match main_agent::tell(tx, gateway, &message)? {
        Ok(_) => Ok(()),
        Err(reason) => Err(ApiError::bad_gateway(format!("Gateway onboarding {step} dispatch failed: {reason}"))),
    }
}
