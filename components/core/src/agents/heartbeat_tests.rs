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
        let alive = commit(&mut world.tx(), &Settings::default(), ada.clone(), None, None).unwrap();
        assert_eq!(alive.agent.status, after);
        assert!(alive.agent.last_seen_at.is_some());
        assert_eq!(store::find(&mut world.tx(), ada.id).unwrap().unwrap().status, after);
    }
}

#[test]
fn a_heartbeat_may_say_what_the_agent_does_but_nothing_reserved() {
    let mut world = World::new();
    let ada = world.worker("Ada").agent;
    assert_eq!(
        commit(&mut world.tx(), &Settings::default(), ada.clone(), Some("busy"), None).unwrap().agent.status,
        "busy"
    );
    assert_eq!(
        commit(&mut world.tx(), &Settings::default(), ada.clone(), Some(""), None).unwrap().agent.status,
        "online"
    );
    for reserved in ["deleting", "updating"] {
        let refused = commit(&mut world.tx(), &Settings::default(), ada.clone(), Some(reserved), None).unwrap_err();
        assert_eq!(refused.status_code(), 422);
    }
}

#[test]
fn a_heartbeat_counts_what_waits_in_the_inbox() {
    let mut world = World::new();
    let (ada, bob) = (world.worker("Ada").agent, world.worker("Bob").agent);
    let alive = commit(&mut world.tx(), &Settings::default(), ada.clone(), None, None).unwrap();
    assert_eq!(alive.pending_messages, 1, "the wake-up message");
    let waiting: Vec<inbox::Entry> = inbox::pending(&mut world.tx(), ada.id, &whole_list()).unwrap().items;
    assert!(waiting[0].message.starts_with("Hello Ada. Your workspace has been provisioned."));
    assert!(inbox::acknowledge(&mut world.tx(), ada.id, waiting[0].id).unwrap());
    assert!(!inbox::acknowledge(&mut world.tx(), bob.id, waiting[0].id).unwrap(), "another agent's message");
    assert_eq!(commit(&mut world.tx(), &Settings::default(), ada, None, None).unwrap().pending_messages, 0);
}

fn events(world: &mut World) -> usize {
    let sql = "SELECT message FROM activity_events WHERE event_type = 'agent.heartbeat'";
    let events: Vec<String> = world.tx().all(sql, &[]).unwrap();
    assert!(events.iter().all(|event| event == "Heartbeat received from Ada."), "{events:?}");
    events.len()
}

#[test]
fn the_log_shows_a_heartbeat_again_after_a_while_or_when_something_changes() {
    let mut world = World::new();
    let ada = world.worker("Ada").agent;
    let settings = Settings::default();
    let beat = |world: &mut World, status| commit(&mut world.tx(), &settings, ada.clone(), status, None).unwrap();
    let mut seen = Vec::new();
    for status in [None, None, Some("busy"), Some("busy"), None] {
        beat(&mut world, status);
        seen.push(events(&mut world));
    }
    assert_eq!(seen, [1, 1, 2, 2, 3]);
    let ago = Timestamp::now().minus(Duration::from_secs(61));
    world.tx().execute("UPDATE agents SET heartbeat_logged_at = $1", &params![ago]).unwrap();
    beat(&mut world, None);
    assert_eq!(events(&mut world), 4);
    store_status(&mut world, "deleting");
    beat(&mut world, Some("busy"));
    assert_eq!(events(&mut world), 4, "it stays what it is");
}

#[test]
fn the_log_shows_every_heartbeat_if_it_is_told_to() {
    let mut world = World::new();
    let ada = world.worker("Ada").agent;
    let settings = Settings { heartbeat_event_seconds: 0, ..Settings::default() };
    for _ in 0..3 {
        commit(&mut world.tx(), &settings, ada.clone(), None, None).unwrap();
    }
    assert_eq!(events(&mut world), 3);
}

#[test]
fn an_agent_that_is_gone_is_not_found() {
    let mut world = World::new();
    let ada = world.worker("Ada").agent;
    world.tx().execute("DELETE FROM agents", &[]).unwrap();
    assert_eq!(commit(&mut world.tx(), &Settings::default(), ada, None, None).unwrap_err().status_code(), 404);
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
