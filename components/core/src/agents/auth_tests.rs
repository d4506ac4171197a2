use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::agents::test_world::World;

const GRACE: Duration = Duration::from_secs(300);

fn slow_hash(token: &str) -> String {
    let mut digest = [0_u8; 32];
    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(token.as_bytes(), b"salt", 10, &mut digest);
    format!("pbkdf2_sha256$10${}${}", URL_SAFE_NO_PAD.encode(b"salt"), URL_SAFE_NO_PAD.encode(digest))
}

/// An agent as an older database knows it.
fn import(world: &mut World, name: &str, token: &str) -> Uuid {
    let id = world.worker(name).agent.id;
    let sql = "UPDATE agents SET token_lookup = NULL, agent_token_hash = $1 WHERE id = $2";
    world.tx().execute(sql, &params![slow_hash(token), id]).unwrap();
    id
}

/// What [`find_imported`] does, on one connection.
fn sign_in_imported(world: &mut World, token: &str) -> Option<Uuid> {
    let candidates = imported(&mut world.tx()).unwrap();
    let found = candidates.into_iter().find(|one| tokens::verify_legacy(token, &one.agent_token_hash))?;
    upgrade(&mut world.tx(), &found, token).unwrap().map(|found| found.agent.id)
}

/// What identifying an agent does.
fn sign_in(world: &mut World, token: &str) -> Option<Uuid> {
    let found = find_by_token(&mut world.tx(), token).unwrap()?;
    if found.is_first_use {
        note_use(&mut world.tx(), token).unwrap();
    }
    Some(found.agent.id)
}

fn count_replaced(world: &mut World) -> i64 {
    world.tx().one("SELECT count(*) FROM replaced_agent_tokens", &[]).unwrap()
}

#[test]
fn a_token_finds_its_agent_and_no_other() {
    let mut world = World::new();
    let (ada, bob) = (world.worker("Ada"), world.worker("Bob"));
    assert_eq!(sign_in(&mut world, &ada.token), Some(ada.agent.id));
    assert_eq!(sign_in(&mut world, &bob.token), Some(bob.agent.id));
    for unknown in ["", "x", &ada.token[1..], &tokens::lookup_hash(&ada.token)] {
        assert_eq!(sign_in(&mut world, unknown), None);
    }
}

#[test]
fn an_agent_being_deleted_is_nobody() {
    let mut world = World::new();
    let ada = world.worker("Ada");
    import(&mut world, "Old", "old-token");
    world.tx().execute("UPDATE agents SET status = 'deleting'", &[]).unwrap();
    assert_eq!(sign_in(&mut world, &ada.token), None);
    assert_eq!(sign_in_imported(&mut world, "old-token"), None);
}

#[test]
fn every_replaced_token_is_valid_until_its_own_grace_ends() {
    let mut world = World::new();
    let ada = world.worker("Ada");
    let id = ada.agent.id;
    set_token(&mut world.tx(), id, "second", GRACE).unwrap();
    set_token(&mut world.tx(), id, "third", GRACE).unwrap();
    for valid in [ada.token.as_str(), "second", "third"] {
        assert_eq!(sign_in(&mut world, valid), Some(id), "{valid}");
    }
    let past = Timestamp::now().minus(Duration::from_secs(1));
    let sql = "UPDATE replaced_agent_tokens SET expires_at = $1 WHERE token_lookup = $2";
    world.tx().execute(sql, &params![past, tokens::lookup_hash("second")]).unwrap();
    assert_eq!(sign_in(&mut world, "second"), None);
    assert_eq!((sign_in(&mut world, &ada.token), sign_in(&mut world, "third")), (Some(id), Some(id)));
    tidy(world.connection(), &Settings::default(), Timestamp::now()).unwrap();
    assert_eq!(count_replaced(&mut world), 1);
}

#[test]
fn a_token_in_use_outlives_any_number_of_rotations_and_unused_ones_do_not_pile_up() {
    let mut world = World::new();
    let ada = world.worker("Ada");
    let id = ada.agent.id;
    assert_eq!(sign_in(&mut world, &ada.token), Some(id));
    for number in 0..100 {
        set_token(&mut world.tx(), id, &format!("token {number}"), GRACE).unwrap();
        if number == 50 {
            assert_eq!(sign_in(&mut world, "token 50"), Some(id));
        }
    }
    for (token, expected) in [
        (ada.token.as_str(), Some(id)),
        ("token 0", None),
        ("token 49", None),
        ("token 50", Some(id)),
        ("token 90", None),
        ("token 91", Some(id)),
        ("token 99", Some(id)),
    ] {
        assert_eq!(sign_in(&mut world, token), expected, "{token}");
    }
    assert_eq!(count_replaced(&mut world), 2 + UNUSED_TOKENS);
}

#[test]
fn only_the_first_use_of_a_token_is_noted() {
    let mut world = World::new();
    let ada = world.worker("Ada");
    let is_first =
        |world: &mut World, token: &str| find_by_token(&mut world.tx(), token).unwrap().unwrap().is_first_use;
    assert!(is_first(&mut world, &ada.token));
    note_use(&mut world.tx(), &ada.token).unwrap();
    set_token(&mut world.tx(), ada.agent.id, "second", GRACE).unwrap();
    assert!(!is_first(&mut world, &ada.token) && is_first(&mut world, "second"));
    set_token(&mut world.tx(), ada.agent.id, "third", GRACE).unwrap();
    assert!(is_first(&mut world, "second"));
    note_use(&mut world.tx(), "second").unwrap();
    assert!(!is_first(&mut world, "second"));
}

#[test]
fn without_grace_a_replaced_token_ends_at_once() {
    let mut world = World::new();
    let ada = world.worker("Ada");
    set_token(&mut world.tx(), ada.agent.id, "second", Duration::ZERO).unwrap();
    assert_eq!(sign_in(&mut world, &ada.token), None);
}

#[test]
fn an_imported_agent_signs_in_slowly_once() {
    let mut world = World::new();
    let id = import(&mut world, "Old", "old-token");
    assert_eq!(sign_in(&mut world, "old-token"), None);
    assert_eq!(sign_in_imported(&mut world, "other"), None);
    assert_eq!(sign_in_imported(&mut world, "old-token"), Some(id));
    assert_eq!(sign_in(&mut world, "old-token"), Some(id));
    assert!(imported(&mut world.tx()).unwrap().is_empty());
}

#[test]
fn an_imported_token_that_is_replaced_has_its_grace_too() {
    let mut world = World::new();
    let id = import(&mut world, "Old", "old-token");
    set_token(&mut world.tx(), id, "second", GRACE).unwrap();
    assert_eq!(sign_in(&mut world, "second"), Some(id));
    assert_eq!(sign_in_imported(&mut world, "old-token"), Some(id));
    assert_eq!(sign_in(&mut world, "old-token"), Some(id));
    assert_eq!(sign_in(&mut world, "second"), Some(id));
    set_token(&mut world.tx(), id, "third", GRACE).unwrap();
    assert_eq!(sign_in(&mut world, "old-token"), Some(id));
}

#[test]
fn an_imported_token_outlives_rotations_that_come_before_its_first_use() {
    let mut world = World::new();
    let id = import(&mut world, "Old", "old-token");
    set_token(&mut world.tx(), id, "second", GRACE).unwrap();
    set_token(&mut world.tx(), id, "third", GRACE).unwrap();
    assert_eq!(sign_in_imported(&mut world, "old-token"), Some(id));
    for valid in ["old-token", "second", "third"] {
        assert_eq!(sign_in(&mut world, valid), Some(id), "{valid}");
    }
    let id = import(&mut world, "Older", "older-token");
    set_token(&mut world.tx(), id, "fourth", Duration::ZERO).unwrap();
    assert_eq!(sign_in_imported(&mut world, "older-token"), None);
}

#[test]
fn imported_agents_that_were_seen_last_are_tried_first() {
    let mut world = World::new();
    for number in 0..20 {
        import(&mut world, &format!("Dead {number}"), "dead");
    }
    let alive = import(&mut world, "Alive", "alive-token");
    world.tx().execute("UPDATE agents SET last_seen_at = $1 WHERE id = $2", &params![Timestamp::now(), alive]).unwrap();
    assert_eq!(imported(&mut world.tx()).unwrap().len(), 16);
    assert_eq!(sign_in_imported(&mut world, "alive-token"), Some(alive));
}

#[test]
fn the_look_up_reads_indexes_only() {
    let mut world = World::new();
    let plan: Vec<(i64, i64, i64, String)> = world
        .tx()
        .all::<((i64, i64, i64), String)>(
            &format!("EXPLAIN QUERY PLAN {}", find_sql()),
            &params!["hash", Timestamp::now()],
        )
        .unwrap()
        .into_iter()
        .map(|((a, b, c), text)| (a, b, c, text))
        .collect();
    let text = plan.into_iter().map(|row| row.3).collect::<Vec<_>>().join("\n");
    assert!(text.contains("MULTI-INDEX OR"), "{text}");
    assert!(!text.contains("SCAN"), "{text}");
}

#[test]
fn presence_lifts_every_status_but_the_servers_own() {
    let mut world = World::new();
    let ada = world.worker("Ada").agent;
    for (stored, after) in
        [("provisioning", "online"), ("offline", "online"), ("updating", "updating"), ("deleting", "deleting")]
    {
        world.tx().execute("UPDATE agents SET status = $1", &params![stored]).unwrap();
        let now = Timestamp::now();
        let touched = touch(&mut world.tx(), ada.clone(), now).unwrap();
        assert_eq!((touched.status.as_str(), touched.last_seen_at), (after, Some(now)));
    }
}
