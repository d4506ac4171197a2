//! Making an agent on request of an organization's admin or of a board's lead.

use uuid::Uuid;

use super::provisioning::{self, NewAgent, Provisioned};
use super::session::Post;
use super::store::NameTaken;
use super::wire::AgentCreate;
use super::{Agent, access, default_heartbeat_config, lead, profile, store};
use crate::agents::Actor;
use crate::boards::{self, Board, BoardRight};
use crate::gateways;
use crate::organizations::SignedIn;
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult};

/// What a second lead of a board is told.
pub(crate) const HAS_A_LEAD: &str = "This board already has a lead agent.";

/// Makes an agent, wakes it and records both.
///
/// # Errors
/// What the reference answers, in its order: 403 to whoever may not, 422 without a board, 404 for an unknown one, 409
/// over the board's limit, 422 without a usable gateway, 409 for a name or post that is taken, 502 when the gateway
/// cannot be reached.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, body: AgentCreate) -> ApiResult<Provisioned> {
    let board = match actor {
        Actor::User(caller) => board_of_admin(tx, caller, body.board_id)?,
        Actor::Agent(agent) => board_of_lead(tx, agent, body.board_id)?,
    };
    let gateway = match board.gateway_id {
        // Locked, so that the limit, the name and the post are still free when the agent is stored.
        Some(id) => gateways::store::lock(tx, board.organization_id, id)?,
        None => None,
    };
    if actor.agent().is_some() {
        check_limit(board.max_agents, store::count_workers(tx, board.id)?)?;
    }
    let gateway = gateways::require_usable(board.gateway_id, gateway)?;
    check_name(store::name_taken(tx, board.id, gateway.id, &body.name)?)?;
    if body.is_board_lead && store::lead_of(tx, board.id)?.is_some() {
        return Err(ApiError::conflict(HAS_A_LEAD));
    }
    let provisioned = provisioning::provision(tx, &gateway, new_agent(board.id, body))?;
    provisioning::record(tx, &provisioned.agent, actor.user_id())?;
    Ok(provisioned)
}

fn new_agent(board_id: Uuid, body: AgentCreate) -> NewAgent {
    let (post, identity_profile) = if body.is_board_lead {
        (Post::BoardLead(board_id), Some(body.identity_profile.over(lead::base_profile())))
    } else {
        (Post::Worker(board_id), body.identity_profile.0)
    };
    NewAgent {
        post,
        name: body.name.0,
        heartbeat_config: body.heartbeat_config.map_or_else(default_heartbeat_config, Into::into),
        identity_profile,
        identity_template: profile::not_blank(body.identity_template),
        soul_template: profile::not_blank(body.soul_template),
    }
}

fn board_of_admin(tx: &mut Tx<'_>, caller: &SignedIn, board_id: Option<Uuid>) -> ApiResult<Board> {
    if !caller.membership.role.is_admin() {
        return Err(ApiError::forbidden());
    }
    let board_id = board_id.ok_or_else(|| ApiError::unprocessable("board_id is required"))?;
    access::board_for_person(tx, caller, board_id, BoardRight::Write)?.ok_or_else(no_board)
}

fn board_of_lead(tx: &mut Tx<'_>, agent: &Agent, board_id: Option<Uuid>) -> ApiResult<Board> {
    if !agent.is_board_lead {
        return Err(ApiError::forbidden_because("Only board leads can create agents"));
    }
    let own = agent.board_id.ok_or_else(|| ApiError::forbidden_because("Board lead must be assigned to a board"))?;
    if board_id.is_some_and(|board_id| board_id != own) {
        return Err(ApiError::forbidden_because("Board leads can only create agents in their own board"));
    }
    boards::store::find(tx, own)?.ok_or_else(no_board)
}

pub(crate) fn no_board() -> ApiError {
    ApiError::not_found_because("Board not found")
}

fn check_limit(max_agents: i64, workers: i64) -> ApiResult<()> {
    if workers < max_agents {
        return Ok(());
    }
    let plural = if max_agents == 1 { "" } else { "s" };
    Err(ApiError::conflict(format!(
        "Board worker-agent limit reached: max_agents={max_agents} (excluding the lead); \
         cannot create more than {max_agents} agent{plural}."
    )))
}

pub(crate) fn check_name(taken: Option<NameTaken>) -> ApiResult<()> {
    match taken {
        None => Ok(()),
        Some(NameTaken::OnBoard) => Err(ApiError::conflict("An agent with this name already exists on this board.")),
        Some(NameTaken::OnGateway) => {
            Err(ApiError::conflict("An agent with this name already exists in this gateway workspace."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_workers() {
        assert!(check_limit(2, 1).is_ok());
        let text = |max| check_limit(max, max).unwrap_err().detail().as_str().unwrap().to_owned();
        assert_eq!(
            text(1),
            "Board worker-agent limit reached: max_agents=1 (excluding the lead); cannot create more than 1 agent."
        );
        assert!(text(0).ends_with("cannot create more than 0 agents."));
        assert!(text(3).ends_with("cannot create more than 3 agents."));
    }

    use crate::agents::test_world::World;

    fn body(name: &str, is_board_lead: bool) -> AgentCreate {
        AgentCreate {
            is_board_lead,
            ..AgentCreate::named(mission_control_web::schema::NonBlank(name.to_owned()), None)
        }
    }

    /// A world with a lead, which is the actor.
    fn led() -> (World, Actor) {
        let mut world = World::new();
        let post = Post::BoardLead(world.board.id);
        let lead = world.agent(post, "Lead").agent;
        (world, Actor::Agent(lead))
    }

    fn refusal(world: &mut World, actor: &Actor, body: AgentCreate) -> (u16, String) {
        let error = create(&mut world.tx(), actor, body).unwrap_err();
        (error.status_code().as_u16(), error.detail().as_str().unwrap().to_owned())
    }

    #[test]
    fn a_lead_makes_workers_up_to_the_limit_of_its_board() {
        let (mut world, lead) = led();
        let made = create(&mut world.tx(), &lead, body("One", false)).unwrap();
        assert_eq!(made.agent.board_id, Some(world.board.id));
        assert!(!made.agent.is_board_lead);
        assert_eq!(made.token.len(), 43);
        assert_eq!(refusal(&mut world, &lead, body("Two", false)).0, 409);
        let events: Vec<String> =
            world.tx().all("SELECT message FROM activity_events ORDER BY event_type", &[]).unwrap();
        assert_eq!(events, ["Provisiond directly for One.", "Wakeup message sent to One."]);
    }

    #[test]
    fn a_name_is_compared_literally_and_whatever_its_case() {
        let (mut world, lead) = led();
        world.tx().execute("UPDATE boards SET max_agents = 9", &[]).unwrap();
        create(&mut world.tx(), &lead, body("Worker One", false)).unwrap();
        let taken = (409, "An agent with this name already exists on this board.".to_owned());
        assert_eq!(refusal(&mut world, &lead, body("WORKER one", false)), taken);
        assert!(create(&mut world.tx(), &lead, body("worker%", false)).is_ok());
        assert!(create(&mut world.tx(), &lead, body("Worker_One", false)).is_ok());
        let elsewhere = Post::Worker(world.other_board.id);
        world.agent(elsewhere, "Eve");
        let taken = (409, "An agent with this name already exists in this gateway workspace.".to_owned());
        assert_eq!(refusal(&mut world, &lead, body("eve", false)), taken);
        world.agent(Post::GatewayMain, "Main");
        assert!(create(&mut world.tx(), &lead, body("main", false)).is_ok(), "main agents do not count");
    }

    #[test]
    fn a_board_has_one_lead() {
        let (mut world, lead) = led();
        let taken = (409, "This board already has a lead agent.".to_owned());
        assert_eq!(refusal(&mut world, &lead, body("Second", true)), taken);
    }

    #[test]
    fn only_a_lead_may_and_only_on_its_board() {
        let (mut world, lead) = led();
        let worker = Actor::Agent(world.worker("Worker").agent);
        let refused = (403, "Only board leads can create agents".to_owned());
        assert_eq!(refusal(&mut world, &worker, body("New", false)), refused);
        let elsewhere = AgentCreate { board_id: Some(world.other_board.id), ..body("New", false) };
        let refused = (403, "Board leads can only create agents in their own board".to_owned());
        assert_eq!(refusal(&mut world, &lead, elsewhere), refused);
    }

    #[test]
    fn a_board_needs_a_usable_gateway() {
        let (mut world, lead) = led();
        for (change, status, text) in [
            ("UPDATE gateways SET url = ' '", 422, "Gateway workspace_root is required"),
            ("UPDATE gateways SET workspace_root = '/srv'", 422, "Gateway url is required"),
            (
                "UPDATE gateways SET url = 'ws://127.0.0.1'",
                502,
                "Gateway provision failed: WebSocket gateways are not available in this build.",
            ),
            ("UPDATE boards SET gateway_id = NULL", 422, "Board gateway_id is required"),
        ] {
            world.tx().execute(change, &[]).unwrap();
            assert_eq!(refusal(&mut world, &lead, body("New", false)), (status, text.to_owned()));
        }
    }
}
