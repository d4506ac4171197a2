//! What agents are told when a board changes: its lead of the changes, the boards of a group of who joins and leaves.

use serde_json::{Map, Value};

use crate::activity::{self, NewEvent};
use crate::agents::{self, Agent};
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
    let Some(lead) = agents::store::lead_of(tx, after.id)? else { return Ok(()) };
    let message = Message {
        sender,
        board_id: Some(after.id),
        text: update_text(after, &changes),
        deliver: false,
        dedupe_key: None,
    };
    if messaging::send(tx, lead.recipient(), &message)? == Sent::Accepted {
        let told = format!("Lead agent notified for board update: {}.", after.name);
        record(tx, "board.lead_notified", told, &lead)?;
    }
    Ok(())
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
    let ids: Vec<_> = boards.iter().map(|(id, _)| *id).collect();
    for agent in agents::store::on_boards(tx, &ids)? {
        let Some((_, own_board)) = boards.iter().find(|(id, _)| Some(*id) == agent.board_id) else { continue };
        let message = Message {
            sender,
            board_id: agent.board_id,
            text: group_text(step, board, group, &agent, own_board),
            deliver: false,
            dedupe_key: None,
        };
        if messaging::send(tx, agent.recipient(), &message)? == Sent::Accepted {
            let told = format!(
                "Board-group {} notice sent to {} for board {own_board} related to {} and {}.",
                step.word(),
                agent.name,
                board.name,
                group.name
            );
            record(tx, step.event_type(), told, &agent)?;
        }
    }
    Ok(())
}

fn group_text(step: GroupMove, board: &Board, group: &BoardGroup, recipient: &Agent, own_board: &str) -> String {
    let label = step.label();
    format!(
        "BOARD GROUP UPDATED\n{label} Board: {}\n{label} Board ID: {}\nRecipient Board: {}\nRecipient Board ID: {}\n\
         Board Group: {}\nBoard Group ID: {}\n\nCoordination guidance:\n{}\n",
        one_line(&board.name),
        board.id,
        one_line(own_board),
        recipient.board_id.unwrap_or(board.id),
        one_line(&group.name),
        group.id,
        step.guidance().join("\n")
    )
}

fn record(tx: &mut Tx<'_>, event_type: &'static str, message: String, recipient: &Agent) -> Result<(), DbError> {
    let event = NewEvent {
        event_type,
        message,
        agent_id: Some(recipient.id),
        board_id: recipient.board_id,
        ..NewEvent::default()
    };
    activity::store::record(tx, event).map(drop)
}
