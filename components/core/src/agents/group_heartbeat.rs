//! One pace of checking in for all agents of a group of boards.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{default_heartbeat_config, store};
use crate::messaging::Transport;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Name, Object};
use mission_control_web::{request, response};

request! {
    /// A pace for all agents of a group.
    pub struct BoardGroupHeartbeatApply {
        /// How often they check in, such as `10m`; the gateway's matter.
        pub every: Name,
        /// Whether leads are to keep it, too.
        pub include_board_leads: bool = false,
    }
}

response! {
    /// Which agents were given the pace.
    pub struct BoardGroupHeartbeatApplyResult {
        pub board_group_id: Uuid,
        /// What was asked for.
        pub requested: Object,
        /// The agents whose configuration was changed.
        pub updated_agent_ids: Vec<Uuid>,
        /// Those of them whose gateway could not be told.
        pub failed_agent_ids: Vec<Uuid>,
    }
}

/// Gives all agents of the group's boards the pace; what else stands in their configurations stays. Agents of a mailbox
/// read it with their next heartbeat.
///
/// # Errors
/// A database failure.
pub fn apply(
    tx: &mut Tx<'_>,
    group_id: Uuid,
    request: &BoardGroupHeartbeatApply,
) -> Result<BoardGroupHeartbeatApplyResult, DbError> {
    let agents = store::heartbeats_in_group(tx, group_id, request.include_board_leads)?;
    // Most agents have the same configuration: one statement for each that occurs.
    let mut by_config: HashMap<String, (Value, Vec<Uuid>)> = HashMap::new();
    for (id, _, stored) in &agents {
        let config = with_pace(stored.as_ref(), &request.every);
        by_config.entry(config.to_string()).or_insert_with(|| (config, Vec::new())).1.push(*id);
    }
    let now = Timestamp::now();
    for (config, ids) in by_config.values() {
        store::save_heartbeat_config(tx, ids, config, now)?;
    }
    let failed = agents.iter().filter(|(_, url, _)| Transport::of(url) != Transport::Mailbox).map(|(id, ..)| *id);
    Ok(BoardGroupHeartbeatApplyResult {
        board_group_id: group_id,
        requested: Object(Map::from_iter([
            ("every".to_owned(), request.every.0.as_str().into()),
            ("include_board_leads".to_owned(), request.include_board_leads.into()),
        ])),
        updated_agent_ids: agents.iter().map(|(id, ..)| *id).collect(),
        failed_agent_ids: failed.collect(),
    })
}

/// The defaults, over them what is stored, over that the pace.
fn with_pace(stored: Option<&Value>, every: &str) -> Value {
    let mut config = default_heartbeat_config();
    if let Some(config) = config.as_object_mut() {
        config.extend(stored.and_then(Value::as_object).cloned().unwrap_or_default());
        config.insert("every".to_owned(), json!(every));
        config.insert("target".to_owned(), json!("last"));
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_goes_over_what_is_stored() {
        let stored = json!({"every": "1h", "target": "x", "model": "m", "includeReasoning": true});
        let expected = json!({"every": "5m", "target": "last", "includeReasoning": true, "model": "m"});
        assert_eq!(with_pace(Some(&stored), "5m"), expected);
        let expected = json!({"every": "5m", "target": "last", "includeReasoning": false});
        assert_eq!(with_pace(None, "5m"), expected);
    }
}
