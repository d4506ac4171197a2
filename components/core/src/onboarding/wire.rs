//! Bodies of the routes of onboarding.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Session, SessionStatus};
use crate::agents::profile::{IdentityProfile, not_blank};
use crate::boards::goal_is_incomplete;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Components, Faults, Field, Name, NonBlank, NonEmptyList, Object, Place, Schema};
use mission_control_web::{request, response, words};

const GOAL_INCOMPLETE: &str = "Confirmed goal boards require objective and success_metrics";

/// How the wire names the two kinds of an agent's message where neither fits.
const COMPLETE: &str = "function-after[validate_goal_fields(), BoardOnboardingAgentComplete]";
const QUESTION: &str = "BoardOnboardingAgentQuestion";

words! {
    /// How much the lead decides by itself.
    pub enum Autonomy {
        /// It asks before it acts.
        AskFirst = "ask_first",
        /// It asks before what matters.
        Balanced = "balanced",
        /// It acts.
        Autonomous = "autonomous",
    }
}
words! {
    /// How much the lead says.
    pub enum Verbosity {
        /// Little.
        Concise = "concise",
        /// Enough.
        Balanced = "balanced",
        /// Everything.
        Detailed = "detailed",
    }
}
words! {
    /// How the lead reports.
    pub enum OutputFormat {
        /// In points.
        Bullets = "bullets",
        /// Both.
        Mixed = "mixed",
        /// In sentences.
        Narrative = "narrative",
    }
}
words! {
    /// How often the lead reports.
    pub enum Cadence {
        /// When something happens.
        Asap = "asap",
        /// Every hour.
        Hourly = "hourly",
        /// Every day.
        Daily = "daily",
        /// Every week.
        Weekly = "weekly",
    }
}
words! {
    /// What a completion says.
    pub enum CompleteStatus {
        /// The draft is complete.
        Complete = "complete",
    }
}

/// A word that may stand with spaces around it; blank is none.
#[derive(Clone, Copy, Debug)]
pub struct Choice<T>(pub Option<T>);

impl<T: Schema> Schema for Choice<T> {
    fn schema(components: &mut Components) -> Value {
        Option::<T>::schema(components)
    }
}

impl<T: Field> Field for Choice<T> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        match input.as_str().map(str::trim) {
            Some("") => Some(Self(None)),
            Some(word) => T::read(&word.into(), place, faults).map(|word| Self(Some(word))),
            None => Option::<T>::read(input, place, faults).map(Self),
        }
    }
}

request! {
    /// Begins an onboarding.
    pub struct BoardOnboardingStart {}
}

request! {
    /// A person's answer.
    pub struct BoardOnboardingAnswer {
        pub answer: NonBlank,
        /// What the person typed besides.
        pub other_text: Option<String> = None,
    }
}

request! {
    /// What the person confirms.
    pub struct BoardOnboardingConfirm {
        /// `goal`, `general` or any other text.
        pub board_type: Name,
        pub objective: Option<String> = None,
        pub success_metrics: Option<Object> = None,
        pub target_date: Option<Timestamp> = None,
    }
    check = BoardOnboardingConfirm::check;
}

impl BoardOnboardingConfirm {
    fn check(&mut self) -> Result<(), &'static str> {
        require_goal(&self.board_type, self.objective.as_deref(), self.success_metrics.as_ref())
    }
}

fn require_goal(board_type: &str, objective: Option<&str>, metrics: Option<&Object>) -> Result<(), &'static str> {
    let has_metrics = metrics.is_some_and(|metrics| !metrics.0.is_empty());
    if goal_is_incomplete(board_type, true, objective, has_metrics) { Err(GOAL_INCOMPLETE) } else { Ok(()) }
}

request! {
    /// What the agent learned of the person.
    pub struct BoardOnboardingUserProfile {
        pub preferred_name: Option<String> = None,
        pub pronouns: Option<String> = None,
        pub timezone: Option<String> = None,
        pub notes: Option<String> = None,
        pub context: Option<String> = None,
    }
}

request! {
    /// The lead that the person wants.
    pub struct BoardOnboardingLeadAgentDraft {
        pub name: Option<NonBlank> = None,
        /// Role, style and other texts by key.
        pub identity_profile: IdentityProfile = IdentityProfile::default(),
        pub autonomy_level: Choice<Autonomy> = Choice(None),
        pub verbosity: Choice<Verbosity> = Choice(None),
        pub output_format: Choice<OutputFormat> = Choice(None),
        pub update_cadence: Choice<Cadence> = Choice(None),
        pub custom_instructions: Option<String> = None,
    }
}

request! {
    /// The agent's draft.
    pub struct BoardOnboardingAgentComplete {
        /// `goal`, `general` or any other text.
        pub board_type: Name,
        pub objective: Option<String> = None,
        pub success_metrics: Option<Object> = None,
        pub target_date: Option<Timestamp> = None,
        pub status: CompleteStatus,
        pub user_profile: Option<BoardOnboardingUserProfile> = None,
        pub lead_agent: Option<BoardOnboardingLeadAgentDraft> = None,
    }
    check = BoardOnboardingAgentComplete::check;
}

impl BoardOnboardingAgentComplete {
    fn check(&mut self) -> Result<(), &'static str> {
        require_goal(&self.board_type, self.objective.as_deref(), self.success_metrics.as_ref())
    }
}

request! {
    /// A possible answer.
    #[derive(PartialEq, Eq, Hash)]
    pub struct BoardOnboardingQuestionOption {
        pub id: NonBlank,
        pub label: NonBlank,
    }
}

request! {
    /// The agent's question.
    pub struct BoardOnboardingAgentQuestion {
        pub question: NonBlank,
        pub options: NonEmptyList<BoardOnboardingQuestionOption>,
    }
}

/// What an agent sends: its draft or a question.
#[derive(Clone, Debug)]
pub enum AgentUpdate {
    /// The draft.
    Complete(Box<BoardOnboardingAgentComplete>),
    /// A question.
    Question(BoardOnboardingAgentQuestion),
}

impl Schema for AgentUpdate {
    fn schema(components: &mut Components) -> Value {
        let complete = BoardOnboardingAgentComplete::schema(components);
        json!({"anyOf": [complete, BoardOnboardingAgentQuestion::schema(components)]})
    }
}

impl Field for AgentUpdate {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let (mut of_complete, mut of_question) = (Faults::default(), Faults::default());
        let complete = place.member(COMPLETE);
        if let Some(draft) = BoardOnboardingAgentComplete::read(input, &complete, &mut of_complete) {
            return Some(Self::Complete(Box::new(draft)));
        }
        let question = place.member(QUESTION);
        if let Some(question) = BoardOnboardingAgentQuestion::read(input, &question, &mut of_question) {
            return Some(Self::Question(question));
        }
        faults.append(of_complete);
        faults.append(of_question);
        None
    }
}

impl AgentUpdate {
    /// What was sent, without members that say nothing.
    pub(super) fn normalised(&self) -> Value {
        match self {
            Self::Question(question) => {
                let option = |option: &BoardOnboardingQuestionOption| json!({"id": option.id, "label": option.label});
                let options: Vec<Value> = question.options.0.iter().map(option).collect();
                json!({"question": question.question, "options": options})
            }
            Self::Complete(draft) => without_nulls([
                ("board_type", json!(draft.board_type)),
                ("objective", json!(draft.objective)),
                ("success_metrics", json!(draft.success_metrics)),
                ("target_date", json!(draft.target_date)),
                ("status", json!(draft.status)),
                ("user_profile", draft.user_profile.as_ref().map_or(Value::Null, normalised_person)),
                ("lead_agent", draft.lead_agent.as_ref().map_or(Value::Null, normalised_lead)),
            ]),
        }
    }
}

fn normalised_person(person: &BoardOnboardingUserProfile) -> Value {
    without_nulls([
        ("preferred_name", json!(not_blank(person.preferred_name.clone()))),
        ("pronouns", json!(not_blank(person.pronouns.clone()))),
        ("timezone", json!(not_blank(person.timezone.clone()))),
        ("notes", json!(not_blank(person.notes.clone()))),
        ("context", json!(not_blank(person.context.clone()))),
    ])
}

fn normalised_lead(lead: &BoardOnboardingLeadAgentDraft) -> Value {
    without_nulls([
        ("name", json!(lead.name)),
        ("identity_profile", json!(lead.identity_profile.0)),
        ("autonomy_level", json!(lead.autonomy_level.0)),
        ("verbosity", json!(lead.verbosity.0)),
        ("output_format", json!(lead.output_format.0)),
        ("update_cadence", json!(lead.update_cadence.0)),
        ("custom_instructions", json!(not_blank(lead.custom_instructions.clone()))),
    ])
}

fn without_nulls<const N: usize>(members: [(&str, Value); N]) -> Value {
    let kept = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect())
}

response! {
    /// The onboarding of a board.
    pub struct BoardOnboardingRead {
        pub id: Uuid,
        pub board_id: Uuid,
        /// The session of the gateway's main agent.
        pub session_key: String,
        pub status: SessionStatus,
        /// What was said: `role`, `content` and `timestamp` of each message.
        pub messages: Option<Vec<Object>>,
        /// What the agent drafted.
        pub draft_goal: Option<Object>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl From<Session> for BoardOnboardingRead {
    fn from(session: Session) -> Self {
        let object = |value: &Value| value.as_object().cloned().map(Object);
        Self {
            id: session.id,
            board_id: session.board_id,
            messages: session
                .messages
                .as_ref()
                .and_then(Value::as_array)
                .map(|messages| messages.iter().filter_map(object).collect()),
            draft_goal: session.draft_goal.as_ref().and_then(Value::as_object).map(shown_draft),
            session_key: session.session_key,
            status: session.status,
            created_at: session.created_at,
            updated_at: session.updated_at,
        }
    }
}

const DRAFT: [&str; 7] =
    ["board_type", "objective", "success_metrics", "target_date", "status", "user_profile", "lead_agent"];
const PERSON: [&str; 5] = ["preferred_name", "pronouns", "timezone", "notes", "context"];
const LEAD: [&str; 7] = [
    "name",
    "identity_profile",
    "autonomy_level",
    "verbosity",
    "output_format",
    "update_cadence",
    "custom_instructions",
];

/// A draft as clients see it: every member, be it null.
fn shown_draft(stored: &Map<String, Value>) -> Object {
    let mut draft = whole(stored, &DRAFT);
    for (name, members) in [("user_profile", PERSON.as_slice()), ("lead_agent", &LEAD)] {
        if let Some(Value::Object(inner)) = stored.get(name) {
            draft.insert(name.to_owned(), Value::Object(whole(inner, members)));
        }
    }
    Object(draft)
}

fn whole(stored: &Map<String, Value>, members: &[&str]) -> Map<String, Value> {
    let member = |name: &&str| ((*name).to_owned(), stored.get(*name).cloned().unwrap_or(Value::Null));
    members.iter().map(member).collect()
}
