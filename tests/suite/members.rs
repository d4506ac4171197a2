//! Members of an organization: reading, roles, rights on boards, removal.

use mission_control_tests::{App, World};
use serde_json::{Value, json};

use crate::people_support::{
    INVITES, MEMBER, MEMBERS, NOBODY, accept, at_once, hire, member_path, newcomer, organizations,
};

const ONLY_OWNERS: &str = "Only owners can grant or change the owner role";
const ONE_OWNER: &str = "Organization must have at least one owner";

#[test]
fn ones_own_membership_tells_who_and_what_one_is() {
    let Some(app) = App::with(&[]) else { return };
    let me = app.user().patch("/api/v1/users/me", json!({"preferred_name": "Al"})).expect(200);
    let organization = app.user().get("/api/v1/organizations/me").expect(200);
    let member = app.user().get(MEMBER).expect(200);
    let expected = json!({
        "id": member["id"],
        "organization_id": organization["id"],
        "user_id": me["id"],
        "role": "owner",
        "all_boards_read": true,
        "all_boards_write": true,
        "created_at": member["created_at"],
        "updated_at": member["updated_at"],
        "user": {"id": me["id"], "email": "admin@home.local", "name": "Local User", "preferred_name": "Al"},
        "board_access": [],
    });
    assert_eq!(member.to_string(), expected.to_string());
    assert_eq!(app.user().get(&member_path(&member)).expect(200), expected);
    let page = app.user().get(&format!("{MEMBERS}?limit=1&offset=0")).expect(200);
    assert_eq!(page, json!({"items": [expected], "total": 1, "limit": 1, "offset": 0}));
    for path in [MEMBER, MEMBERS, &member_path(&member)] {
        app.anonymous().get(path).refused(401);
    }
}

#[test]
fn everybody_sees_all_members_by_address_but_of_no_other_organization() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let zoe = hire(&app, &world, "zoe", "member");
    hire(&app, &world, "bob", "admin");
    newcomer(&app, "eve");
    let page = zoe.client.get(MEMBERS).expect(200);
    let shown: Vec<_> =
        page["items"].as_array().expect("items").iter().map(|item| (&item["user"]["email"], &item["role"])).collect();
    let expected = [
        (&json!("bob@example.com"), &json!("admin")),
        (&json!("first@example.com"), &json!("owner")),
        (&json!("zoe@example.com"), &json!("member")),
    ];
    assert_eq!(shown, expected);
    let second = zoe.client.get(&format!("{MEMBERS}?limit=1&offset=1")).expect(200);
    assert_eq!((&second["items"][0], &second["total"]), (&page["items"][1], &json!(3)));
    zoe.client.get(&format!("{MEMBERS}?limit=0")).field_error("query.limit", "greater_than_equal");
}

#[test]
fn a_member_is_read_by_themselves_and_by_admins() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let (bob, cid) = (hire(&app, &world, "bob", "admin"), hire(&app, &world, "cid", "member"));
    let eve = newcomer(&app, "eve");
    let own = cid.client.get(&cid.path()).expect(200);
    assert_eq!(own, cid.client.get(MEMBER).expect(200));
    assert_eq!(bob.client.get(&cid.path()).expect(200), own);
    assert_eq!(world.user.get(&cid.path()).expect(200), own);
    cid.client.get(&bob.path()).refused(403);
    eve.get(&cid.path()).refused(404);
    cid.client.get(&format!("{MEMBERS}/{NOBODY}")).refused(404);
    cid.client.get(&member_path(&eve.get(MEMBER).expect(200))).refused(404);
    cid.client.get(&format!("{MEMBERS}/x")).field_error("path.member_id", "uuid_parsing");
}

#[test]
fn an_admin_changes_roles_but_not_the_one_of_owner() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let owner = world.user.get(MEMBER).expect(200);
    let (bob, cid) = (hire(&app, &world, "bob", "admin"), hire(&app, &world, "cid", "member"));
    let role = |role: &str| json!({"role": role});

    let raised = bob.client.patch(&cid.path(), role(" Admin ")).expect(200);
    assert_eq!((&raised["role"], &raised["id"]), (&json!("admin"), &cid.json["id"]));
    assert!(raised["updated_at"].as_str() > cid.json["updated_at"].as_str(), "{raised}");
    for unchanged in [json!({}), json!({"role": null})] {
        assert_eq!(bob.client.patch(&cid.path(), unchanged).expect(200)["role"], "admin");
    }
    assert_eq!(bob.client.patch(&cid.path(), role("  ")).expect(200)["role"], "member");

    bob.client.patch(&cid.path(), role("owner")).refuses(403, ONLY_OWNERS);
    bob.client.patch(&bob.path(), role("owner")).refuses(403, ONLY_OWNERS);
    bob.client.patch(&member_path(&owner), role("member")).refuses(403, ONLY_OWNERS);
    assert_eq!(world.user.get(MEMBER).expect(200)["role"], "owner");

    world.user.patch(&member_path(&owner), role("admin")).refuses(422, ONE_OWNER);
    assert_eq!(world.user.patch(&bob.path(), role("OWNER")).expect(200)["role"], "owner");
    assert_eq!(world.user.patch(&member_path(&owner), role("admin")).expect(200)["role"], "admin");
    assert_eq!(bob.client.patch(&member_path(&owner), role("owner")).expect(200)["role"], "owner");
}

#[test]
fn roles_are_three_words() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let bob = hire(&app, &world, "bob", "member");
    let wizard = world.user.patch(&bob.path(), json!({"role": "wizard"}));
    assert_eq!(wizard.field_error("body.role", "literal_error")["msg"], "Input should be 'owner', 'admin' or 'member'");
    world.user.patch(&bob.path(), json!({"role": 7})).field_error("body.role", "string_type");
    world.user.patch(&bob.path(), json!([])).field_error("body", "model_attributes_type");
}

#[test]
fn plain_members_and_strangers_change_nobody() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let owner = world.user.get(MEMBER).expect(200);
    let bob = hire(&app, &world, "bob", "member");
    let eve = newcomer(&app, "eve");
    for path in [member_path(&owner), bob.path()] {
        for (caller, status) in [(&bob.client, 403), (&eve, 404), (&app.anonymous(), 401)] {
            caller.patch(&path, json!({"role": "admin"})).refused(status);
            caller.put(&format!("{path}/access"), json!({"all_boards_write": true})).refused(status);
            caller.delete(&path).refused(status);
        }
    }
    let unknown = format!("{MEMBERS}/{NOBODY}");
    world.user.patch(&unknown, json!({"role": "admin"})).refused(404);
    world.user.put(&format!("{unknown}/access"), json!({})).refused(404);
    world.user.delete(&unknown).refused(404);
    assert_eq!(world.user.get(&bob.path()).expect(200)["role"], "member");
}

#[test]
fn owners_who_demote_each_other_at_once_leave_one() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let owner = world.user.get(MEMBER).expect(200);
    let bob = hire(&app, &world, "bob", "owner");
    let demotions = [(world.user.clone(), bob.path()), (bob.client.clone(), member_path(&owner))];
    let mut statuses = at_once(&demotions, |(caller, path)| caller.patch(path, json!({"role": "member"})).status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    let members = world.user.get(MEMBERS).expect(200);
    let owners = members["items"].as_array().expect("items").iter().filter(|item| item["role"] == "owner").count();
    assert_eq!(owners, 1, "{members}");
}

#[test]
fn rights_on_boards_are_replaced_and_hold() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let second = world.make_board(json!({}));
    let bob = hire(&app, &world, "bob", "admin");
    let access = format!("{}/access", bob.path());
    let visible = || bob.client.get("/api/v1/boards").expect(200)["total"].clone();
    let rights = |member: &Value| {
        let rights = member["board_access"].as_array().expect("a list").iter();
        rights.map(|right| (right["can_read"] == true, right["can_write"] == true)).collect::<Vec<_>>()
    };
    assert_eq!(visible(), json!(0), "a role gives no rights on boards");

    let twice = json!({"board_access": [
        {"board_id": world.board_id(), "can_write": true},
        {"board_id": world.board_id(), "can_read": false, "can_write": true},
    ]});
    let given = world.user.put(&access, twice).expect(200);
    assert_eq!(rights(&given), [(true, true)]);
    assert_eq!(given["board_access"][0]["board_id"], world.board["id"]);
    assert_eq!(visible(), json!(1));
    assert_eq!(bob.client.get(MEMBER).expect(200), given);
    let listed = world.user.get(MEMBERS).expect(200);
    assert_eq!(listed["items"][0]["board_access"], given["board_access"], "{listed}");
    assert_eq!(world.user.patch(&bob.path(), json!({})).expect(200)["board_access"], given["board_access"]);

    let none = json!({"board_access": [{"board_id": second["id"], "can_read": false}]});
    assert_eq!(rights(&world.user.put(&access, none).expect(200)), [(false, false)]);
    assert_eq!(visible(), json!(0));

    let all = json!({"all_boards_read": true, "board_access": [{"board_id": second["id"]}]});
    let all = world.user.put(&access, all).expect(200);
    assert_eq!(
        (rights(&all), &all["all_boards_read"], &all["all_boards_write"]),
        (vec![], &json!(true), &json!(false))
    );
    assert_eq!(visible(), json!(2));
    world.user.put(&access, json!({})).expect(200);
    assert_eq!(visible(), json!(0));
}

#[test]
fn an_admin_cannot_take_the_rights_of_an_owner_on_boards() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let owner = world.user.get(MEMBER).expect(200);
    let bob = hire(&app, &world, "bob", "admin");
    let access = format!("{}/access", member_path(&owner));
    for body in [json!({}), json!({"board_access": [{"board_id": world.board_id()}]}), json!({"all_boards_read": true})]
    {
        bob.client.put(&access, body).refuses(403, "Only owners can change the board access of owners");
    }
    let unchanged = json!({"all_boards_read": true, "all_boards_write": true, "board_access": []});
    bob.client.put(&access, unchanged).expect(200);
    world.user.get(&world.path("")).expect(200);
    world.user.put(&access, json!({})).expect(200);
    world.user.get(&world.path("")).refuses(403, "Board access denied");
}

#[test]
fn rights_on_boards_that_the_organization_lacks_change_nothing() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let bob = hire(&app, &world, "bob", "member");
    let access = format!("{}/access", bob.path());
    for board in [NOBODY, world.other().board_id()] {
        let body =
            json!({"all_boards_read": true, "board_access": [{"board_id": world.board_id()}, {"board_id": board}]});
        world.user.put(&access, body).refused(422);
    }
    let entry = world
        .user
        .put(&access, json!({"board_access": [{"board_id": "x", "can_read": null}, {}], "all_boards_read": 7}));
    entry.field_error("body.board_access.0.board_id", "uuid_parsing");
    entry.field_error("body.board_access.0.can_read", "bool_type");
    entry.field_error("body.board_access.1.board_id", "missing");
    entry.field_error("body.all_boards_read", "bool_parsing");
    let member = world.user.get(&bob.path()).expect(200);
    assert_eq!((&member["all_boards_read"], &member["board_access"]), (&json!(false), &json!([])));
}

#[test]
fn who_is_removed_loses_everything_there() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let bob = hire(&app, &world, "bob", "member");
    world.user.put(&format!("{}/access", bob.path()), json!({"all_boards_write": true})).expect(200);
    bob.client.get(&world.path("")).expect(200);
    assert_eq!(world.user.delete(&bob.path()).expect(200), json!({"ok": true}));
    bob.client.get(&world.path("")).refused(404);
    world.user.get(&bob.path()).refused(404);
    world.user.delete(&bob.path()).refused(404);
    assert_eq!(organizations(&bob.client), ["Personal"]);
    assert_ne!(bob.client.get("/api/v1/organizations/me").expect(200)["id"], world.organization["id"]);
}

#[test]
fn who_is_removed_does_not_come_back_by_a_pending_invitation() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    // Both are made before Bob is a member, and he joins by the older one with his first request.
    let invite =
        |role: &str| world.user.post(INVITES, json!({"invited_email": "Bob@example.com", "role": role})).expect(200);
    let (_, pending) = (invite("member"), invite("admin"));
    let bob = app.person("bob");
    let member = bob.get(MEMBER).expect(200);
    assert_eq!((&member["organization_id"], &member["role"]), (&world.organization["id"], &json!("member")));
    world.user.delete(&member_path(&member)).expect(200);
    accept(&bob, &pending).refused(404);
    assert_eq!(organizations(&bob), ["Personal"]);
    assert_eq!(world.user.get(INVITES).expect(200)["total"], 0);
}

#[test]
fn owners_are_removed_by_owners_and_nobody_removes_themselves() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let owner = world.user.get(MEMBER).expect(200);
    let (bob, cid) = (hire(&app, &world, "bob", "admin"), hire(&app, &world, "cid", "owner"));
    let oneself = "You cannot remove yourself from the organization";
    world.user.delete(&member_path(&owner)).refuses(403, oneself);
    bob.client.delete(&bob.path()).refuses(403, oneself);
    bob.client.delete(&cid.path()).refuses(403, "Only owners can remove owners");
    world.user.delete(&cid.path()).expect(200);
    world.user.delete(&bob.path()).expect(200);
}
