//! Invitations: who may accept one, how often, and what it adds.

use mission_control_core::members::invites::store;
use mission_control_core::members::invites::wire::OrganizationInviteCreate;
use mission_control_core::members::wire::OrganizationBoardAccessSpec;
use mission_control_core::members::{grants, invites};
use mission_control_core::organizations::Role;
use mission_control_core::organizations::wire::RoleText;
use mission_control_platform::db::Paging;
use mission_control_platform::params;
use mission_control_web::schema::Text;
use uuid::Uuid;

use super::support::migrated;
use super::{Scene, at_once, refused};

const ALL: Paging = Paging::new(200, 0);

fn invite(email: &str, rights: &[(Uuid, bool, bool)]) -> OrganizationInviteCreate {
    let spec = |(board_id, can_read, can_write): &(Uuid, bool, bool)| OrganizationBoardAccessSpec {
        board_id: *board_id,
        can_read: *can_read,
        can_write: *can_write,
    };
    OrganizationInviteCreate {
        invited_email: Text(email.to_owned()),
        role: RoleText(Role::Member),
        all_boards_read: false,
        all_boards_write: false,
        board_access: rights.iter().map(spec).collect(),
    }
}

#[test]
fn only_the_hash_of_a_token_is_stored() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let token = scene.invites(&owner, "bob@example.com", Role::Member);
        assert_eq!(token.len(), 32);
        let hash: String = scene.tx().one("SELECT token_hash FROM organization_invites", &[]).unwrap();
        assert_eq!(hash, mission_control_platform::tokens::lookup_hash(&token));
        let bob = scene.signs_in_as("bob", false).0;
        refused(scene.accepts(&bob, &hash), 404, "Not Found");
    });
}

#[test]
fn one_token_is_accepted_once_however_many_try_at_once() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let token = scene.invites(&owner, "bob@example.com", Role::Member);
        // Ten people with one address.
        let people: Vec<_> = (0..10)
            .map(|number| {
                let user = scene.signs_in(&format!("p{number}")).0;
                mission_control_core::users::User { email: Some(" BOB@example.com".to_owned()), ..user }
            })
            .collect();
        let statuses = at_once(database, people.len(), |number, scene| {
            scene.accepts(&people[number], &token).map_or_else(|error| error.status_code().as_u16(), |_| 200)
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 404].contains(status)), "{statuses:?}");
        let members = format!("organization_members WHERE organization_id = '{}'", owner.organization_id);
        assert_eq!(scene.count(&members), 2);
    });
}

#[test]
fn an_invitation_is_for_its_address_only() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let token = scene.invites(&owner, "bob@example.com", Role::Owner);
        let mut cid = scene.signs_in("cid").0;
        refused(scene.accepts(&cid, &token), 403, "Forbidden");
        for unknown in [None, Some(String::new()), Some("  ".to_owned())] {
            cid.email = unknown;
            refused(scene.accepts(&cid, &token), 403, "Forbidden");
        }
        assert_eq!(scene.count("organization_invites WHERE accepted_at IS NULL"), 1);
    });
}

#[test]
fn an_expired_or_revoked_invitation_is_none() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let bob = scene.signs_in("bob").0;
        let token = scene.invites(&owner, "bob@example.com", Role::Member);
        let page = store::page_of_pending(&mut scene.tx(), owner.organization_id, &ALL).unwrap();
        assert_eq!((page.items.len(), page.total), (1, 1));
        assert_eq!(page.items[0].expires_at.unwrap().since(page.items[0].created_at).as_secs(), 3600);
        scene.tx().execute("UPDATE organization_invites SET expires_at = created_at", &[]).unwrap();
        let page = store::page_of_pending(&mut scene.tx(), owner.organization_id, &ALL).unwrap();
        assert_eq!((page.items.len(), page.total), (0, 0));
        refused(scene.accepts(&bob, &token), 404, "Not Found");

        let eternal = scene.write(|tx| invites::create(tx, &owner, invite("bob@example.com", &[]), 0)).unwrap();
        assert_eq!(eternal.expires_at, None);
        let other = scene.signs_in("cid").1;
        assert!(store::delete(&mut scene.tx(), other.organization_id, eternal.id).unwrap().is_none());
        assert!(store::delete(&mut scene.tx(), owner.organization_id, eternal.id).unwrap().is_some());
        refused(scene.accepts(&bob, &eternal.token), 404, "Not Found");
    });
}

/// What a member may on these boards: read, change.
fn rights(scene: &mut Scene, member_id: Uuid, boards: [Uuid; 2]) -> [(bool, bool); 2] {
    let found = grants::of_members(&mut scene.tx(), &[member_id]).unwrap().remove(&member_id).unwrap();
    boards.map(|board| {
        let grant = found.iter().find(|grant| grant.board_id == board).unwrap();
        (grant.can_read, grant.can_write)
    })
}

#[test]
fn rights_of_an_invitation_are_copied_and_never_taken_away() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let (first, second) = (scene.board(owner.organization_id), scene.board(owner.organization_id));
        let wanted = [(first, true, false), (first, false, true), (second, true, false)];
        let made = scene.write(|tx| invites::create(tx, &owner, invite("bob@example.com", &wanted), 1)).unwrap();
        let bob = scene.signs_in_as("bob", false).0;
        let joined = scene.accepts(&bob, &made.token).unwrap();
        assert_eq!(rights(&mut scene, joined.id, [first, second]), [(true, true), (true, false)]);

        // The address was changed after the second invitation was made, so that a member accepts one.
        scene.tx().execute("UPDATE users SET email = 'x@example.com' WHERE id = $1", &params![bob.id]).unwrap();
        let lesser = [(first, false, false), (second, false, true)];
        let made = scene.write(|tx| invites::create(tx, &owner, invite("bob@example.com", &lesser), 1)).unwrap();
        let merged = scene.accepts(&bob, &made.token).unwrap();
        assert_eq!((merged.id, merged.role), (joined.id, Role::Member));
        assert_eq!(rights(&mut scene, joined.id, [first, second]), [(true, true), (true, true)]);
    });
}

#[test]
fn a_member_who_accepts_rises_but_never_falls() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let bob = scene.signs_in("bob").0;
        // Made before bob became a member.
        let lower = scene.invites(&owner, "bob@example.com", Role::Member);
        let mut flagged = invite("bob@example.com", &[]);
        flagged.role = RoleText(Role::Owner);
        flagged.all_boards_write = true;
        let higher = scene.write(|tx| invites::create(tx, &owner, flagged, 1)).unwrap().token;
        let joined = scene.joins(&bob, owner.organization_id, Role::Admin);

        assert_eq!(scene.accepts(&bob, &lower).unwrap().role, Role::Admin);
        let risen = scene.accepts(&bob, &higher).unwrap();
        assert_eq!((risen.id, risen.role), (joined.id, Role::Owner));
        let stored = scene.membership(owner.organization_id, &bob).unwrap();
        assert_eq!((stored.role, stored.all_boards_read, stored.all_boards_write), (Role::Owner, true, true));
    });
}

#[test]
fn nobody_with_the_address_may_be_a_member_already() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        for (name, joins) in [("b1", false), ("b2", true), ("b3", false)] {
            let user = scene.signs_in(name).0;
            scene.tx().execute("UPDATE users SET email = 'Bob@example.com' WHERE id = $1", &params![user.id]).unwrap();
            if joins {
                scene.joins(&user, owner.organization_id, Role::Member);
            }
        }
        refused(scene.tries_to_invite(&owner, "bob@example.com", Role::Member), 409, "Conflict");
        refused(scene.tries_to_invite(&owner, "  ", Role::Member), 422, "Unprocessable Entity");
        let foreign = scene.signs_in("cid").1;
        let board = scene.board(foreign.organization_id);
        let outcome =
            scene.write(|tx| invites::create(tx, &owner, invite("dan@example.com", &[(board, true, false)]), 1));
        refused(outcome, 422, "Unprocessable Entity");
        assert_eq!(scene.count("organization_invites"), 0);
    });
}
