//! Everybody who may call: two organizations with their people and agents.

use std::collections::BTreeMap;

use mission_control_tests::{App, Client, World, unique};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the parameters of paths are filled with, by name.
pub type Ids = BTreeMap<&'static str, String>;

/// Failures are not to be slowed down: many of these callers fail on purpose.
const NO_LIMITS: [(&str, &str); 3] =
    [("agent_auth_limit", "0"), ("user_auth_limit", "0"), ("webhook_ingest_limit", "0")];
const LONG_AGO: &str = "2026-01-01T00:00:00.000000";

/// An application of the test's own where all of them can sign in.
pub fn application() -> Option<App> {
    App::with_people(&NO_LIMITS)
}

/// Two organizations and everybody who calls.
pub struct Cast<'a> {
    /// The organization that the table is about.
    pub world: World<'a>,
    /// The organization of the stranger.
    pub strange: World<'a>,
    clients: BTreeMap<&'static str, Vec<Client>>,
    /// The members with a right on the board, by membership.
    granted: Vec<(String, bool)>,
}

impl<'a> Cast<'a> {
    /// Makes both organizations and everybody in them.
    pub fn new(app: &'a App) -> Self {
        let world = World::new(app);
        let strange = World::of(app, app.person("stranger"));
        let garbage = "garbage-that-is-no-token";
        let elsewhere = world.make_board(json!({}));
        let elsewhere = world.make_agent(json!({"name": "Elsewhere", "board_id": elsewhere["id"]})).client;
        let deleting = world.make_agent(json!({"name": "Deleting"}));
        app.execute(&format!("UPDATE agents SET status = 'deleting' WHERE id = '{}'", deleting.id));
        let clients = BTreeMap::from([
            ("nobody", vec![app.anonymous()]),
            ("garbage", vec![app.anonymous().with_bearer(garbage), app.agent(garbage)]),
            ("owner", vec![world.user.clone()]),
            ("stranger", vec![strange.user.clone()]),
            ("agent", vec![world.worker.client.clone()]),
            ("lead", vec![world.lead.client.clone()]),
            ("elsewhere", vec![elsewhere]),
            ("main", vec![world.main.clone()]),
            ("deleting", vec![deleting.client]),
            ("foreign", vec![strange.worker.client.clone()]),
            ("foreign-main", vec![strange.main.clone()]),
        ]);
        let mut cast = Self { world, strange, clients, granted: Vec::new() };
        for (name, role) in [("admin", "admin"), ("member", "member"), ("reader", "member"), ("writer", "member")] {
            cast.join(name, role);
        }
        let board = cast.world.board_id().to_owned();
        cast.grant(&board);
        cast
    }

    /// The caller's clients, each of which must be answered the same.
    pub fn clients(&self, caller: &str) -> &[Client] {
        self.clients.get(caller).unwrap_or_else(|| panic!("nobody is called {caller}"))
    }

    /// A person signs in and becomes a member of the organization, which is their active one from then on.
    fn join(&mut self, name: &'static str, role: &str) {
        let (app, world) = (self.world.app(), &self.world);
        let client = app.person(name);
        let user = client.post("/api/v1/auth/bootstrap", json!({})).expect(200);
        let membership = insert_member(world, text(&user, "id"), role);
        let body = json!({"organization_id": world.organization_id()});
        client.patch("/api/v1/organizations/me/active", body).expect(200);
        if matches!(name, "reader" | "writer") {
            self.granted.push((membership, name == "writer"));
        }
        self.clients.insert(name, vec![client]);
    }

    /// Gives the reader and the writer their right on the board.
    fn grant(&self, board: &str) {
        for (membership, can_write) in &self.granted {
            self.world.app().execute(&format!(
                "INSERT INTO organization_board_access
                 (id, organization_member_id, board_id, can_read, can_write, created_at, updated_at)
                 VALUES ('{}', '{membership}', '{board}', TRUE, {can_write}, '{LONG_AGO}', '{LONG_AGO}')",
                Uuid::new_v4()
            ));
        }
    }

    /// Things of the organization that the table is about.
    pub fn ids(&self) -> Ids {
        ids(&self.world)
    }

    /// The same in the stranger's organization.
    pub fn strange_ids(&self) -> Ids {
        ids(&self.strange)
    }

    /// A new thing for a request that uses it up, in place of the one of this parameter.
    pub fn renew(&self, parameter: &str, ids: &mut Ids) {
        let world = &self.world;
        let (parameter, id) = match parameter {
            "board_id" => {
                let board = text(&world.make_board(json!({})), "id").to_owned();
                self.grant(&board);
                ("board_id", board)
            }
            "task_id" => ("task_id", text(&world.make_task("Another", json!({})), "id").to_owned()),
            "webhook_id" => ("webhook_id", make_webhook(world)),
            "agent_id" => ("agent_id", world.make_agent(json!({})).id),
            "member_id" => ("member_id", make_member(world)),
            "invite_id" => ("invite_id", make_invite(world)),
            "tag_id" => ("tag_id", make_tag(world)),
            "group_id" => ("group_id", make_group(world)),
            "gateway_id" => ("gateway_id", world.gateway_id().to_owned()),
            "task_custom_field_definition_id" => ("task_custom_field_definition_id", make_field(world)),
            _ => panic!("nothing new for {{{parameter}}}"),
        };
        ids.insert(parameter, id);
    }
}

fn ids(world: &World<'_>) -> Ids {
    let webhook = make_webhook(world);
    world.user.post(&world.path("/onboarding/start"), json!({})).expect(200);
    let post = world.app().anonymous().post(&world.path(&format!("/webhooks/{webhook}")), json!({"event": "push"}));
    let inbox = world.worker.client.get("/api/v1/agent/inbox").expect(200);
    BTreeMap::from([
        ("board_id", world.board_id().to_owned()),
        ("gateway_id", world.gateway_id().to_owned()),
        ("agent_id", world.worker.id.clone()),
        ("task_id", text(&world.make_task("Write", json!({})), "id").to_owned()),
        ("webhook_id", webhook),
        ("payload_id", text(&post.expect(202), "payload_id").to_owned()),
        ("message_id", text(&inbox["items"][0], "id").to_owned()),
        ("member_id", make_member(world)),
        ("invite_id", make_invite(world)),
        ("tag_id", make_tag(world)),
        ("group_id", make_group(world)),
        ("approval_id", make_approval(world)),
        ("session_id", format!("agent:lead-{}:main", world.board_id())),
        ("task_custom_field_definition_id", make_field(world)),
    ])
}

/// Ids of nothing at all.
pub fn missing_ids() -> Ids {
    let names =
        ["board_id", "gateway_id", "agent_id", "task_id", "webhook_id", "payload_id", "message_id", "member_id"];
    let names = names.into_iter().chain([
        "invite_id",
        "session_id",
        "approval_id",
        "group_id",
        "tag_id",
        "task_custom_field_definition_id",
    ]);
    names.map(|name| (name, Uuid::new_v4().to_string())).collect()
}

fn make_webhook(world: &World<'_>) -> String {
    let webhook = world.user.post(&world.path("/webhooks"), json!({"description": "Triage it"})).expect(200);
    text(&webhook, "id").to_owned()
}

/// A member of the organization who never signs in.
fn make_member(world: &World<'_>) -> String {
    let user = Uuid::new_v4();
    let insert = format!("INSERT INTO users (id, clerk_user_id, name) VALUES ('{user}', '{}', 'X')", unique("subject"));
    world.app().execute(&insert);
    insert_member(world, &user.to_string(), "member")
}

fn insert_member(world: &World<'_>, user: &str, role: &str) -> String {
    let id = Uuid::new_v4().to_string();
    world.app().execute(&format!(
        "INSERT INTO organization_members (id, organization_id, user_id, role, created_at, updated_at)
         VALUES ('{id}', '{}', '{user}', '{role}', '{LONG_AGO}', '{LONG_AGO}')",
        world.organization_id()
    ));
    id
}

fn make_invite(world: &World<'_>) -> String {
    let id = Uuid::new_v4().to_string();
    world.app().execute(&format!(
        "INSERT INTO organization_invites (id, organization_id, invited_email, token_hash, created_at, updated_at)
         VALUES ('{id}', '{}', 'zoe@example.com', '{}', '{LONG_AGO}', '{LONG_AGO}')",
        world.organization_id(),
        unique("hash")
    ));
    id
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}"))
}

fn make_tag(world: &World<'_>) -> String {
    text(&world.user.post("/api/v1/tags", json!({"name": unique("Tag")})).expect(200), "id").to_owned()
}

fn make_field(world: &World<'_>) -> String {
    let body = json!({"field_key": unique("field"), "board_ids": [world.board_id()]});
    text(&world.user.post("/api/v1/organizations/me/custom-fields", body).expect(200), "id").to_owned()
}

/// A group that the board is put into.
fn make_group(world: &World<'_>) -> String {
    let group = world.user.post("/api/v1/board-groups", json!({"name": unique("Group"), "slug": ""})).expect(200);
    world.user.patch(&world.path(""), json!({"board_group_id": group["id"]})).expect(200);
    text(&group, "id").to_owned()
}

fn make_approval(world: &World<'_>) -> String {
    let body = json!({"action_type": "deploy", "confidence": 50, "lead_reasoning": "It is risky."});
    text(&world.user.post(&world.path("/approvals"), body).expect(200), "id").to_owned()
}
