//! What agents are told when a board changes: its lead of the changes, the boards of a group of who joins and leaves.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::activity::{self, NewEvent};
use crate::agents::{self, Contact};
use crate::board_groups::BoardGroup;
use crate::boards::wire::BoardRead;
use crate::boards::{Board, store};
use crate::messaging::text::{json_snippet, one_line, snippet};
use crate::messaging::{self, Message, Sent};
use mission_control_platform::db::{DbError, Tx};

/// Tells the board's lead which members changed. Nothing happens when none did or the board has no lead to reach.
///
/// # Errors
/// A database failure.
pub(super) fn tell_lead(tx: &mut Tx<'_>, before: &Board, after: &Board, sender: &str) -> Result<(), DbError> {
    let changes = changes(before, after);
    if changes.is_empty() {
        return Ok(());
    }
    let lead: Vec<Contact> = agents::store::contact_of_lead(tx, after.id)?.into_iter().collect();
    let told = |_: &Contact| format!("Lead agent notified for board update: {}.", after.name);
    tell_all(tx, &lead, &update_text(after, &changes), sender, "board.lead_notified", told)
}

fn update_text(board: &Board, changes: &[String]) -> String {
    format!(
        "BOARD UPDATED\nBoard: {}\nBoard ID: {}\n\nChanged fields:\n{}\n\n\
         Review these changes and adapt the board's plan and assignments where needed.",
        one_line(&board.name),
        board.id,
        changes.join("\n")
    )
}

/// One line per member that differs, by name: `- <member>: <old> -> <new>`.
fn changes(before: &Board, after: &Board) -> Vec<String> {
    let (old, new) = (members(before), members(after));
    let mut lines: Vec<String> = new
        .iter()
        .filter(|(name, _)| *name != "updated_at")
        .filter_map(|(name, new)| {
            let old = old.get(name).unwrap_or(&Value::Null);
            (old != new).then(|| format!("- {name}: {} -> {}", shown(old), shown(new)))
        })
        .collect();
    lines.sort_unstable();
    lines
}

fn members(board: &Board) -> Map<String, Value> {
    match serde_json::to_value(BoardRead::from(board.clone())) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// A value on one line: text as it is, objects as JSON with sorted keys.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => one_line(&snippet(text)),
        other => json_snippet(&sorted(other)),
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            members.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(members.into_iter().collect())
        }
        scalar => scalar.clone(),
    }
}

/// What a board does with a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GroupMove {
    /// It becomes part of it.
    Join,
    /// It stops being part of it.
    Leave,
}

impl GroupMove {
    fn word(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Leave => "leave",
        }
    }

    fn event_type(self) -> &'static str {
        match self {
            Self::Join => "board.group.join.notified",
            Self::Leave => "board.group.leave.notified",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Join => "Joined",
            Self::Leave => "Left",
        }
    }

    fn guidance(self) -> [&'static str; 3] {
        match self {
            Self::Join => [
                "1. Use the cross-board discussion of the group for work that you share.",
                "2. Look at the related boards before you act.",
                "3. Agree on who owns what.",
            ],
            Self::Leave => [
                "1. Consider the coordination with that board as inactive.",
                "2. Check dependencies and ownership again.",
                "3. Make sure that no hand-off is pending.",
            ],
        }
    }
}

/// Tells every agent of the group's boards, and of the board itself, that the board joins or leaves the group.
///
/// # Errors
/// A database failure.
pub(super) fn tell_group(
    tx: &mut Tx<'_>,
    step: GroupMove,
    board: &Board,
    group: &BoardGroup,
    sender: &str,
) -> Result<(), DbError> {
    let mut boards = store::names_in_group(tx, group.id)?;
    if boards.iter().all(|(id, _)| *id != board.id) {
        boards.push((board.id, board.name.clone()));
    }
    for (board_id, name) in boards {
        let recipients = agents::store::contacts_on_board(tx, board_id)?;
        let text = group_text(step, board, group, (board_id, &name));
        let told = |agent: &Contact| {
            format!(
                "Board-group {} notice sent to {} for board {name} related to {} and {}.",
                step.word(),
                agent.name,
                board.name,
                group.name
            )
        };
        tell_all(tx, &recipients, &text, sender, step.event_type(), told)?;
    }
    Ok(())
}

/// Sends one text to agents of one board, and records of each that it was told.
fn tell_all(
    tx: &mut Tx<'_>,
    recipients: &[Contact],
    text: &str,
    sender: &str,
    event_type: &'static str,
    told: impl Fn(&Contact) -> String,
) -> Result<(), DbError> {
    let message = |board_id| Message { sender, board_id, text: text.to_owned(), deliver: false, dedupe_key: None };
    let messages: Vec<_> = recipients.iter().map(|agent| (agent.recipient(), message(agent.board_id))).collect();
    let sent = messaging::send_all(tx, &messages)?;
    let events: Vec<NewEvent> = sent
        .iter()
        .zip(recipients)
        .filter(|(sent, _)| **sent == Sent::Accepted)
        .map(|(_, agent)| NewEvent {
            event_type,
            message: told(agent),
            agent_id: Some(agent.id),
            board_id: agent.board_id,
            ..NewEvent::default()
        })
        .collect();
    activity::store::record_all(tx, &events)
}

fn group_text(step: GroupMove, board: &Board, group: &BoardGroup, (own_id, own_name): (Uuid, &str)) -> String {
    let label = step.label();
    format!(
        "BOARD GROUP UPDATED\n{label} Board: {}\n{label} Board ID: {}\nRecipient Board: {}\nRecipient Board ID: {}\n\
         Board Group: {}\nBoard Group ID: {}\n\nCoordination guidance:\n{}\n",
        one_line(&board.name),
        board.id,
        one_line(own_name),
        own_id,
        one_line(&group.name),
        group.id,
        step.guidance().join("\n")
    )
}
