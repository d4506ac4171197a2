//! Schemathesis, which makes requests of every kind from the OpenAPI document, finds nothing wrong: as the owner of an
//! organization and as the lead of a board, with the ids of what is there.
//!
//! `MC_TEST_SCHEMATHESIS` names the program; `cargo xtask test` installs it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use mission_control_tests::{App, World, root, skip, unique};
use serde_json::{Value, json};
use toml::{Table, toml};

/// How many requests are made up for an operation, besides those that follow from its schemas.
const EXAMPLES: &str = "10";

/// What ends the world of a caller, and so comes last.
const LAST: [&str; 2] = ["DELETE /api/v1/organizations/me", "DELETE /api/v1/users/me"];

/// The paths of streams, which end by a cut: the program takes that for a failure. The suite reads them.
const STREAMS: &str = "/stream$";

/// Take 0 and 1 for flags and a number for a time, as the wire always did; the document says so of none.
const LENIENT: [&str; 3] = [
    "PUT /api/v1/organizations/me/members/{member_id}/access",
    "POST /api/v1/board-groups/{group_id}/heartbeat",
    "POST /api/v1/boards/{board_id}/onboarding/confirm",
];

/// Have a rule over the whole body that a schema cannot tell, or refuse a null that the reference documents and fails on.
const STRICTER: [&str; 8] = [
    "POST /api/v1/boards/{board_id}/approvals",
    "POST /api/v1/agent/boards/{board_id}/approvals",
    "PATCH /api/v1/boards/{board_id}/approvals/{approval_id}",
    "POST /api/v1/boards/{board_id}/onboarding/agent",
    "POST /api/v1/agent/boards/{board_id}/onboarding",
    "PATCH /api/v1/board-groups/{group_id}",
    "PATCH /api/v1/gateways/{gateway_id}",
    "PATCH /api/v1/tags/{tag_id}",
];

/// Limits are in the way of thousands of requests; streams must end by themselves.
const SETTINGS: [(&str, &str); 6] = [
    ("agent_auth_limit", "0"),
    ("agent_request_limit", "0"),
    ("user_auth_limit", "0"),
    ("webhook_ingest_limit", "0"),
    ("sse_max_seconds", "1"),
    ("sse_poll_ms", "200"),
];

#[test]
fn it_finds_nothing_as_an_owner() {
    let Some(program) = program() else { return };
    let app = App::with_people(&SETTINGS).expect("an application of the test's own");
    let world = World::new(&app);
    let headers = BTreeMap::from([("Authorization", format!("Bearer {}", app.token()))]);
    check(&program, &Seeded::new(&world), "owner", &headers);
}

#[test]
fn it_finds_nothing_as_the_lead_of_a_board() {
    let Some(program) = program() else { return };
    let app = App::with_people(&SETTINGS).expect("an application of the test's own");
    let world = World::new(&app);
    let headers = BTreeMap::from([("X-Agent-Token", world.lead.token.clone())]);
    check(&program, &Seeded::new(&world), "lead", &headers);
}

fn program() -> Option<OsString> {
    let program = std::env::var_os("MC_TEST_SCHEMATHESIS");
    if program.is_none() {
        skip("for want of MC_TEST_SCHEMATHESIS");
    }
    program
}

/// A world with something behind every parameter of a path.
struct Seeded<'a> {
    world: &'a World<'a>,
    ids: BTreeMap<&'static str, String>,
    /// Parameters that operations which destroy get instead, so that the others find theirs.
    spare: Vec<(&'static str, &'static str, String)>,
}

impl<'a> Seeded<'a> {
    fn new(world: &'a World<'a>) -> Self {
        let task = id(&world.make_task("Write", json!({"assigned_agent_id": world.lead.id})));
        world.user.post(&world.path(&format!("/tasks/{task}/comments")), json!({"message": "@lead look"})).expect(200);
        let webhook = make_webhook(world);
        let payload = world.app().anonymous().post(&world.path(&format!("/webhooks/{webhook}")), json!({"a": 1}));
        let inbox = world.lead.client.get("/api/v1/agent/inbox").expect(200);
        let ask = json!({"action_type": "deploy", "confidence": 50, "lead_reasoning": "It is risky."});
        let approval = id(&world.user.post(&world.path("/approvals"), ask).expect(200));
        world.user.post(&world.path("/onboarding/start"), json!({})).expect(200);
        let ids = BTreeMap::from([
            ("agent_id", world.worker.id.clone()),
            ("board_id", world.board_id().to_owned()),
            ("gateway_id", world.gateway_id().to_owned()),
            ("invite_id", invite(world, "invited@example.com")["id"].as_str().expect("an id").to_owned()),
            ("member_id", hire(world, "ann")),
            ("message_id", id(&inbox["items"][0])),
            ("payload_id", payload.expect(202)["payload_id"].as_str().expect("an id").to_owned()),
            ("task_id", task),
            ("webhook_id", webhook),
            ("approval_id", approval),
            ("group_id", make_group(world)),
            ("session_id", format!("agent:lead-{}:main", world.board_id())),
            ("tag_id", make_tag(world)),
            ("task_custom_field_definition_id", make_field(world)),
        ]);
        let spare = vec![
            ("DELETE /api/v1/boards/{board_id}", "path.board_id", id(&world.make_board(json!({})))),
            (
                "DELETE /api/v1/boards/{board_id}/tasks/{task_id}",
                "path.task_id",
                id(&world.make_task("Old", json!({}))),
            ),
            ("DELETE /api/v1/boards/{board_id}/webhooks/{webhook_id}", "path.webhook_id", make_webhook(world)),
            (
                "DELETE /api/v1/agent/boards/{board_id}/tasks/{task_id}",
                "path.task_id",
                id(&world.make_task("Old", json!({}))),
            ),
            ("DELETE /api/v1/organizations/me/members/{member_id}", "path.member_id", hire(world, "bob")),
            ("DELETE /api/v1/tags/{tag_id}", "path.tag_id", make_tag(world)),
            ("DELETE /api/v1/board-groups/{group_id}", "path.group_id", make_group(world)),
            (
                "DELETE /api/v1/organizations/me/custom-fields/{task_custom_field_definition_id}",
                "path.task_custom_field_definition_id",
                make_field(world),
            ),
            ("DELETE /api/v1/agents/{agent_id}", "path.agent_id", world.make_agent(json!({})).id),
            (
                "DELETE /api/v1/agent/boards/{board_id}/agents/{agent_id}",
                "path.agent_id",
                world.make_agent(json!({})).id,
            ),
            ("PATCH /api/v1/agents/{agent_id}", "path.agent_id", world.make_agent(json!({})).id),
            ("POST /api/v1/agents/{agent_id}/token", "path.agent_id", world.make_agent(json!({})).id),
            // The world's own organization is gone by then.
            (LAST[1], "header.X-Organization-Id", world.other().organization_id().to_owned()),
        ];
        Self { world, ids, spare }
    }

    /// Fails unless each parameter of each path has an id here, and each exception an operation.
    fn covers(&self, document: &Value) {
        for (path, item) in document["paths"].as_object().expect("paths") {
            for name in path.split(['{', '}']).skip(1).step_by(2) {
                assert!(self.ids.contains_key(name), "{path}: seed something for {name}");
            }
            assert!(item.is_object(), "{path}");
        }
        let spare = self.spare.iter().map(|(operation, ..)| operation);
        for operation in spare.chain(&LENIENT).chain(&STRICTER) {
            let (method, path) = operation.split_once(' ').expect("a method and a path");
            assert!(document["paths"][path].get(method.to_lowercase()).is_some(), "{operation} does not exist");
        }
    }

    fn configuration(&self, document: &Value, headers: &BTreeMap<&str, String>) -> Table {
        let ids = self.ids.iter().map(|(name, id)| (format!("path.{name}"), id.as_str().into()));
        let mut parameters: Table = ids.collect();
        parameters.insert("header.X-Organization-Id".into(), self.world.organization_id().into());
        let operations = self.spare.iter().map(|(operation, name, id)| {
            let mut table = Table::new();
            table.insert("include-name".into(), (*operation).into());
            table.insert("parameters".into(), Table::from_iter([((*name).to_owned(), id.as_str().into())]).into());
            toml::Value::Table(table)
        });
        let operations: Vec<_> = operations.chain(exceptions(document)).collect();
        let mut configuration = toml! {
            seed = 1
            continue-on-failure = true
            request-timeout = 20
            max-stream-events = 1

            [generation]
            deterministic = true
            // Texts with NUL are refused; a schema cannot say so.
            allow-x00 = false

            // What is made up may be too large, or in the way of what is there.
            [checks.negative_data_rejection]
            expected-statuses = ["400", "401", "403", "404", "406", "409", "413", "422", "428", "429", "5xx"]

            // Times have no zone on the wire. The suite checks the formats of all answers.
            [checks.response_schema_conformance]
            validate-formats = false
        };
        configuration.insert("parameters".into(), parameters.into());
        configuration.insert("operations".into(), operations.into());
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
        configuration.insert("headers".into(), toml::Value::Table(headers.collect()));
        configuration
    }
}

/// What the document says of operations in words of its own: 422 with a text is a rule over what a schema cannot tell, and
/// 502 another system's failure.
fn exceptions(document: &Value) -> impl Iterator<Item = toml::Value> {
    let paths = document["paths"].as_object().expect("paths").iter();
    let operations = paths.flat_map(|(path, item)| {
        let operations = item.as_object().expect("operations").iter();
        operations
            .map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), &operation["responses"]))
    });
    operations.map(|(name, responses)| {
        let mut checks = Table::new();
        if responses["422"].to_string().contains("ErrorResponse") || STRICTER.contains(&name.as_str()) {
            let statuses =
                toml! { expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429", "5xx"] };
            checks.insert("positive_data_acceptance".into(), statuses.into());
        }
        if responses.get("502").is_some() {
            let statuses = toml! { expected-statuses = ["2xx", "3xx", "4xx", "502"] };
            checks.insert("not_a_server_error".into(), statuses.into());
        }
        if LENIENT.contains(&name.as_str()) {
            checks.insert("negative_data_rejection".into(), toml! { enabled = false }.into());
        }
        toml::Value::Table(Table::from_iter([
            ("include-name".to_owned(), name.into()),
            ("checks".to_owned(), checks.into()),
        ]))
    })
}

/// Runs the program on all operations, those that end the world at last.
fn check(program: &OsString, seeded: &Seeded, caller: &str, headers: &BTreeMap<&str, String>) {
    let document = seeded.world.app().anonymous().get("/openapi.json").expect(200);
    seeded.covers(&document);
    let folder = root().join("target/tmp/schemathesis").join(caller);
    std::fs::create_dir_all(&folder).expect("a folder");
    let configuration = folder.join("schemathesis.toml");
    std::fs::write(&configuration, seeded.configuration(&document, headers).to_string())
        .expect("the configuration is written");
    let url = seeded.world.app().url();
    let most = LAST.iter().flat_map(|operation| ["--exclude-name", operation]);
    let most = most.chain(["--exclude-path-regex", STREAMS]);
    let last = LAST.iter().flat_map(|operation| ["--include-name", operation]);
    let runs = [run(program, &folder, url, most.collect()), run(program, &folder, url, last.collect())];
    let failures: Vec<String> = runs.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What the program printed, as an error if it found something.
fn run(program: &OsString, folder: &Path, url: &str, filter: Vec<&str>) -> Result<(), String> {
    let mut command = Command::new(program);
    command.current_dir(folder).args(["--config-file", "schemathesis.toml", "run"]).arg(format!("{url}/openapi.json"));
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES]).args(filter);
    let output = command.env("NO_COLOR", "1").output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &*String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        println!("{text}");
        return Ok(());
    }
    Err(text)
}

fn make_webhook(world: &World) -> String {
    id(&world.user.post(&world.path("/webhooks"), json!({"description": "Look", "enabled": true})).expect(200))
}

fn invite(world: &World, address: &str) -> Value {
    world.user.post("/api/v1/organizations/me/invites", json!({"invited_email": address})).expect(200)
}

/// Makes somebody a member of the organization, and gives the membership's id.
fn hire(world: &World, name: &str) -> String {
    let person = world.app().person(name);
    person.get("/api/v1/users/me").expect(200);
    let token = &invite(world, &format!("{name}@example.com"))["token"];
    id(&person.post("/api/v1/organizations/invites/accept", json!({"token": token})).expect(200))
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}")).to_owned()
}

fn make_tag(world: &World<'_>) -> String {
    id(&world.user.post("/api/v1/tags", json!({"name": unique("Tag")})).expect(200))
}

fn make_group(world: &World<'_>) -> String {
    let group = world.user.post("/api/v1/board-groups", json!({"name": unique("Group"), "slug": ""})).expect(200);
    world.user.patch(&world.path(""), json!({"board_group_id": group["id"]})).expect(200);
    id(&group)
}

fn make_field(world: &World<'_>) -> String {
    let body = json!({"field_key": unique("field"), "board_ids": [world.board_id()]});
    id(&world.user.post("/api/v1/organizations/me/custom-fields", body).expect(200))
}
