//! What organizations promise about their members, on every engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod deletion;
mod invites;
mod members;
mod provisioning;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other tests need more of it")]
mod support;

use mission_control_core::accounts::provisioning as sign_in;
use mission_control_core::members::invites as invitations;
use mission_control_core::members::invites::wire::OrganizationInviteCreate;
use mission_control_core::organizations::wire::RoleText;
use mission_control_core::organizations::{Membership, Role, store};
use mission_control_core::users::{self, User};
use mission_control_platform::db::{Connection, DbError, Tx, transaction};
use mission_control_platform::params;
use mission_control_platform::settings::Settings;
use mission_control_web::http::{ApiError, ApiResult};
use mission_control_web::schema::Text;
use support::Database;
use uuid::Uuid;

fn settings(changes: &[(&str, &str)]) -> Settings {
    let base = [
        ("auth_mode", "local"),
        ("local_auth_token", "0123456789012345678901234567890123456789-local-token"),
        ("base_url", "http://localhost"),
    ];
    Settings::from_lookup(&|name| {
        let mut pairs = changes.iter().chain(&base);
        pairs.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    })
    .unwrap()
}

/// Settings by which invitations last for an hour.
fn for_an_hour() -> Settings {
    settings(&[("invite_ttl_hours", "1")])
}

/// One connection, and what people do on it.
struct Scene(Box<dyn Connection>);

impl Scene {
    fn new(database: &Database) -> Self {
        Self(database.open())
    }

    fn tx(&mut self) -> Tx<'_> {
        Tx::on(&mut *self.0)
    }

    fn write<T, E: From<DbError>>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        transaction(&mut *self.0, work)
    }

    /// A person signs in; their address is `<name>@example.com`.
    fn signs_in_as(&mut self, name: &str, verified: bool) -> (User, Membership) {
        let settings = settings(&[]);
        self.write::<_, DbError>(|tx| {
            let email = format!("{name}@example.com");
            let (mut user, is_new) = users::store::get_or_create(tx, name, &email, name, verified)?;
            let membership = sign_in::ensure_membership(tx, &settings, &mut user, is_new)?;
            Ok((user, membership))
        })
        .unwrap()
    }

    /// A person with a verified address signs in.
    fn signs_in(&mut self, name: &str) -> (User, Membership) {
        self.signs_in_as(name, true)
    }

    /// Makes a person who has signed in a member of another organization too.
    fn joins(&mut self, user: &User, organization_id: Uuid, role: Role) -> Membership {
        let like = self.tx().first(&select("organization_id = $1"), &params![organization_id]).unwrap();
        let like: Membership = like.unwrap();
        let membership = Membership {
            id: Uuid::new_v4(),
            user_id: user.id,
            role,
            all_boards_read: false,
            all_boards_write: false,
            ..like
        };
        store::insert_membership(&mut self.tx(), &membership).unwrap();
        membership
    }

    fn invites(&mut self, caller: &Membership, email: &str, role: Role) -> String {
        self.tries_to_invite(caller, email, role).unwrap()
    }

    fn tries_to_invite(&mut self, caller: &Membership, email: &str, role: Role) -> ApiResult<String> {
        let body = OrganizationInviteCreate {
            invited_email: Text(email.to_owned()),
            role: RoleText(role),
            all_boards_read: false,
            all_boards_write: false,
            board_access: Vec::new(),
        };
        self.write(|tx| invitations::create(tx, &for_an_hour(), caller, body)).map(|invite| invite.token)
    }

    fn accepts(&mut self, user: &User, token: &str) -> Result<Membership, ApiError> {
        let accepted = self.write(|tx| invitations::accept::accept(tx, user, token));
        accepted.map(|member| member.membership).map_err(Into::into)
    }

    fn membership(&mut self, organization_id: Uuid, user: &User) -> Option<Membership> {
        store::membership(&mut self.tx(), organization_id, user.id).unwrap()
    }

    fn names_of_organizations(&mut self, user: &User) -> Vec<String> {
        let found = store::of_user(&mut self.tx(), user.id).unwrap();
        found.into_iter().map(|(organization, _)| organization.name).collect()
    }

    fn board(&mut self, organization_id: Uuid) -> Uuid {
        let id = Uuid::new_v4();
        self.tx()
            .execute(
                "INSERT INTO boards (id, organization_id, name, slug, description, created_at, updated_at)
                 SELECT $1, o.id, 'Board', 'board', 'd', o.created_at, o.created_at FROM organizations o WHERE o.id = $2",
                &params![id, organization_id],
            )
            .unwrap();
        id
    }

    fn count(&mut self, table: &str) -> i64 {
        self.tx().one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap()
    }
}

fn select(condition: &str) -> String {
    format!("SELECT {} FROM organization_members WHERE {condition}", Membership::COLUMNS.join(", "))
}

/// Does the same at once on connections of their own, and gives what came of it.
fn at_once<T: Send>(database: &Database, times: usize, work: impl Fn(usize, &mut Scene) -> T + Sync) -> Vec<T> {
    let work = &work;
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..times).map(|number| scope.spawn(move || work(number, &mut Scene::new(database)))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    })
}

#[track_caller]
fn refused<T>(outcome: ApiResult<T>, status: u16, detail: &str) {
    let error = outcome.err().unwrap();
    assert_eq!((error.status_code().as_u16(), error.detail().as_str()), (status, Some(detail)), "{error:?}");
}
