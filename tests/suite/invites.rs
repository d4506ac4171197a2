//! Invitations: making, listing, revoking, accepting.

use mission_control_tests::{App, World};
use serde_json::{Value, json};

use crate::people_support::{
    ACCEPT, ACTIVE, INVITES, MEMBER, MEMBERS, MINE, NOBODY, accept, at_once, hire, invite_path, newcomer,
};

fn of(name: &str) -> Value {
    json!({"invited_email": format!("{name}@example.com")})
}

#[test]
fn the_token_is_shown_to_those_who_invite_as_long_as_it_is_of_use() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let body = json!({
        "invited_email": " Foo@Example.COM ",
        "role": "Admin",
        "board_access": [{"board_id": world.board_id(), "can_write": true}],
    });
    let invite = world.user.post(INVITES, body).expect(200);
    let me = world.user.get("/api/v1/users/me").expect(200);
    let expected = json!({
        "id": invite["id"],
        "organization_id": world.organization_id(),
        "invited_email": "foo@example.com",
        "role": "admin",
        "all_boards_read": false,
        "all_boards_write": false,
        "token": invite["token"],
        "created_by_user_id": me["id"],
        "accepted_by_user_id": null,
        "accepted_at": null,
        "created_at": invite["created_at"],
        "updated_at": invite["updated_at"],
        "expires_at": invite["expires_at"],
    });
    assert_eq!(invite.to_string(), expected.to_string());
    let token = invite["token"].as_str().expect("a token");
    assert_eq!(token.len(), 32);
    assert!(!app.output().contains(token), "not in the log");

    assert_eq!(world.user.get(INVITES).expect(200)["items"], json!([invite]));
    let (bob, cid) = (hire(&app, &world, "bob", "admin"), hire(&app, &world, "cid", "member"));
    assert_eq!(bob.client.get(INVITES).expect(200)["items"], json!([invite]));
    cid.client.get(INVITES).refused(403);
    let mut hidden = invite.clone();
    hidden["token"] = json!("");
    assert_eq!(world.user.delete(&invite_path(&invite)).expect(200), hidden);
    world.user.delete(&invite_path(&invite)).refused(404);
    assert_eq!(world.user.get(INVITES).expect(200)["items"], json!([]));
}

#[test]
fn a_token_copied_from_the_list_accepts() {
    // With a key of the operator's, and with the one that the database keeps.
    for key in ["a-key-of-the-operator-0123456789", ""] {
        let Some(app) = App::with_people(&[("secret_key", key)]) else { return };
        let world = World::new(&app);
        let bob = newcomer(&app, "bob");
        world.user.post(INVITES, of("bob")).expect(200);
        let listed = world.user.get(INVITES).expect(200)["items"][0].clone();
        assert_eq!(listed["token"].as_str().map(str::len), Some(32), "{listed}");
        accept(&bob, &listed).expect(200);
        assert_eq!(app.rows()["server_keys"], i64::from(key.is_empty()));
    }
}

#[test]
fn an_owner_who_falls_takes_their_invitations_along() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let mallory = hire(&app, &world, "mallory", "owner");
    let accomplice = newcomer(&app, "eve");
    let invite = |role: &str| {
        let body = json!({"invited_email": "eve@example.com", "role": role});
        mallory.client.post(INVITES, body).expect(200)
    };
    let (as_owner, as_admin) = (invite("owner"), invite("admin"));
    world.user.patch(&mallory.path(), json!({"role": "admin"})).expect(200);
    accept(&accomplice, &as_owner).refused(404);
    assert_eq!(world.user.get(INVITES).expect(200)["items"], json!([as_admin]));
    world.user.delete(&mallory.path()).expect(200);
    accept(&accomplice, &as_admin).refused(404);
    assert_eq!(world.user.get(INVITES).expect(200)["total"], 0);
    assert_eq!(world.user.get(MEMBERS).expect(200)["total"], 1);
}

#[test]
fn invitations_are_listed_newest_first_while_they_are_pending() {
    let Some(app) = App::with(&[]) else { return };
    let user = app.user();
    let ids: Vec<Value> =
        ["a", "b", "c", "d"].iter().map(|name| user.post(INVITES, of(name)).expect(200)["id"].clone()).collect();
    let age = |id: &Value, column: &str| {
        app.execute(&format!(
            "UPDATE organization_invites SET {column} = created_at WHERE id = '{}'",
            id.as_str().expect("an id")
        ));
    };
    age(&ids[1], "expires_at");
    age(&ids[2], "accepted_at");
    let page = user.get(INVITES).expect(200);
    let listed: Vec<&Value> = page["items"].as_array().expect("items").iter().map(|item| &item["id"]).collect();
    assert_eq!((listed, &page["total"]), (vec![&ids[3], &ids[0]], &json!(2)));
    let page = user.get(&format!("{INVITES}?limit=1&offset=1")).expect(200);
    assert_eq!((&page["items"][0]["id"], &page["total"], &page["limit"]), (&ids[0], &json!(2), &json!(1)));
    user.delete(&format!("{INVITES}/{}", ids[2].as_str().expect("an id"))).expect(200);
}

#[test]
fn an_invitation_ends_after_the_hours_of_the_setting_or_never() {
    for (hours, seconds) in [("1", Some(3600)), ("0", None)] {
        let Some(app) = App::with(&[("invite_ttl_hours", hours)]) else { return };
        let invite = app.user().post(INVITES, of("bob")).expect(200);
        let parse =
            |name: &str| invite[name].as_str().and_then(mission_control_platform::time::Timestamp::from_storage);
        let created = parse("created_at").expect("a time");
        assert_eq!(parse("expires_at").map(|end| end.since(created).as_secs()), seconds);
    }
}

#[test]
fn what_an_invitation_needs() {
    let app = App::start();
    let world = World::new(&app);
    let post = |body: Value| world.user.post(INVITES, body);
    post(json!({})).field_error("body.invited_email", "missing");
    post(json!({"invited_email": " \t "})).refused(422);
    post(json!({"invited_email": "a@b", "role": null})).field_error("body.role", "string_type");
    post(json!({"invited_email": "a@b", "role": "king"})).field_error("body.role", "literal_error");
    post(json!({"invited_email": "a@b", "all_boards_read": null})).field_error("body.all_boards_read", "bool_type");
    let place = "body.board_access.0.board_id";
    post(json!({"invited_email": "a@b", "board_access": [{}]})).field_error(place, "missing");
    for board in [NOBODY, world.other().board_id()] {
        let body = json!({"invited_email": "a@b", "all_boards_write": true, "board_access": [{"board_id": board}]});
        post(body).refused(422);
    }
    assert_eq!(world.user.get(INVITES).expect(200)["total"], 0, "none was left behind");
    for role in ["", " OWNER "] {
        post(json!({"invited_email": "not an address", "role": role})).expect(200);
    }
    let unknown = format!("{INVITES}/{NOBODY}");
    world.user.delete(&unknown).refused(404);
    world.user.delete(&format!("{INVITES}/x")).field_error("path.invite_id", "uuid_parsing");
}

#[test]
fn who_is_a_member_is_not_invited() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    hire(&app, &world, "bob", "member");
    world.user.post(INVITES, json!({"invited_email": " BOB@example.com"})).refused(409);
    newcomer(&app, "eve").post(INVITES, of("bob")).expect(200);
}

#[test]
fn only_admins_invite_and_only_owners_invite_owners() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let (bob, cid) = (hire(&app, &world, "bob", "admin"), hire(&app, &world, "cid", "member"));
    let invite = bob.client.post(INVITES, of("dan")).expect(200);
    let owner = json!({"invited_email": "dan@example.com", "role": "owner"});
    bob.client.post(INVITES, &owner).refuses(403, "Only owners can grant or change the owner role");
    world.user.post(INVITES, &owner).expect(200);
    let eve = newcomer(&app, "eve");
    for (caller, status) in [(&cid.client, 403), (&app.anonymous(), 401)] {
        caller.get(INVITES).refused(status);
        caller.post(INVITES, of("dan")).refused(status);
        caller.delete(&invite_path(&invite)).refused(status);
    }
    eve.delete(&invite_path(&invite)).refused(404);
    assert_eq!(eve.get(INVITES).expect(200)["total"], 0);
    assert_eq!(bob.client.get(INVITES).expect(200)["total"], 2);
}

#[test]
fn accepting_makes_a_member_with_the_rights_of_the_invitation() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let bob = newcomer(&app, "bob");
    let before = bob.get(MINE).expect(200);
    let mut body = of("bob");
    body["role"] = json!("admin");
    body["board_access"] = json!([{"board_id": world.board_id(), "can_read": false, "can_write": true}]);
    let invite = world.user.post(INVITES, body).expect(200);
    let member = accept(&bob, &invite).expect(200);
    assert_eq!((&member["organization_id"], &member["role"]), (&world.organization["id"], &json!("admin")));
    assert_eq!(
        (&member["user"]["email"], &member["board_access"][0]["can_write"]),
        (&json!("bob@example.com"), &json!(true))
    );
    assert_eq!(member["board_access"][0]["can_read"], true);
    assert_eq!(bob.get(MINE).expect(200), before, "the active organization stays");
    bob.get(&world.path("")).expect(200);
    accept(&bob, &invite).refused(404);

    // The membership stays when its invitation is deleted.
    let gone = world.user.delete(&invite_path(&invite)).expect(200);
    assert_eq!((&gone["accepted_by_user_id"], gone["accepted_at"].is_string()), (&member["user_id"], true));
    bob.patch(ACTIVE, json!({"organization_id": world.organization_id()})).expect(200);
    assert_eq!(bob.get(MEMBER).expect(200)["id"], member["id"]);
}

#[test]
fn an_invitation_never_takes_anything_from_a_member() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let bob = newcomer(&app, "bob");
    let invite = |role: &str, write: bool| {
        let body = json!({"invited_email": "bob@example.com", "role": role, "all_boards_write": write});
        world.user.post(INVITES, body).expect(200)
    };
    let invites = [invite("admin", false), invite("member", true), invite("owner", false)];
    let told = |invite: &Value| {
        let member = accept(&bob, invite).expect(200);
        (member["role"].clone(), member["all_boards_read"].clone(), member["all_boards_write"].clone())
    };
    assert_eq!(told(&invites[0]), (json!("admin"), json!(false), json!(false)));
    assert_eq!(told(&invites[1]), (json!("admin"), json!(true), json!(true)));
    assert_eq!(told(&invites[2]), (json!("owner"), json!(true), json!(true)));
}

#[test]
fn nobody_accepts_what_is_for_another_or_over() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let (bob, eve) = (newcomer(&app, "bob"), newcomer(&app, "eve"));
    let invite = world.user.post(INVITES, of("bob")).expect(200);
    accept(&eve, &invite).refused(403);
    bob.post(ACCEPT, json!({})).field_error("body.token", "missing");
    for wrong in ["", "x", &format!(" {}", invite["token"].as_str().expect("a token"))] {
        bob.post(ACCEPT, json!({"token": wrong})).refused(404);
    }
    accept(&app.anonymous(), &invite).refused(401);
    app.execute("UPDATE organization_invites SET expires_at = created_at");
    accept(&bob, &invite).refused(404);
    app.execute("UPDATE organization_invites SET expires_at = NULL");
    accept(&bob, &invite).expect(200);
}

#[test]
fn who_guesses_too_often_has_to_wait() {
    let Some(app) = App::with(&[("user_auth_limit", "3")]) else { return };
    for _ in 0..3 {
        app.user().post(ACCEPT, json!({"token": "guess"})).refused(404);
    }
    let answer = app.user().post(ACCEPT, json!({"token": "guess"}));
    answer.refused(429);
    assert!(answer.header("retry-after").is_some());
    app.user().get(MINE).expect(200);
}

#[test]
fn fifty_people_accept_at_once() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let names: Vec<String> = (0..50).map(|number| format!("p{number}")).collect();
    let calls: Vec<_> =
        names.iter().map(|name| (newcomer(&app, name), world.user.post(INVITES, of(name)).expect(200))).collect();
    let statuses = at_once(&calls, |(person, invite)| accept(person, invite).status);
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let members = world.user.get(MEMBERS).expect(200);
    let mut people: Vec<String> =
        members["items"].as_array().expect("items").iter().map(|item| item["user_id"].to_string()).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!((people.len(), &members["total"]), (51, &json!(51)));
}

#[test]
fn one_token_makes_one_member_however_many_try_at_once() {
    let Some(app) = App::with_people(&[("user_auth_limit", "0")]) else { return };
    let world = World::new(&app);
    let mut people: Vec<_> = (0..9).map(|number| newcomer(&app, &format!("p{number}"))).collect();
    let bob = newcomer(&app, "bob");
    // Bob himself tries several times.
    people.extend([bob.clone(), bob.clone(), bob]);
    let invite = world.user.post(INVITES, of("bob")).expect(200);
    let mut statuses = at_once(&people, |person| accept(person, &invite).status);
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 403, 404].contains(status)), "{statuses:?}");
    assert_eq!(world.user.get(MEMBERS).expect(200)["total"], 2);
}

#[test]
fn a_new_person_joins_by_the_oldest_invitation_of_their_address() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    world.user.post(INVITES, of("bob")).expect(200);
    let other = newcomer(&app, "eve");
    other.post(INVITES, of("bob")).expect(200);
    let people = [app.person("bob"), app.person("bob")];
    let seen = at_once(&people, |bob| bob.get(MINE).expect(200));
    assert_eq!((&seen[0]["id"], &seen[1]["id"]), (&world.organization["id"], &world.organization["id"]));
    assert_eq!(crate::people_support::organizations(&people[0]).len(), 1);
    assert_eq!(other.get(INVITES).expect(200)["total"], 1, "the other one stays pending");
    assert_eq!(world.user.get(INVITES).expect(200)["total"], 0);
}
