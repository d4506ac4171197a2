//! Leads: every board that works by itself has one.

use serde_json::{Map, Value};

use super::profile::{self, IdentityProfile};
use super::provisioning::{self, NewAgent, Provisioned};
use super::session::Post;
use super::{Agent, default_heartbeat_config, store};
use crate::boards::Board;
use crate::gateways::Gateway;
use mission_control_platform::db::Tx;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::ApiResult;

/// What a lead is called if nobody names it.
const NAME: &str = "Lead Agent";

/// The profile of a lead, before anything is said about it.
#[must_use]
pub fn base_profile() -> Map<String, Value> {
    profile::of_role("Board Lead", ":gear:")
}

/// The lead that a board has now.
#[derive(Debug)]
pub enum Lead {
    /// It was there, and serves under the name and on the gateway that it should.
    Existing(Agent),
    /// It was made.
    New(Provisioned),
}

/// Makes sure that the board has a lead on this gateway, which the caller has locked. It is called by this name; without one,
/// a lead that is there keeps its own.
///
/// # Errors
/// 502 when the gateway cannot carry anything to it. A database failure.
pub fn ensure(
    tx: &mut Tx<'_>,
    board: &Board,
    gateway: &Gateway,
    name: Option<String>,
    profile: IdentityProfile,
) -> ApiResult<Lead> {
    let name = profile::not_blank(name);
    if let Some(mut agent) = store::lead_of(tx, board.id)? {
        let name = name.unwrap_or_else(|| agent.name.clone());
        let differs = agent.name != name || agent.gateway_id != gateway.id;
        agent.name = name;
        agent.gateway_id = gateway.id;
        agent.gateway_url.clone_from(&gateway.url);
        if agent.correct_session_key() || differs {
            agent.updated_at = Timestamp::now();
            store::save_post(tx, &agent)?;
        }
        return Ok(Lead::Existing(agent));
    }
    let new = NewAgent {
        post: Post::BoardLead(board.id),
        name: name.unwrap_or_else(|| NAME.to_owned()),
        heartbeat_config: default_heartbeat_config(),
        identity_profile: Some(profile.over(base_profile())),
        identity_template: None,
        soul_template: None,
    };
    provisioning::provision(tx, gateway, new).map(Lead::New)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::test_world::World;

    fn ensured(world: &mut World, name: Option<&str>) -> Lead {
        let (board, gateway) = (world.board.clone(), world.gateway.clone());
        let profile = IdentityProfile::of(&serde_json::json!({"verbosity": "concise"}));
        ensure(&mut world.tx(), &board, &gateway, name.map(str::to_owned), profile).unwrap()
    }

    #[test]
    fn a_board_without_a_lead_gets_one_that_is_awake() {
        let mut world = World::new();
        let Lead::New(made) = ensured(&mut world, None) else { panic!("a new lead") };
        assert_eq!(made.agent.name, "Lead Agent");
        assert!(made.agent.is_board_lead);
        assert_eq!(made.agent.openclaw_session_id, Some(format!("agent:lead-{}:main", world.board.id)));
        let profile = made.agent.identity_profile.unwrap();
        assert_eq!((&profile["role"], &profile["verbosity"]), (&"Board Lead".into(), &"concise".into()));
        let waiting = crate::messaging::inbox::count_pending(&mut world.tx(), made.agent.id).unwrap();
        assert_eq!(waiting, 1);
    }

    #[test]
    fn a_lead_that_is_there_is_corrected_and_not_woken_again() {
        let mut world = World::new();
        let Lead::New(made) = ensured(&mut world, Some(" Ada ")) else { panic!("a new lead") };
        let id = made.agent.id;
        world.tx().execute("UPDATE agents SET openclaw_session_id = NULL", &[]).unwrap();
        let Lead::Existing(agent) = ensured(&mut world, Some("Bea")) else { panic!("the same lead") };
        assert_eq!((agent.id, agent.name.as_str()), (id, "Bea"));
        let stored = store::find(&mut world.tx(), id).unwrap().unwrap();
        assert_eq!((stored.name, stored.openclaw_session_id), (agent.name, agent.openclaw_session_id));
        assert_eq!(crate::messaging::inbox::count_pending(&mut world.tx(), id).unwrap(), 1);
    }
}
