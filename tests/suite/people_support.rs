//! What the tests of organizations with several people share.

use mission_control_tests::{App, Client, World};
use serde_json::{Value, json};

pub const ME: &str = "/api/v1/users/me";
pub const MINE: &str = "/api/v1/organizations/me";
pub const ACTIVE: &str = "/api/v1/organizations/me/active";
pub const MEMBER: &str = "/api/v1/organizations/me/member";
pub const MEMBERS: &str = "/api/v1/organizations/me/members";
pub const INVITES: &str = "/api/v1/organizations/me/invites";
pub const ACCEPT: &str = "/api/v1/organizations/invites/accept";

/// An id that nothing has.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Somebody who is a member of the world's organization.
pub struct Colleague {
    /// Acts there: it is the active organization.
    pub client: Client,
    /// The membership, as answered.
    pub json: Value,
}

impl Colleague {
    /// The path of the membership.
    pub fn path(&self) -> String {
        member_path(&self.json)
    }
}

/// The path of a membership.
pub fn member_path(member: &Value) -> String {
    format!("{MEMBERS}/{}", member["id"].as_str().expect("an id"))
}

/// The path of an invitation.
pub fn invite_path(invite: &Value) -> String {
    format!("{INVITES}/{}", invite["id"].as_str().expect("an id"))
}

/// Signs somebody in, who so has an organization of their own, and makes them a member of the world's by an invitation.
#[track_caller]
pub fn hire(app: &App, world: &World<'_>, name: &str, role: &str) -> Colleague {
    let client = newcomer(app, name);
    let invite =
        world.user.post(INVITES, json!({"invited_email": format!("{name}@example.com"), "role": role})).expect(200);
    let json = accept(&client, &invite).expect(200);
    client.patch(ACTIVE, json!({"organization_id": world.organization_id()})).expect(200);
    Colleague { client, json }
}

/// Somebody who has signed in and knows nobody.
#[track_caller]
pub fn newcomer(app: &App, name: &str) -> Client {
    let client = app.person(name);
    client.get(ME).expect(200);
    client
}

/// Accepts an invitation with the token of the answer that made it.
#[track_caller]
pub fn accept(client: &Client, invite: &Value) -> mission_control_tests::Answer {
    client.post(ACCEPT, json!({"token": invite["token"]}))
}

/// The names of somebody's organizations.
#[track_caller]
pub fn organizations(client: &Client) -> Vec<String> {
    let list = client.get("/api/v1/organizations/me/list").expect(200);
    let names = list.as_array().expect("a list").iter().map(|item| item["name"].as_str().expect("a name").to_owned());
    names.collect()
}

/// Calls once for each of these at the same time, and gives what came of it, in order.
pub fn at_once<T: Sync, U: Send>(of: &[T], call: impl Fn(&T) -> U + Sync) -> Vec<U> {
    std::thread::scope(|scope| {
        let calls: Vec<_> = of.iter().map(|one| scope.spawn(|| call(one))).collect();
        calls.into_iter().map(|call| call.join().expect("an answer")).collect()
    })
}
