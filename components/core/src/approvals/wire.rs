//! Bodies of the routes of approvals.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Approval, ApprovalStatus, Linked};
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{
    Components, Faults, Field, Name, Nullable, Object, Patch, Place, RangedFloat, Schema,
};
use mission_control_web::{request, response};

/// Whole numbers by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores(Map<String, Value>);

impl Schema for Scores {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "object", "additionalProperties": {"type": "integer"}})
    }
}

impl Field for Scores {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let Object(scores) = Object::read(input, place, faults)?;
        let before = faults.len();
        let mut read = Map::with_capacity(scores.len());
        for (name, score) in &scores {
            if let Some(score) = i64::read(score, &place.member(name), faults) {
                read.insert(name.clone(), score.into());
            }
            if faults.is_full() {
                break;
            }
        }
        (faults.len() == before).then_some(Self(read))
    }
}

request! {
    /// Which approval the path names.
    pub struct ApprovalPath {
        pub approval_id: Uuid,
    }
}

request! {
    /// Which approvals of a board a list shows.
    pub struct ApprovalFilter {
        pub status: Option<ApprovalStatus> = None,
    }
}

request! {
    /// A new request for a decision. It needs a reason: in `lead_reasoning`, in `payload.reason` or in
    /// `payload.decision.reason`.
    pub struct ApprovalCreate {
        /// What is to be decided on; any text.
        pub action_type: Name,
        /// The first of the tasks that it is about.
        pub task_id: Option<Uuid> = None,
        /// The tasks that it is about. Ids in the payload's `task_id` and `task_ids` count, too.
        pub task_ids: Vec<Uuid> = Vec::new(),
        pub payload: Option<Object> = None,
        /// How sure whoever asks is, from 0 to 100.
        pub confidence: RangedFloat<0, 100>,
        pub rubric_scores: Option<Scores> = None,
        /// Agents ask only: theirs are pending whatever stands here.
        pub status: ApprovalStatus = ApprovalStatus::Pending,
        /// The agent that asks; of agents always the caller.
        pub agent_id: Option<Uuid> = None,
        /// Becomes the payload's reason if that has none.
        pub lead_reasoning: Option<String> = None,
    }
    check = ApprovalCreate::check;
}

impl ApprovalCreate {
    fn check(&mut self) -> Result<(), &'static str> {
        let payload = self.payload.as_ref().map(|payload| &payload.0);
        let is_reason =
            |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
        let decision = payload.and_then(|payload| payload.get("decision"));
        if is_reason(payload.and_then(|payload| payload.get("reason")))
            || is_reason(decision.and_then(|decision| decision.get("reason")))
        {
            return Ok(());
        }
        match self.lead_reasoning.as_deref().map(str::trim) {
            Some(reason) if !reason.is_empty() => {
                let payload = self.payload.get_or_insert_with(|| Object(Map::new()));
                payload.0.insert("reason".to_owned(), reason.into());
                Ok(())
            }
            _ => Err("lead reasoning is required"),
        }
    }

    /// The tasks that it is about, each once: those that the request names, then those that its payload names.
    pub(super) fn tasks(&self) -> Vec<Uuid> {
        let payload = self.payload.as_ref().map(|payload| &payload.0);
        let member = |name: &str| payload.and_then(|payload| payload.get(name));
        let lists = ["task_ids", "taskIds", "taskIDs"].into_iter().filter_map(member).filter_map(Value::as_array);
        let scalars = ["task_id", "taskId", "taskID"].into_iter().filter_map(member);
        let of_payload = lists.flatten().chain(scalars).filter_map(Value::as_str);
        let of_payload = of_payload.filter_map(|text| Uuid::try_parse(text.trim()).ok());
        let mut tasks = Vec::new();
        for id in self.task_id.into_iter().chain(self.task_ids.iter().copied()).chain(of_payload) {
            if !tasks.contains(&id) {
                tasks.push(id);
            }
        }
        tasks
    }
}

impl From<Scores> for Value {
    fn from(scores: Scores) -> Self {
        Self::Object(scores.0)
    }
}

request! {
    /// A decision.
    pub struct ApprovalUpdate {
        pub status: Nullable<ApprovalStatus> = Patch::Keep,
    }
    check = ApprovalUpdate::check;
}

impl ApprovalUpdate {
    fn check(&mut self) -> Result<(), &'static str> {
        if self.status == Patch::Set(None) { Err("status is required") } else { Ok(()) }
    }
}

response! {
    /// A request for a decision.
    pub struct ApprovalRead {
        pub action_type: String,
        /// The first of the tasks that it is about.
        pub task_id: Option<Uuid>,
        /// The tasks that it is about.
        pub task_ids: Vec<Uuid>,
        pub payload: Option<Object>,
        /// From 0 to 100.
        pub confidence: f64,
        pub rubric_scores: Option<Object>,
        pub status: ApprovalStatus,
        pub id: Uuid,
        pub board_id: Uuid,
        /// The titles of those tasks.
        pub task_titles: Vec<String>,
        /// The agent that asks; none if a person does.
        pub agent_id: Option<Uuid>,
        pub created_at: Timestamp,
        /// When it was decided.
        pub resolved_at: Option<Timestamp>,
        /// Who decided.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub resolved_by_user_id: Option<Uuid>,
    }
}

impl From<(Approval, Vec<Linked>)> for ApprovalRead {
    fn from((approval, linked): (Approval, Vec<Linked>)) -> Self {
        let object = |value: Option<Value>| match value {
            Some(Value::Object(members)) => Some(Object(members)),
            _ => None,
        };
        Self {
            action_type: approval.action_type,
            task_id: linked.first().map(|task| task.id),
            task_ids: linked.iter().map(|task| task.id).collect(),
            payload: object(approval.payload),
            confidence: approval.confidence,
            rubric_scores: object(approval.rubric_scores),
            status: approval.status,
            id: approval.id,
            board_id: approval.board_id,
            task_titles: linked.into_iter().map(|task| task.title).collect(),
            agent_id: approval.agent_id,
            created_at: approval.created_at,
            resolved_at: approval.resolved_at,
            resolved_by_user_id: approval.resolved_by_user_id,
        }
    }
}

response! {
    /// A task that has a pending approval already.
    pub struct ApprovalConflict {
        pub task_id: Uuid,
        pub approval_id: Uuid,
    }
}

response! {
    /// Why an approval cannot be pending.
    pub struct ApprovalConflictDetail {
        pub message: String,
        pub conflicts: Vec<ApprovalConflict>,
    }
}

response! {
    /// The envelope of such a refusal.
    pub struct ApprovalConflictError {
        pub detail: ApprovalConflictDetail,
        /// The id that the log knows the request by.
        pub request_id: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Option<ApprovalCreate> {
        ApprovalCreate::read(&body, &Place::root("body"), &mut Faults::default())
    }

    #[test]
    fn a_reason_may_stand_in_three_places() {
        for members in [
            json!({"lead_reasoning": " why "}),
            json!({"payload": {"reason": "why"}}),
            json!({"payload": {"decision": {"reason": "why"}}, "lead_reasoning": " "}),
            json!({"payload": {"reason": 1}, "lead_reasoning": "why"}),
        ] {
            let mut body = json!({"action_type": "x", "confidence": 1});
            body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            let payload = read(body).unwrap().payload.unwrap().0;
            assert!(payload.get("decision").is_some() || payload["reason"] == "why", "{payload:?}");
        }
        for payload in [json!({"reason": " "}), json!({"decision": "why"}), json!(null)] {
            assert!(read(json!({"action_type": "x", "confidence": 1, "payload": payload})).is_none());
        }
    }

    #[test]
    fn tasks_are_named_in_many_places_and_count_once() {
        let [a, b, c, d] = [1, 2, 3, 4].map(Uuid::from_u128);
        let payload = json!({"reason": "r", "taskID": d, "task_ids": [c, "x", 1, a], "taskIds": null});
        let body =
            json!({"action_type": "x", "confidence": 1, "task_ids": [b, a, b], "task_id": a, "payload": payload});
        assert_eq!(read(body).unwrap().tasks(), [a, b, c, d]);
    }
}
