//! Roles, rights and the end of memberships.

use mission_control_core::members::wire::{OrganizationBoardAccessSpec, OrganizationMemberAccessUpdate};
use mission_control_core::members::{self, Member, change};
use mission_control_core::organizations::{Membership, Role};
use mission_control_platform::db::Paging;
use mission_control_platform::params;
use mission_control_web::http::ApiResult;
use uuid::Uuid;

use super::support::migrated;
use super::{Scene, at_once, refused};

const ONLY_OWNERS: &str = "Only owners can grant or change the owner role";
const ONE_OWNER: &str = "Organization must have at least one owner";

fn set_role(scene: &mut Scene, caller: &Membership, member: &Membership, role: Role) -> ApiResult<Member> {
    scene.write(|tx| change::role(tx, caller, member.id, Some(role)))
}

#[test]
fn only_owners_grant_change_or_take_the_role_of_an_owner() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let (admin, member) = (scene.signs_in("bob").0, scene.signs_in("cid").0);
        let admin = scene.joins(&admin, owner.organization_id, Role::Admin);
        let member = scene.joins(&member, owner.organization_id, Role::Member);

        refused(set_role(&mut scene, &admin, &admin, Role::Owner), 403, ONLY_OWNERS);
        refused(set_role(&mut scene, &admin, &member, Role::Owner), 403, ONLY_OWNERS);
        refused(set_role(&mut scene, &admin, &owner, Role::Member), 403, ONLY_OWNERS);
        refused(scene.tries_to_invite(&admin, "dan@example.com", Role::Owner), 403, ONLY_OWNERS);
        refused(scene.write(|tx| change::remove(tx, &admin, owner.id)), 403, "Only owners can remove owners");
        assert_eq!(set_role(&mut scene, &admin, &member, Role::Admin).unwrap().membership.role, Role::Admin);

        refused(set_role(&mut scene, &owner, &owner, Role::Admin), 422, ONE_OWNER);
        set_role(&mut scene, &owner, &member, Role::Owner).unwrap();
        assert_eq!(set_role(&mut scene, &owner, &owner, Role::Admin).unwrap().membership.role, Role::Admin);
        refused(set_role(&mut scene, &member, &member, Role::Member), 422, ONE_OWNER);
    });
}

#[test]
fn who_lost_the_role_since_signing_in_may_not_use_it() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let bob = scene.signs_in("bob").0;
        let stale = scene.joins(&bob, owner.organization_id, Role::Admin);
        set_role(&mut scene, &owner, &stale, Role::Member).unwrap();
        refused(scene.tries_to_invite(&stale, "dan@example.com", Role::Member), 403, "Forbidden");
        refused(set_role(&mut scene, &stale, &stale, Role::Admin), 403, "Forbidden");
        refused(scene.write(|tx| change::remove(tx, &stale, owner.id)), 403, "Forbidden");
    });
}

#[test]
fn owners_who_demote_each_other_at_once_leave_one() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let first = scene.signs_in("ann").1;
        let bob = scene.signs_in("bob").0;
        let second = scene.joins(&bob, first.organization_id, Role::Owner);
        for round in 0..10 {
            scene.tx().execute("UPDATE organization_members SET role = 'owner'", &[]).unwrap();
            let done = at_once(database, 2, |number, scene| {
                let (caller, target) = if number == 0 { (&first, &second) } else { (&second, &first) };
                if round % 2 == 0 {
                    set_role(scene, caller, target, Role::Member).is_ok()
                } else {
                    // Both give it up themselves.
                    set_role(scene, caller, caller, Role::Member).is_ok()
                }
            });
            assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
            let owners = format!(
                "SELECT count(*) FROM organization_members WHERE role = 'owner' AND organization_id = '{}'",
                first.organization_id
            );
            assert_eq!(scene.tx().one::<i64>(&owners, &[]).unwrap(), 1);
        }
    });
}

#[test]
fn a_removed_member_keeps_nothing() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let (bob, own) = scene.signs_in("bob");
        let board = scene.board(owner.organization_id);
        let token = scene.invites(&owner, "BOB@example.com", Role::Admin);
        let elsewhere = scene.signs_in("cid").1;
        scene.invites(&elsewhere, "bob@example.com", Role::Admin);
        let joined = scene.joins(&bob, owner.organization_id, Role::Member);
        access(&mut scene, &owner, &joined, false, &[(board, true, false)]).unwrap();
        mission_control_core::users::store::set_active_organization(
            &mut scene.tx(),
            bob.id,
            Some(owner.organization_id),
        )
        .unwrap();

        refused(
            scene.write(|tx| change::remove(tx, &owner, owner.id)),
            403,
            "You cannot remove yourself from the organization",
        );
        refused(scene.write(|tx| change::remove(tx, &owner, own.id)), 404, "Not Found");
        scene.write(|tx| change::remove(tx, &owner, joined.id)).unwrap();
        assert!(scene.membership(owner.organization_id, &bob).is_none());
        assert_eq!(scene.count("organization_board_access"), 0);
        assert_eq!(scene.count("organization_invites"), 1, "that of another organization");
        assert_eq!(scene.signs_in("bob").0.active_organization_id, Some(own.organization_id));
        refused(scene.accepts(&bob, &token), 404, "Not Found");
    });
}

fn access(
    scene: &mut Scene,
    caller: &Membership,
    member: &Membership,
    all_boards_read: bool,
    rights: &[(Uuid, bool, bool)],
) -> ApiResult<Member> {
    let spec = |(board_id, can_read, can_write): &(Uuid, bool, bool)| OrganizationBoardAccessSpec {
        board_id: *board_id,
        can_read: *can_read,
        can_write: *can_write,
    };
    let board_access = rights.iter().map(spec).collect();
    let body = OrganizationMemberAccessUpdate { all_boards_read, all_boards_write: false, board_access };
    scene.write(|tx| change::access(tx, caller, member.id, body))
}

#[test]
fn rights_on_boards_are_replaced_as_a_whole() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let (bob, own) = scene.signs_in("bob");
        let member = scene.joins(&bob, owner.organization_id, Role::Member);
        let (first, second) = (scene.board(owner.organization_id), scene.board(owner.organization_id));
        let foreign = scene.board(own.organization_id);
        let shown = |member: Member| -> Vec<(Uuid, bool, bool)> {
            let mut rights: Vec<_> =
                member.board_access.iter().map(|grant| (grant.board_id, grant.can_read, grant.can_write)).collect();
            rights.sort_unstable();
            rights
        };
        let sorted = |mut rights: Vec<(Uuid, bool, bool)>| {
            rights.sort_unstable();
            rights
        };

        let given = access(
            &mut scene,
            &owner,
            &member,
            false,
            &[(first, true, true), (second, false, true), (first, false, false)],
        );
        let expected = sorted(vec![(first, false, false), (second, true, true)]);
        assert_eq!(shown(given.unwrap()), expected, "the last one counts, writing includes reading");

        refused(access(&mut scene, &owner, &member, true, &[(foreign, true, false)]), 422, "Unprocessable Entity");
        let unchanged = scene.write(|tx| members::read(tx, &owner, member.id)).unwrap();
        assert!(!unchanged.membership.all_boards_read);
        assert_eq!(shown(unchanged), expected);

        let flagged = access(&mut scene, &owner, &member, true, &[(first, true, false)]).unwrap();
        assert!(flagged.membership.all_boards_read && flagged.board_access.is_empty());
        let cleared = access(&mut scene, &owner, &member, false, &[]).unwrap();
        assert!(!cleared.membership.all_boards_read && cleared.board_access.is_empty());
    });
}

#[test]
fn an_admin_leaves_the_rights_of_owners_on_boards_alone() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let (bob, cid) = (scene.signs_in("bob").0, scene.signs_in("cid").0);
        let admin = scene.joins(&bob, owner.organization_id, Role::Admin);
        let other = scene.joins(&cid, owner.organization_id, Role::Owner);
        let board = scene.board(owner.organization_id);
        let text = "Only owners can change the board access of owners";
        for (all, rights) in [(true, vec![]), (false, vec![(board, true, false)])] {
            refused(access(&mut scene, &admin, &other, all, &rights), 403, text);
            access(&mut scene, &owner, &other, all, &rights).unwrap();
            // A dialog that changes something else sends the rights as they are.
            access(&mut scene, &admin, &other, all, &rights).unwrap();
        }
        refused(access(&mut scene, &admin, &other, false, &[]), 403, text);
        access(&mut scene, &admin, &admin, true, &[]).unwrap();
        access(&mut scene, &other, &other, false, &[]).unwrap();
    });
}

#[test]
fn a_list_of_more_boards_than_one_statement_takes_is_stored_as_a_whole() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let bob = scene.signs_in("bob").0;
        let member = scene.joins(&bob, owner.organization_id, Role::Member);
        let rights: Vec<_> = (0..600).map(|_| (scene.board(owner.organization_id), true, false)).collect();
        assert_eq!(access(&mut scene, &owner, &member, false, &rights).unwrap().board_access.len(), 600);
    });
}

#[test]
fn members_are_listed_by_address_with_their_rights_and_unknown_addresses_last() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("mia").1;
        let board = scene.board(owner.organization_id);
        for (name, email, shown) in [
            ("p1", None, Some("Zed")),
            ("p2", Some("Bob@example.com"), Some("Zed")),
            ("p3", Some("bob@EXAMPLE.com"), Some("Ann")),
            ("p4", None, None),
            ("p5", Some("alf@example.com"), None),
        ] {
            let user = scene.signs_in(name).0;
            scene
                .tx()
                .execute(
                    "UPDATE users SET email = $1, name = $2, preferred_name = $3 WHERE id = $4",
                    &params![email, shown, name, user.id],
                )
                .unwrap();
            let member = scene.joins(&user, owner.organization_id, Role::Member);
            access(&mut scene, &owner, &member, false, &[(board, true, false)]).unwrap();
        }
        let mut page = |limit: i64, offset: i64| {
            let paging = Paging::new(limit, offset);
            members::page(&mut scene.tx(), owner.organization_id, &paging).unwrap()
        };
        let all = page(200, 0);
        let names: Vec<_> =
            all.items.iter().map(|member| member.person.preferred_name.as_deref().unwrap_or("mia")).collect();
        assert_eq!((names.as_slice(), all.total), (["p5", "p3", "p2", "mia", "p1", "p4"].as_slice(), 6));
        assert_eq!(all.items.iter().map(|member| member.board_access.len()).sum::<usize>(), 5);
        let second = page(2, 2);
        assert_eq!((second.items[0].membership.id, second.total), (all.items[2].membership.id, 6));
        assert_eq!((page(2, 9).items.len(), page(2, 9).total), (0, 6));
    });
}

#[test]
fn a_member_reads_themselves_and_an_admin_everybody() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let owner = scene.signs_in("ann").1;
        let (bob, own) = scene.signs_in("bob");
        let member = scene.joins(&bob, owner.organization_id, Role::Member);
        let mut read =
            |reader: &Membership, id: Uuid| members::read(&mut scene.tx(), reader, id).map(|found| found.membership.id);
        assert_eq!(read(&member, member.id).unwrap(), member.id);
        assert_eq!(read(&owner, member.id).unwrap(), member.id);
        refused(read(&member, owner.id), 403, "Forbidden");
        refused(read(&member, own.id), 404, "Not Found");
        refused(read(&owner, own.id), 404, "Not Found");
    });
}
