//! Who is told of an entry in a group's memory, and how.

use super::chat::Author;
use super::{BROADCAST_TAG, NewEntry};
use crate::agents::{self, Contact};
use crate::board_groups::BoardGroup;
use crate::messaging::mentions::{Callable, mentioned};
use crate::messaging::text::{one_line, snippet};
use crate::messaging::{self, Message};
use mission_control_platform::db::{DbError, Tx};

/// How texts call every agent of a group.
const EVERYBODY: Callable<'static> = Callable { name: "all", is_lead: false };

/// Whether agents are told of the entry at all: of chat, and of broadcasts.
pub(super) fn is_told(entry: &NewEntry) -> bool {
    entry.is_chat || is_broadcast(entry)
}

/// Whether every agent of the group is told: by the tag, or because the text calls `@all`.
fn is_broadcast(entry: &NewEntry) -> bool {
    entry.has_tag(BROADCAST_TAG) || mentioned(&entry.content, &[EVERYBODY]).contains(&true)
}

/// Tells agents of the group's boards: all of them of a broadcast, else the leads and whoever is mentioned.
///
/// # Errors
/// A database failure.
pub(super) fn tell_agents(
    tx: &mut Tx<'_>,
    group: &BoardGroup,
    entry: &NewEntry,
    author: Author<'_>,
    base_url: &str,
) -> Result<(), DbError> {
    let is_broadcast = is_broadcast(entry);
    let mut agents = agents::store::contacts_in_group(tx, group.id)?;
    agents.retain(|agent| Some(agent.id) != author.agent_id);
    let callable: Vec<Callable<'_>> = agents.iter().map(Contact::callable).collect();
    let messages: Vec<_> = agents
        .iter()
        .zip(mentioned(&entry.content, &callable))
        .filter(|(agent, is_mentioned)| is_broadcast || agent.is_board_lead || *is_mentioned)
        .map(|(agent, is_mentioned)| {
            let header = match (is_broadcast, is_mentioned) {
                (true, _) => "GROUP BROADCAST",
                (false, true) => "GROUP CHAT MENTION",
                (false, false) => "GROUP CHAT",
            };
            let text = text(header, group, entry, author, agent, base_url);
            let message =
                Message { sender: author.name, board_id: agent.board_id, text, deliver: false, dedupe_key: None };
            (agent.recipient(), message)
        })
        .collect();
    messaging::send_all(tx, &messages).map(drop)
}

fn text(
    header: &str,
    group: &BoardGroup,
    entry: &NewEntry,
    author: Author<'_>,
    agent: &Contact,
    base_url: &str,
) -> String {
    let board = agent.board_id.map(|id| id.to_string()).unwrap_or_default();
    format!(
        "{header}\nGroup: {}\nFrom: {}\n\n{}\n\nReply via group chat, which all linked boards share:\n\
         POST {base_url}/api/v1/boards/{board}/group-memory\nBody: {{\"content\":\"...\",\"tags\":[\"chat\"]}}",
        one_line(&group.name),
        one_line(author.name),
        snippet(&entry.content),
    )
}
