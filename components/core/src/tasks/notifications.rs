//! What agents are told about tasks: texts, recipients, and the events that say so.

use std::fmt::Write as _;

use uuid::Uuid;

use super::{Task, TaskStatus, lead_of};
use crate::activity::{self, NewEvent};
use crate::agents::{self, Actor, Agent, Contact};
use crate::boards::Board;
use crate::messaging::mentions::{self, Callable};
use crate::messaging::text::{one_line, snippet_of};
use crate::messaging::{self, Message, Sent};
use mission_control_platform::db::{DbError, Tx};

/// Longest text that is quoted whole, in characters.
const SNIPPET: usize = 500;

/// Tells agents what a caller did to tasks of a board, in the caller's transaction.
pub(super) struct Notifier<'a, 'c> {
    tx: &'a mut Tx<'c>,
    board: &'a Board,
    actor: &'a Actor,
}

/// What is said about a message that was accepted.
struct Notice {
    event_type: &'static str,
    message: String,
}

impl<'a, 'c> Notifier<'a, 'c> {
    pub(super) fn new(tx: &'a mut Tx<'c>, board: &'a Board, actor: &'a Actor) -> Self {
        Self { tx, board, actor }
    }

    /// A person made a task: the lead decides what becomes of it.
    pub(super) fn task_added(&mut self, task: &Task) -> Result<(), DbError> {
        let Some(lead) = lead_of(self.tx, self.board)? else { return Ok(()) };
        let text = about(
            self.board,
            task,
            "NEW TASK ADDED",
            "Triage it: assign it to an agent, or plan what has to happen first.",
        );
        let message = format!("Lead agent notified for task: {}.", task.title);
        self.send(&lead, task, text, Notice { event_type: "task.lead_notified", message })
    }

    /// Nobody works on a task any more: the lead decides what becomes of it.
    pub(super) fn back_in_inbox(&mut self, task: &Task) -> Result<(), DbError> {
        let Some(lead) = lead_of(self.tx, self.board)? else { return Ok(()) };
        let text =
            about(self.board, task, "TASK BACK IN INBOX", "Nobody works on it: assign it again, or adjust the plan.");
        let message = format!("Lead notified task returned to inbox: {}.", task.title);
        self.send(&lead, task, text, Notice { event_type: "task.lead_unassigned_notified", message })
    }

    /// The task became this agent's.
    pub(super) fn assigned_to(&mut self, task: &Task, assignee: Uuid) -> Result<(), DbError> {
        match agents::store::find(self.tx, assignee)? {
            Some(assignee) => self.assigned(task, &assignee),
            None => Ok(()),
        }
    }

    /// The task became this agent's.
    pub(super) fn assigned(&mut self, task: &Task, assignee: &Agent) -> Result<(), DbError> {
        self.wake(task, assignee, "assignment")?;
        let text = if task.status == TaskStatus::Review && assignee.is_board_lead {
            about(
                self.board,
                task,
                "TASK READY FOR LEAD REVIEW",
                "Review it now: move it to done, or back to inbox and say in a comment what is missing.",
            )
        } else {
            about(self.board, task, "TASK ASSIGNED", "Start working on it, and report in its comments.")
        };
        let message = format!("Agent notified for assignment: {}.", assignee.name);
        self.send(assignee, task, text, Notice { event_type: "task.assignee_notified", message })
    }

    /// Somebody else started the task of this agent.
    pub(super) fn started(&mut self, task: &Task, assignee: Uuid) -> Result<(), DbError> {
        match agents::store::find(self.tx, assignee)? {
            Some(assignee) => self.wake(task, &assignee, "status_in_progress"),
            None => Ok(()),
        }
    }

    /// The lead wants changes from the one who handed the task in.
    pub(super) fn rework(&mut self, task: &Task, assignee: Uuid) -> Result<(), DbError> {
        let Some(assignee) = agents::store::find(self.tx, assignee)? else { return Ok(()) };
        let feedback = match self.actor.agent_id() {
            Some(lead) => activity::comments::newest_by(self.tx, task.id, lead)?,
            None => None,
        };
        let text = rework_text(self.board, task, feedback.as_deref());
        let message = format!("Assignee notified about requested changes: {}.", assignee.name);
        self.send(&assignee, task, text, Notice { event_type: "task.rework_notified", message })
    }

    /// Somebody commented: those mentioned hear of it, or else the assignee; never the author.
    pub(super) fn commented(&mut self, task: &Task, comment: &str) -> Result<(), DbError> {
        let concerned = self.concerned(task, comment)?;
        let messages: Vec<_> = concerned
            .iter()
            .map(|(recipient, concern)| {
                let text = comment_text(self.board, task, recipient.id, self.sender(), comment, *concern);
                (recipient.recipient(), self.message(text))
            })
            .collect();
        messaging::send_all(self.tx, &messages).map(drop)
    }

    fn concerned(&mut self, task: &Task, comment: &str) -> Result<Vec<(Contact, Concern)>, DbError> {
        let author = self.actor.agent_id();
        if mentions::may_mention(comment) {
            let agents = agents::store::contacts_on_board(self.tx, self.board.id)?;
            let everybody: Vec<Callable<'_>> = agents.iter().map(Contact::callable).collect();
            let is_mentioned = mentions::mentioned(comment, &everybody);
            let mentioned: Vec<(Contact, Concern)> = agents
                .into_iter()
                .zip(is_mentioned)
                .filter(|(agent, is_mentioned)| *is_mentioned && Some(agent.id) != author)
                .map(|(agent, _)| (agent, Concern::Mentioned))
                .collect();
            if !mentioned.is_empty() {
                return Ok(mentioned);
            }
        }
        let Some(assignee) = task.assigned_agent_id.filter(|assignee| Some(*assignee) != author) else {
            return Ok(Vec::new());
        };
        let assignee = agents::store::find(self.tx, assignee)?;
        Ok(assignee.into_iter().map(|agent| (agent.into(), Concern::Assignee)).collect())
    }

    /// Says that the assignee is to wake up. Its presence is not touched: only it knows whether it is there.
    fn wake(&mut self, task: &Task, assignee: &Agent, reason: &str) -> Result<(), DbError> {
        if assignee.openclaw_session_id.as_deref().is_none_or(|key| key.trim().is_empty()) {
            return Ok(());
        }
        let message = format!("Assignee heartbeat set online ({reason}): {}.", assignee.name);
        self.record(assignee, task, Notice { event_type: "task.assignee_woken", message })
    }

    fn send(&mut self, recipient: &Agent, task: &Task, text: String, notice: Notice) -> Result<(), DbError> {
        match self.deliver(recipient, text)? {
            Sent::Accepted => self.record(recipient, task, notice),
            Sent::Skipped => Ok(()),
        }
    }

    fn deliver(&mut self, recipient: &Agent, text: String) -> Result<Sent, DbError> {
        let message = self.message(text);
        messaging::send(self.tx, recipient.recipient(), &message)
    }

    fn message(&self, text: String) -> Message<'a> {
        Message { sender: self.sender(), board_id: Some(self.board.id), text, deliver: false, dedupe_key: None }
    }

    fn record(&mut self, recipient: &Agent, task: &Task, notice: Notice) -> Result<(), DbError> {
        let event = NewEvent {
            event_type: notice.event_type,
            message: notice.message,
            agent_id: Some(recipient.id),
            user_id: None,
            task_id: Some(task.id),
            board_id: Some(self.board.id),
        };
        activity::store::record(self.tx, event).map(drop)
    }

    /// Messages name agents; people are all `User`.
    fn sender(&self) -> &'a str {
        self.actor.agent().map_or("User", |agent| &agent.name)
    }
}

/// Why an agent hears of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Concern {
    Mentioned,
    Assignee,
}

fn about(board: &Board, task: &Task, heading: &str, what_to_do: &str) -> String {
    format!("{heading}\n{}\n\n{what_to_do}", facts(board, task))
}

fn rework_text(board: &Board, task: &Task, feedback: Option<&str>) -> String {
    let feedback = feedback
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map_or_else(|| "See the comments of the task.".to_owned(), snippet);
    format!(
        "CHANGES REQUESTED\n{}\n\nRequested changes:\n{feedback}\n\nMake these changes, then move the task back to review.",
        facts(board, task)
    )
}

fn comment_text(
    board: &Board,
    task: &Task,
    recipient_id: Uuid,
    author: &str,
    comment: &str,
    concern: Concern,
) -> String {
    let (heading, context) = match concern {
        Concern::Mentioned => ("TASK MENTION", "You were mentioned in this comment."),
        Concern::Assignee => ("NEW TASK COMMENT", "There is a new comment on a task that is yours."),
    };
    let mut text = format!(
        "{heading}\nBoard: {}\nTask: {}\nTask ID: {}\nFrom: {}\n\n{context}\n\nComment:\n{}",
        one_line(&board.name),
        one_line(&task.title),
        task.id,
        one_line(author),
        snippet(comment)
    );
    if concern == Concern::Mentioned && task.assigned_agent_id != Some(recipient_id) {
        text.push_str("\n\nThe task is not yours: answer in its comments, and leave its status alone.");
    }
    text
}

fn facts(board: &Board, task: &Task) -> String {
    let mut facts = format!(
        "Board: {}\nTask: {}\nTask ID: {}\nStatus: {}",
        one_line(&board.name),
        one_line(&task.title),
        task.id,
        task.status
    );
    if let Some(description) = task.description.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        // Writing to a String cannot fail.
        let _ = write!(facts, "\nDescription: {}", snippet(description));
    }
    facts
}

fn snippet(text: &str) -> String {
    snippet_of(text, SNIPPET)
}
