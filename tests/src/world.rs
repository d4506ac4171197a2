//! An organization with one of everything that most tests need.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::app::{App, unique};
use crate::client::Client;

/// An organization, active for the person who owns it, with a gateway whose agents fetch their messages, a board
/// without rules, its lead agent and a worker.
pub struct World<'a> {
    app: &'a App,
    /// The client of the person who owns the organization.
    pub user: Client,
    /// The organization, as answered.
    pub organization: Value,
    /// The gateway, as answered.
    pub gateway: Value,
    /// The client of the gateway's main agent.
    pub main: Client,
    /// The board, as answered.
    pub board: Value,
    /// The board's lead agent.
    pub lead: WorldAgent,
    /// An agent of the board that is not its lead.
    pub worker: WorldAgent,
    other: OnceLock<Box<World<'a>>>,
}

/// An agent and its client.
pub struct WorldAgent {
    /// The agent's id.
    pub id: String,
    /// The agent's token.
    pub token: String,
    /// A client with that token.
    pub client: Client,
    /// The agent, as answered when it was made.
    pub json: Value,
}

impl<'a> World<'a> {
    /// Makes a fresh one of the person of [`App::user`].
    #[track_caller]
    pub fn new(app: &'a App) -> Self {
        Self::of(app, app.user())
    }

    /// Makes a fresh one of this person.
    #[track_caller]
    pub fn of(app: &'a App, user: Client) -> Self {
        let organization = user.post("/api/v1/organizations", json!({"name": unique("Organization")})).expect(200);
        let gateway = json!({"name": "Mailbox", "url": "mailbox:", "workspace_root": "/srv/agents"});
        let gateway = user.post("/api/v1/gateways", gateway).expect(200);
        let main = app.agent(text(&gateway, "main_agent_token"));
        let board = make_board(&user, text(&gateway, "id"), json!({}));
        let lead = make_agent(app, &user, json!({"name": "Lead", "board_id": board["id"], "is_board_lead": true}));
        let worker = make_agent(app, &user, json!({"name": "Worker", "board_id": board["id"]}));
        Self { app, user, organization, gateway, main, board, lead, worker, other: OnceLock::new() }
    }

    /// Another organization with all of that, which the first knows nothing of; the first stays the active one.
    #[track_caller]
    pub fn other(&self) -> &World<'a> {
        self.other.get_or_init(|| {
            let other = World::of(self.app, self.user.clone());
            self.activate();
            Box::new(other)
        })
    }

    /// Makes this the person's active organization.
    #[track_caller]
    pub fn activate(&self) {
        let body = json!({"organization_id": self.organization["id"]});
        self.user.patch("/api/v1/organizations/me/active", body).expect(200);
    }

    /// The application.
    pub fn app(&self) -> &'a App {
        self.app
    }

    /// The board's id.
    pub fn board_id(&self) -> &str {
        text(&self.board, "id")
    }

    /// The gateway's id.
    pub fn gateway_id(&self) -> &str {
        text(&self.gateway, "id")
    }

    /// The organization's id.
    pub fn organization_id(&self) -> &str {
        text(&self.organization, "id")
    }

    /// A path under the board: `world.path("/tasks")` is `/api/v1/boards/<id>/tasks`.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/boards/{}{rest}", self.board_id())
    }

    /// A path under the board in the agents' own API.
    pub fn agent_path(&self, rest: &str) -> String {
        format!("/api/v1/agent/boards/{}{rest}", self.board_id())
    }

    /// Another board at the gateway; `members` replace the usual ones.
    #[track_caller]
    pub fn make_board(&self, members: Value) -> Value {
        make_board(&self.user, self.gateway_id(), members)
    }

    /// Another agent; `members` as in the request, the board is this one's unless they say otherwise.
    #[track_caller]
    pub fn make_agent(&self, members: Value) -> WorldAgent {
        make_agent(self.app, &self.user, merged(json!({"name": unique("Agent"), "board_id": self.board_id()}), members))
    }

    /// A task of the board with this title and these further members.
    #[track_caller]
    pub fn make_task(&self, title: &str, members: Value) -> Value {
        self.user.post(&self.path("/tasks"), merged(json!({"title": title}), members)).expect(200)
    }
}

#[track_caller]
fn make_board(user: &Client, gateway_id: &str, members: Value) -> Value {
    let name = unique("Board");
    let slug = name.to_lowercase().replace(' ', "-");
    let board = json!({
        "name": name,
        "slug": slug,
        "description": "A board for tests.",
        "gateway_id": gateway_id,
        "require_approval_for_done": false,
        "max_agents": 20,
    });
    user.post("/api/v1/boards", merged(board, members)).expect(200)
}

#[track_caller]
fn make_agent(app: &App, user: &Client, body: Value) -> WorldAgent {
    let json = user.post("/api/v1/agents", body).expect(200);
    let (id, token) = (text(&json, "id").to_owned(), text(&json, "agent_token").to_owned());
    WorldAgent { client: app.agent(&token), id, token, json }
}

/// The text at this member.
#[track_caller]
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}"))
}

fn merged(mut value: Value, members: Value) -> Value {
    if let (Some(value), Value::Object(members)) = (value.as_object_mut(), members) {
        value.extend(members);
    }
    value
}
