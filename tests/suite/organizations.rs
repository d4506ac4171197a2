//! Organizations of a person.

use mission_control_tests::{App, Client, unique};
use serde_json::{Value, json};

const ORGANIZATIONS: &str = "/api/v1/organizations";
const ACTIVE: &str = "/api/v1/organizations/me/active";
const LIST: &str = "/api/v1/organizations/me/list";
const MINE: &str = "/api/v1/organizations/me";

fn create(user: &Client, name: &str) -> Value {
    user.post(ORGANIZATIONS, json!({"name": name})).expect(200)
}

#[test]
fn a_new_person_has_an_organization() {
    let Some(app) = App::with(&[]) else { return };
    let organization = app.user().get(MINE).expect(200);
    let list = app.user().get(LIST).expect(200);
    let expected = json!([{"id": organization["id"], "name": "Personal", "role": "owner", "is_active": true}]);
    assert_eq!(list, expected);
}

#[test]
fn a_new_organization_becomes_the_active_one() {
    let app = App::start();
    let before = app.user().get(MINE).expect(200);
    let name = unique("Acme");
    let made = create(&app.user(), &format!("  {name} "));
    assert_eq!(made["name"], json!(name));
    assert!(made["created_at"].is_string() && made["updated_at"].is_string(), "{made}");
    assert_eq!(app.user().get(MINE).expect(200), made);

    let list = app.user().get(LIST).expect(200);
    let list = list.as_array().expect("a list");
    let is_active = |id: &Value| list.iter().find(|item| item["id"] == *id).map(|item| item["is_active"].clone());
    assert_eq!((is_active(&made["id"]), is_active(&before["id"])), (Some(json!(true)), Some(json!(false))));
}

#[test]
fn of_requests_at_once_one_gets_the_name() {
    let Some(app) = App::with(&[]) else { return };
    app.user().get(MINE).expect(200);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let create = || app.user().post(ORGANIZATIONS, json!({"name": "Acme"})).status;
        let calls: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
        calls.into_iter().map(|call| call.join().expect("an answer")).collect()
    });
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    assert_eq!((count(200), count(409)), (1, 7), "{statuses:?}");
}

#[test]
fn organizations_are_listed_by_name() {
    let Some(app) = App::with(&[]) else { return };
    for name in ["beta", "Gamma", "Alpha"] {
        create(&app.user(), name);
    }
    let list = app.user().get(LIST).expect(200);
    let names: Vec<_> = list.as_array().into_iter().flatten().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(names, ["Alpha", "beta", "Gamma", "Personal"]);
}

#[test]
fn a_name_is_needed_and_is_new() {
    let app = App::start();
    app.user().post(ORGANIZATIONS, json!({})).field_error("body.name", "missing");
    app.user().post(ORGANIZATIONS, json!({"name": 7})).field_error("body.name", "string_type");
    app.user().post(ORGANIZATIONS, json!({"name": "   "})).refused(422);
    let name = unique("Acme");
    create(&app.user(), &name);
    app.user().post(ORGANIZATIONS, json!({"name": name.to_uppercase()})).refused(409);
    app.anonymous().post(ORGANIZATIONS, json!({})).refused(401);
}

#[test]
fn the_active_organization_can_be_another_of_ones_own() {
    let app = App::start();
    let first = create(&app.user(), &unique("First"));
    create(&app.user(), &unique("Second"));
    let body = json!({"organization_id": first["id"]});
    assert_eq!(app.user().patch(ACTIVE, &body).expect(200), first);
    assert_eq!(app.user().get(MINE).expect(200), first);

    let id = first["id"].as_str().expect("an id");
    for form in [format!("{{{id}}}"), id.replace('-', "").to_uppercase()] {
        app.user().patch(ACTIVE, json!({"organization_id": form})).expect(200);
    }
    app.anonymous().patch(ACTIVE, body).refused(401);
}

#[test]
fn an_organization_that_is_not_ones_own_stays_inactive() {
    let app = App::start();
    let unknown = json!({"organization_id": "11111111-1111-4111-8111-111111111111"});
    app.user().patch(ACTIVE, unknown).refuses(403, "No org access");
    app.user().patch(ACTIVE, json!({})).field_error("body.organization_id", "missing");
    app.user().patch(ACTIVE, json!({"organization_id": "x"})).field_error("body.organization_id", "uuid_parsing");
}

#[test]
fn a_header_chooses_the_organization_of_one_request() {
    let app = App::start();
    let (first, second) = (create(&app.user(), &unique("First")), create(&app.user(), &unique("Second")));
    let chosen = app.user().with_header("X-Organization-Id", first["id"].as_str().expect("an id"));
    assert_eq!(chosen.get(MINE).expect(200), first);
    assert_eq!(chosen.get("/api/v1/organizations/me/member").expect(200)["organization_id"], first["id"]);
    let list = chosen.get(LIST).expect(200);
    let active = list.as_array().expect("a list").iter().find(|item| item["is_active"] == true);
    assert_eq!(active.map(|item| &item["id"]), Some(&second["id"]), "what is stored does not change");
    assert_eq!(app.user().get(MINE).expect(200), second);

    chosen.delete(MINE).expect(200);
    assert_eq!(app.user().get(MINE).expect(200), second);
    chosen.get(MINE).refuses(403, "No org access");
}

#[test]
fn a_header_gives_no_access() {
    let app = App::start();
    let named = |text: &str| app.user().with_header("X-Organization-Id", text);
    named("11111111-1111-4111-8111-111111111111").get(MINE).refuses(403, "No org access");
    for malformed in ["", "x", "11111111-1111-4111-8111-11111111111"] {
        named(malformed).get(MINE).field_error("header.x-organization-id", "uuid_parsing");
    }
    app.anonymous().with_header("X-Organization-Id", "x").get(MINE).refused(401);
}

#[test]
fn a_header_does_not_open_an_organization_of_others() {
    let Some(app) = App::with_people(&[]) else { return };
    let organization = create(&app.user(), "Acme");
    let eve = app.person("eve").with_header("X-Organization-Id", organization["id"].as_str().expect("an id"));
    for path in [MINE, LIST, "/api/v1/boards"] {
        eve.get(path).refuses(403, "No org access");
    }
    eve.delete(MINE).refuses(403, "No org access");
}
