//! What the first sign-in makes.

use mission_control_core::accounts::provisioning as sign_in;
use mission_control_core::members::change;
use mission_control_core::organizations::Role;
use mission_control_core::users;
use mission_control_platform::db::DbError;

use super::support::migrated;
use super::{Scene, at_once, settings};

#[test]
fn a_new_person_owns_an_organization_with_the_default_packs() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let (ann, membership) = scene.signs_in("ann");
        assert_eq!(membership.role, Role::Owner);
        assert!(membership.all_boards_read && membership.all_boards_write);
        assert_eq!(ann.active_organization_id, Some(membership.organization_id));
        assert_eq!(scene.names_of_organizations(&ann), ["Personal"]);
        let packs: Vec<(String, String)> =
            scene.tx().all("SELECT name, source_url FROM skill_packs ORDER BY name", &[]).unwrap();
        let pack = |name: &str, owner: &str| (name.to_owned(), format!("https://github.com/{owner}/{name}"));
        assert_eq!(packs, [pack("ai-marketing-skills", "BrianRWagner"), pack("antigravity-awesome-skills", "sickn33")]);
        let same = "SELECT 1 FROM skill_packs p JOIN organizations o ON o.id = p.organization_id
             WHERE p.created_at <> o.created_at OR p.branch <> 'main'";
        assert!(!scene.tx().exists(same, &[]).unwrap(), "made with the organization");

        let again = scene.signs_in("ann").1;
        assert_eq!((again.id, scene.count("organizations"), scene.count("skill_packs")), (membership.id, 1, 2));
    });
}

#[test]
fn default_packs_can_be_switched_off() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let settings = settings(&[("default_skill_packs", "false")]);
        let made = scene.write::<_, DbError>(|tx| {
            let (mut user, is_new) = users::store::get_or_create(tx, "ann", "ann@example.com", "Ann", true)?;
            sign_in::ensure_membership(tx, &settings, &mut user, is_new)
        });
        made.unwrap();
        assert_eq!((scene.count("organizations"), scene.count("skill_packs")), (1, 0));
    });
}

#[test]
fn first_requests_at_the_same_time_make_one_person_and_one_organization() {
    migrated(|database| {
        let members = at_once(database, 8, |_, scene| scene.signs_in("ann").1.id);
        assert!(members.iter().all(|id| *id == members[0]), "{members:?}");
        let mut scene = Scene::new(database);
        assert_eq!((scene.count("users"), scene.count("organizations"), scene.count("skill_packs")), (1, 1, 2));
    });
}

#[test]
fn a_new_person_joins_by_the_oldest_pending_invitation_of_the_verified_address() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let hosts: Vec<_> = ["h1", "h2", "h3", "h4"].iter().map(|host| scene.signs_in(host).1).collect();
        for host in &hosts {
            scene.invites(host, " Bob@Example.com ", Role::Admin);
        }
        let expire = format!(
            "UPDATE organization_invites SET expires_at = created_at WHERE organization_id = '{}'",
            hosts[0].organization_id
        );
        let accepted = format!(
            "UPDATE organization_invites SET accepted_at = created_at WHERE organization_id = '{}'",
            hosts[1].organization_id
        );
        for sql in [expire, accepted] {
            scene.tx().execute(&sql, &[]).unwrap();
        }

        let (bob, membership) = scene.signs_in("bob");
        assert_eq!((membership.organization_id, membership.role), (hosts[2].organization_id, Role::Admin));
        assert_eq!(bob.active_organization_id, Some(hosts[2].organization_id));
        assert_eq!(scene.names_of_organizations(&bob).len(), 1, "the others stay pending");
        assert_eq!(scene.signs_in("bob").1.id, membership.id);
    });
}

#[test]
fn an_address_that_is_not_verified_opens_no_invitation() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let host = scene.signs_in("ann").1;
        scene.invites(&host, "bob@example.com", Role::Owner);
        let (_, membership) = scene.signs_in_as("bob", false);
        assert_ne!(membership.organization_id, host.organization_id);
    });
}

#[test]
fn somebody_who_was_removed_gets_an_organization_of_their_own_and_no_invitation_lets_them_in() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let host = scene.signs_in("ann").1;
        let other = scene.signs_in("cid").1;
        scene.invites(&host, "bob@example.com", Role::Member);
        let (bob, joined) = scene.signs_in("bob");
        scene.invites(&other, "bob@example.com", Role::Member);
        scene.write(|tx| change::remove(tx, &host, joined.id)).unwrap();

        let (bob_again, membership) = scene.signs_in("bob");
        assert_eq!(bob_again.id, bob.id);
        assert_eq!(membership.role, Role::Owner);
        assert_eq!(scene.names_of_organizations(&bob), ["Personal"]);
    });
}
