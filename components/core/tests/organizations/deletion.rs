//! Deleting organizations and people.

use mission_control_core::accounts;
use mission_control_core::accounts::organization_deletion;
use mission_control_core::organizations::Role;

use super::support::migrated;
use super::{Scene, at_once, refused, settings};

const ONE_OWNER: &str = "Organization must have at least one owner";

#[test]
fn only_an_owner_deletes_an_organization() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let (ann, owner) = scene.signs_in("ann");
        let bob = scene.signs_in("bob").0;
        let admin = scene.joins(&bob, owner.organization_id, Role::Admin);
        let refusal = "Only organization owners can delete organizations";
        refused(scene.write(|tx| organization_deletion::by_owner(tx, &admin)), 403, refusal);
        scene.write(|tx| organization_deletion::by_owner(tx, &owner)).unwrap();
        assert_eq!(scene.names_of_organizations(&ann).len(), 0);
        assert_eq!(scene.names_of_organizations(&bob), ["Personal"]);
        refused(scene.write(|tx| organization_deletion::by_owner(tx, &owner)), 403, "Forbidden");
        assert_ne!(scene.signs_in("ann").1.organization_id, owner.organization_id);
    });
}

#[test]
fn a_person_goes_with_the_organizations_that_nobody_else_is_in() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let (ann, shared) = scene.signs_in("ann");
        let (bob, _) = scene.signs_in("bob");
        scene.joins(&bob, shared.organization_id, Role::Admin);
        scene.write(|tx| accounts::deletion::delete(tx, &settings(&[]), &bob)).unwrap();
        assert_eq!(
            (scene.count("users"), scene.count("organizations"), scene.count("organization_members")),
            (1, 1, 1)
        );
        scene.write(|tx| accounts::deletion::delete(tx, &settings(&[]), &ann)).unwrap();
        assert_eq!((scene.count("users"), scene.count("organizations"), scene.count("skill_packs")), (0, 0, 0));
    });
}

#[test]
fn the_only_owner_of_others_stays() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let (ann, alone) = scene.signs_in("ann");
        let (bob, shared) = scene.signs_in("bob");
        scene.joins(&ann, shared.organization_id, Role::Member);
        scene.joins(&bob, alone.organization_id, Role::Admin);
        refused(scene.write(|tx| accounts::deletion::delete(tx, &settings(&[]), &ann)), 409, ONE_OWNER);
        assert_eq!(
            (scene.count("users"), scene.count("organizations"), scene.count("organization_members")),
            (2, 2, 4)
        );
        scene.tx().execute("UPDATE organization_members SET role = 'owner'", &[]).unwrap();
        scene.write(|tx| accounts::deletion::delete(tx, &settings(&[]), &ann)).unwrap();
        assert_eq!(scene.names_of_organizations(&bob).len(), 2);
    });
}

#[test]
fn two_owners_who_leave_at_once_leave_no_organization_without_an_owner() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        for round in 0..5 {
            let people: Vec<_> = ["a", "b", "c"].iter().map(|name| scene.signs_in(&format!("{name}{round}"))).collect();
            let shared = people[2].1.organization_id;
            for (user, _) in &people[..2] {
                scene.joins(user, shared, Role::Owner);
            }
            scene
                .tx()
                .execute(
                    "UPDATE organization_members SET role = 'member' WHERE id = $1",
                    &mission_control_platform::params![people[2].1.id],
                )
                .unwrap();
            let left = at_once(database, 2, |number, scene| {
                scene
                    .write(|tx| accounts::deletion::delete(tx, &settings(&[]), &people[number].0))
                    .map_err(|error| error.status_code().as_u16())
            });
            assert_eq!(left.iter().filter(|left| left.is_ok()).count(), 1, "{left:?}");
            assert!(left.contains(&Err(409)), "{left:?}");
        }
    });
}
