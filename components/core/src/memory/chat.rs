//! Who is told of a chat entry, and how.

use uuid::Uuid;

use super::Entry;
use crate::agents::{self, Contact};
use crate::boards::Board;
use crate::messaging::mentions::{Callable, mentioned};
use crate::messaging::text::{one_line, snippet};
use crate::messaging::{self, Message};
use mission_control_platform::db::{DbError, Tx};

/// Who wrote a chat entry.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// How messages name the author.
    pub name: &'a str,
    /// The agent, if it is one: it is not told of its own words.
    pub agent_id: Option<Uuid>,
}

/// Tells the board's agents of a chat entry: `/pause` and `/resume` go to all of them, anything else to the leads and
/// to whoever is mentioned. Nothing happens on a board without a gateway.
///
/// # Errors
/// A database failure.
pub(super) fn tell_agents(
    tx: &mut Tx<'_>,
    board: &Board,
    entry: &Entry,
    author: Author<'_>,
    base_url: &str,
) -> Result<(), DbError> {
    if board.gateway_id.is_none() {
        return Ok(());
    }
    let mut agents = agents::store::contacts_on_board(tx, board.id)?;
    agents.retain(|agent| Some(agent.id) != author.agent_id);
    let plan = plan(board, &entry.content, author, &agents, base_url).into_iter();
    let messages: Vec<_> = plan
        .map(|(agent, text, deliver)| {
            let message = Message { sender: author.name, board_id: Some(board.id), text, deliver, dedupe_key: None };
            (agent.recipient(), message)
        })
        .collect();
    messaging::send_all(tx, &messages).map(drop)
}

/// Recipient, text, and whether to act at once.
type Delivery<'a> = (&'a Contact, String, bool);

fn plan<'a>(
    board: &Board,
    content: &str,
    author: Author<'_>,
    agents: &'a [Contact],
    base_url: &str,
) -> Vec<Delivery<'a>> {
    if let Some(command) = command(content) {
        return agents.iter().map(|agent| (agent, command.to_owned(), true)).collect();
    }
    let everybody: Vec<Callable<'_>> = agents.iter().map(Contact::callable).collect();
    agents
        .iter()
        .zip(mentioned(content, &everybody))
        .filter(|(agent, is_mentioned)| agent.is_board_lead || *is_mentioned)
        .map(|(agent, is_mentioned)| (agent, chat_text(board, content, author, is_mentioned, base_url), false))
        .collect()
}

/// The control command that the content is, and nothing else.
fn command(content: &str) -> Option<&'static str> {
    ["/pause", "/resume"].into_iter().find(|command| content.trim().eq_ignore_ascii_case(command))
}

fn chat_text(board: &Board, content: &str, author: Author<'_>, is_mentioned: bool, base_url: &str) -> String {
    format!(
        "{}\nBoard: {}\nFrom: {}\n\n{}\n\nReply via board chat:\nPOST {base_url}/api/v1/agent/boards/{}/memory\n\
         Body: {{\"content\":\"...\",\"tags\":[\"chat\"]}}",
        if is_mentioned { "BOARD CHAT MENTION" } else { "BOARD CHAT" },
        one_line(&board.name),
        one_line(author.name),
        snippet(content),
        board.id
    )
}
