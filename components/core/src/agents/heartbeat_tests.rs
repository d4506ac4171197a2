use super::*;
use crate::agents::session::Post;
use crate::agents::test_world::World;
use crate::messaging::inbox;
use mission_control_platform::db::Paging;
use mission_control_platform::params;

fn store_status(world: &mut World, status: &str) {
    world.tx().execute("UPDATE agents SET status = $1", &params![status]).unwrap();
}

fn whole_list() -> Paging {
    Paging::new(200, 0)
}

#[test]
fn a_heartbeat_lifts_every_status_but_deleting() {
    let mut world = World::new();
    let ada = world.worker("Ada").agent;
    for (stored, after) in
        [("provisioning", "online"), ("offline", "online"), ("updating", "online"), ("deleting", "deleting")]
    {
        store_status(&mut world, stored);
        let alive = commit(&mut world.tx(), ada.clone(), None, None).unwrap();
        assert_eq!(alive.agent.status, after);
        assert!(alive.agent.last_seen_at.is_some());
        assert_eq!(store::find(&mut world.tx(), ada.id).unwrap().unwrap().status, after);
    }
}

#[test]
fn a_heartbeat_may_say_what_the_agent_does_but_nothing_reserved() {
    let mut world = World::new();
    let ada = world.worker("Ada").agent;
    assert_eq!(commit(&mut world.tx(), ada.clone(), Some("busy"), None).unwrap().agent.status, "busy");
    assert_eq!(commit(&mut world.tx(), ada.clone(), Some(""), None).unwrap().agent.status, "online");
    for reserved in ["deleting", "updating"] {
        let refused = commit(&mut world.tx(), ada.clone(), Some(reserved), None).unwrap_err();
        assert_eq!(refused.status_code(), 422);
    }
}

#[test]
fn a_heartbeat_counts_what_waits_in_the_inbox_and_is_recorded() {
    let mut world = World::new();
    let (ada, bob) = (world.worker("Ada").agent, world.worker("Bob").agent);
    let alive = commit(&mut world.tx(), ada.clone(), None, None).unwrap();
    assert_eq!(alive.pending_messages, 1, "the wake-up message");
    let waiting: Vec<inbox::Entry> = inbox::pending(&mut world.tx(), ada.id, &whole_list()).unwrap().items;
    assert!(waiting[0].message.starts_with("Hello Ada. Your workspace has been provisioned."));
    assert!(inbox::acknowledge(&mut world.tx(), ada.id, waiting[0].id).unwrap());
    assert!(!inbox::acknowledge(&mut world.tx(), bob.id, waiting[0].id).unwrap(), "another agent's message");
    assert_eq!(commit(&mut world.tx(), ada, None, None).unwrap().pending_messages, 0);
    let events: Vec<String> =
        world.tx().all("SELECT message FROM activity_events WHERE event_type = 'agent.heartbeat'", &[]).unwrap();
    assert_eq!(events, ["Heartbeat received from Ada.", "Heartbeat received from Ada."]);
}

#[test]
fn an_agent_that_is_gone_is_not_found() {
    let mut world = World::new();
    let ada = world.worker("Ada").agent;
    world.tx().execute("DELETE FROM agents", &[]).unwrap();
    assert_eq!(commit(&mut world.tx(), ada, None, None).unwrap_err().status_code(), 404);
}

#[test]
fn a_heartbeat_corrects_a_session_key() {
    let mut world = World::new();
    let post = Post::BoardLead(world.board.id);
    let mut lead = world.agent(post, "Ada").agent;
    assert!(!lead.correct_session_key());
    lead.openclaw_session_id = None;
    assert!(lead.correct_session_key());
    assert_eq!(lead.openclaw_session_id, Some(format!("agent:lead-{}:main", world.board.id)));
}
