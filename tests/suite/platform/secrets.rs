//! The suite itself notices when an application shows what it must keep secret.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mission_control_tests::{App, World};
use serde_json::json;

use super::ME;

/// Why the test would fail at the end of this application.
fn complaint(app: App) -> String {
    let ended = catch_unwind(AssertUnwindSafe(|| drop(app)));
    let complaint = ended.expect_err("the application shows a secret");
    *complaint.downcast::<String>().expect("a text")
}

#[test]
fn a_secret_in_an_answer_a_header_or_the_log_is_noticed() {
    let Some(app) = App::with(&[]) else { return };
    app.user().get(ME).expect(200);
    let refused = app.anonymous().with_bearer("wrong").get(ME);
    let id = refused.header("x-request-id").expect("an id").to_owned();
    app.transcript().keep("the id", &id);
    app.transcript().keep("the address", "admin@home.local");
    let complaint = complaint(app);
    for expected in [
        "the id stands in the headers of the answer to GET /api/v1/users/me",
        "the id stands in the log",
        "the address stands in the answer to GET /api/v1/users/me",
    ] {
        assert!(complaint.contains(expected), "{complaint}");
    }
    assert!(!complaint.contains(&id));
}

#[test]
fn a_hash_in_an_answer_is_noticed() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    app.execute("UPDATE agents SET name = token_lookup WHERE name = 'Worker'");
    world.user.get("/api/v1/agents").expect(200);
    drop(world);
    assert!(complaint(app).contains("a hash of a secret stands in the answer to GET /api/v1/agents"));
}

#[test]
fn a_secret_that_a_person_writes_where_others_read_it_is_noticed() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let path = world.path("/memory");
    world.user.post(&path, json!({"content": format!("use {}", world.worker.token)})).expect(200);
    drop(world);
    assert!(
        complaint(app)
            .contains(&format!("`agent_token` that POST /api/v1/agents answered stands in the answer to POST {path}"))
    );
}
