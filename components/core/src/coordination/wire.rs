//! Bodies of the routes by which agents reach each other.

use uuid::Uuid;

use mission_control_web::schema::{Name, NonBlank};
use mission_control_web::{request, response, words};

request! {
    /// What an agent is told at once.
    pub struct AgentNudge {
        /// The text, which the agent gets as it is.
        pub message: NonBlank,
    }
}

request! {
    /// A new soul.
    pub struct SoulUpdateRequest {
        /// The whole text of SOUL.md.
        pub content: String,
        /// Where the text comes from.
        pub source_url: Option<String> = None,
        /// Why it is changed.
        pub reason: Option<String> = None,
    }
}

words! {
    /// What a message to a lead is for.
    pub enum MessageKind {
        /// It wants an answer.
        Question = "question",
        /// It hands work over.
        Handoff = "handoff",
    }
}

request! {
    /// A message to the lead of a board.
    pub struct GatewayLeadMessageRequest {
        /// Routing mode: a question wants an answer, a handoff hands work over.
        pub kind: MessageKind = MessageKind::Question,
        /// Repeated in the message, so that the answer finds its question.
        pub correlation_id: Option<String> = None,
        /// The text.
        pub content: NonBlank,
        /// The tags of the answer in the board's memory.
        pub reply_tags: Vec<Name> = Vec::new(),
        /// The source of the answer in the board's memory.
        pub reply_source: Option<Name> = None,
    }
}

request! {
    /// A message to the leads of many boards.
    pub struct GatewayLeadBroadcastRequest {
        /// Routing mode: a question wants an answer, a handoff hands work over.
        pub kind: MessageKind = MessageKind::Question,
        /// Repeated in the message, so that answers find their question.
        pub correlation_id: Option<String> = None,
        /// The text.
        pub content: NonBlank,
        /// The boards; all of the gateway if left out, null or empty.
        pub board_ids: Option<Vec<Uuid>> = None,
        /// The tags of the answers in the boards' memories.
        pub reply_tags: Vec<Name> = Vec::new(),
        /// The source of the answers in the boards' memories.
        pub reply_source: Option<Name> = None,
    }
}

/// What both kinds of messages to leads have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeadMessage<'a> {
    pub(super) kind: MessageKind,
    pub(super) correlation_id: Option<&'a str>,
    pub(super) content: &'a str,
    pub(super) reply_tags: &'a [Name],
    pub(super) reply_source: Option<&'a str>,
}

macro_rules! lead_message {
    ($($name:ident),+) => {$(
        impl $name {
            pub(super) fn message(&self) -> LeadMessage<'_> {
                LeadMessage {
                    kind: self.kind,
                    correlation_id: self.correlation_id.as_deref(),
                    content: &self.content,
                    reply_tags: &self.reply_tags,
                    reply_source: self.reply_source.as_deref(),
                }
            }
        }
    )+};
}

lead_message!(GatewayLeadMessageRequest, GatewayLeadBroadcastRequest);

/// The texts, or these where there are none.
pub(super) fn texts_or(texts: &[Name], otherwise: &[&str]) -> Vec<String> {
    match texts {
        [] => otherwise.iter().map(|text| (*text).to_owned()).collect(),
        texts => texts.iter().map(|text| text.0.clone()).collect(),
    }
}

response! {
    /// Who was told.
    pub struct GatewayLeadMessageResponse {
        pub ok: bool,
        pub board_id: Uuid,
        pub lead_agent_id: Option<Uuid>,
        pub lead_agent_name: Option<String>,
        /// Whether the board had no lead and was given one.
        pub lead_created: bool,
    }
}

response! {
    /// What became of the message to one lead.
    pub struct GatewayLeadBroadcastBoardResult {
        pub board_id: Uuid,
        pub lead_agent_id: Option<Uuid>,
        pub lead_agent_name: Option<String>,
        pub ok: bool,
        /// Why it was not sent.
        pub error: Option<String>,
    }
}

response! {
    /// What became of the messages.
    pub struct GatewayLeadBroadcastResponse {
        pub ok: bool,
        /// How many leads were told.
        pub sent: i64,
        /// How many were not.
        pub failed: i64,
        pub results: Vec<GatewayLeadBroadcastBoardResult>,
    }
}

request! {
    /// A question to the user.
    pub struct GatewayMainAskUserRequest {
        /// Repeated in the message, so that the answer finds its question.
        pub correlation_id: Option<String> = None,
        /// The question.
        pub content: NonBlank,
        /// Where the user likes to be asked.
        pub preferred_channel: Option<String> = None,
        /// The tags of the answer in the board's memory.
        pub reply_tags: Vec<Name> = Vec::new(),
        /// The source of the answer in the board's memory.
        pub reply_source: Option<Name> = None,
    }
}

response! {
    /// Who asks the user.
    pub struct GatewayMainAskUserResponse {
        pub ok: bool,
        pub board_id: Uuid,
        pub main_agent_id: Option<Uuid>,
        pub main_agent_name: Option<String>,
    }
}
