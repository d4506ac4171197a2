//! Invitations: who may accept one, how often, and what it adds.

use mission_control_core::members::invites::store;
use mission_control_core::members::invites::wire::OrganizationInviteCreate;
use mission_control_core::members::wire::OrganizationBoardAccessSpec;
use mission_control_core::members::{change, grants, invites};
use mission_control_core::organizations::Role;
use mission_control_core::organizations::wire::RoleText;
use mission_control_platform::db::Paging;
use mission_control_platform::params;
use mission_control_platform::settings::Settings;
use mission_control_web::schema::Text;
use uuid::Uuid;

use super::support::migrated;
use super::{Scene, at_once, for_an_hour, refused, settings};

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

/// The tokens of the list that admins see.
fn listed(scene: &mut Scene, settings: &Settings, organization_id: Uuid) -> Vec<String> {
    let page = invites::page_for_admins(&mut scene.tx(), settings, organization_id, &ALL).unwrap();
    page.items.into_iter().map(|invite| invite.token).collect()
}

#[test]
fn the_list_shows_the_token_again_without_storing_it() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let first = scene.invites(&owner, "bob@example.com", Role::Member);
        let second = scene.invites(&owner, "bob@example.com", Role::Member);
        assert_ne!(first, second);
        let organization_id = owner.organization_id;
        assert_eq!(listed(&mut scene, &for_an_hour(), organization_id), [second.clone(), first]);
        assert_eq!(scene.count("server_keys"), 1, "made once, as the settings have none");
        // Another key derives other tokens, which accept nothing; the right ones still do.
        let other = settings(&[("secret_key", &"k".repeat(32))]);
        assert_eq!(listed(&mut scene, &other, organization_id), ["", ""]);
        let bob = scene.signs_in_as("bob", false).0;
        assert!(scene.accepts(&bob, &second).is_ok());
    });
}

#[test]
fn an_invitation_from_before_tokens_were_derived_shows_none() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        scene.invites(&owner, "bob@example.com", Role::Member);
        let sql = "UPDATE organization_invites SET token_hash = $1";
        scene.tx().execute(sql, &params![mission_control_platform::tokens::lookup_hash("random")]).unwrap();
        assert_eq!(listed(&mut scene, &for_an_hour(), owner.organization_id), [""]);
        let bob = scene.signs_in_as("bob", false).0;
        assert!(scene.accepts(&bob, "random").is_ok());
    });
}

#[test]
fn an_invitation_ends_with_the_right_of_the_one_who_made_it() {
    migrated(|database| {
        for (role, invited, lost) in [
            (Role::Owner, Role::Owner, Some(Role::Admin)),
            (Role::Owner, Role::Admin, Some(Role::Member)),
            (Role::Admin, Role::Member, Some(Role::Member)),
            (Role::Admin, Role::Member, None),
        ] {
            let mut scene = Scene::new(database);
            let names = ["owner", "inviter", "accomplice", "newcomer"].map(|name| format!("{name} {}", Uuid::new_v4()));
            let owner = scene.signs_in(&names[0]).1;
            let inviter = scene.signs_in(&names[1]).0;
            let inviter = scene.joins(&inviter, owner.organization_id, role);
            let accomplice = scene.signs_in(&names[2]).0;
            let token = scene.invites(&inviter, &format!("{}@example.com", names[2]), invited);
            scene.invites(&inviter, &format!("{}@example.com", names[3]), invited);
            // Behind the back of what withdraws invitations: they must not count by themselves.
            let (sql, values) = match lost {
                Some(lost) => {
                    ("UPDATE organization_members SET role = $1 WHERE id = $2", params![lost, inviter.id].to_vec())
                }
                None => ("DELETE FROM organization_members WHERE id = $1", params![inviter.id].to_vec()),
            };
            scene.tx().execute(sql, &values).unwrap();
            refused(scene.accepts(&accomplice, &token), 404, "Not Found");
            assert_eq!(listed(&mut scene, &for_an_hour(), owner.organization_id), [""; 0]);
            let (newcomer, own) = scene.signs_in(&names[3]);
            assert_ne!(own.organization_id, owner.organization_id);
            assert!(scene.membership(owner.organization_id, &newcomer).is_none());
        }
    });
}

#[test]
fn losing_a_right_withdraws_the_invitations_that_needed_it() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let bob = scene.signs_in("bob").0;
        let other = scene.joins(&bob, owner.organization_id, Role::Owner);
        for role in [Role::Owner, Role::Admin, Role::Member] {
            scene.invites(&other, "cid@example.com", role);
            scene.invites(&owner, "dan@example.com", role);
        }
        let left = |scene: &mut Scene| scene.count("organization_invites WHERE invited_email = 'cid@example.com'");
        for (role, expected) in [(Role::Owner, 3), (Role::Admin, 2), (Role::Owner, 2), (Role::Member, 0)] {
            scene.write(|tx| change::role(tx, &owner, other.id, Some(role))).unwrap();
            assert_eq!(left(&mut scene), expected, "{role}");
        }
        scene.write(|tx| change::role(tx, &owner, other.id, Some(Role::Admin))).unwrap();
        scene.invites(&other, "cid@example.com", Role::Member);
        scene.write(|tx| change::remove(tx, &owner, other.id)).unwrap();
        assert_eq!(left(&mut scene), 0);
        assert_eq!(scene.count("organization_invites"), 3, "those of others stay");
    });
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

        let eternal = scene
            .write(|tx| {
                invites::create(tx, &settings(&[("invite_ttl_hours", "0")]), &owner, invite("bob@example.com", &[]))
            })
            .unwrap();
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
        let made =
            scene.write(|tx| invites::create(tx, &for_an_hour(), &owner, invite("bob@example.com", &wanted))).unwrap();
        let bob = scene.signs_in_as("bob", false).0;
        let joined = scene.accepts(&bob, &made.token).unwrap();
        assert_eq!(rights(&mut scene, joined.id, [first, second]), [(true, true), (true, false)]);

        // The address was changed after the second invitation was made, so that a member accepts one.
        scene.tx().execute("UPDATE users SET email = 'x@example.com' WHERE id = $1", &params![bob.id]).unwrap();
        let lesser = [(first, false, false), (second, false, true)];
        let made =
            scene.write(|tx| invites::create(tx, &for_an_hour(), &owner, invite("bob@example.com", &lesser))).unwrap();
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
        let higher = scene.write(|tx| invites::create(tx, &for_an_hour(), &owner, flagged)).unwrap().token;
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
        let outcome = scene.write(|tx| {
            invites::create(tx, &for_an_hour(), &owner, invite("dan@example.com", &[(board, true, false)]))
        });
        refused(outcome, 422, "Unprocessable Entity");
        assert_eq!(scene.count("organization_invites"), 0);
    });
}
