//! Tags of an organization.

use mission_control_tests::{App, World};
use serde_json::{Value, json};

const TAGS: &str = "/api/v1/tags";

fn path(tag: &Value) -> String {
    format!("{TAGS}/{}", tag["id"].as_str().expect("an id"))
}

#[test]
fn a_tag_is_stored_as_it_was_asked_for() {
    let app = App::start();
    let world = World::new(&app);
    let body = json!({"name": " Bug Fix ", "color": " ##FF00aa ", "description": " d ", "extra": 1});
    let answer = world.user.post(TAGS, body);
    let made = answer.json.clone();
    let expected = json!({
        "name": "Bug Fix", "slug": "bug-fix", "color": "ff00aa", "description": " d ", "id": made["id"],
        "organization_id": world.organization_id(), "task_count": 0,
        "created_at": made["created_at"], "updated_at": made["created_at"],
    });
    assert_eq!(answer.check(200).text, expected.to_string());
    assert_eq!(world.user.get(&path(&made)).expect(200), expected);
    let listed = world.user.get(TAGS).expect(200);
    assert_eq!(listed, json!({"items": [expected], "total": 1, "limit": 200, "offset": 0}));
    let plain = world.user.post(TAGS, json!({"name": "x", "slug": "  "})).expect(200);
    assert_eq!((&plain["color"], &plain["description"], &plain["slug"]), (&json!("9e9e9e"), &json!(null), &json!("x")));
}

#[test]
fn faults_of_a_tag_are_told_together() {
    let app = App::start();
    let world = World::new(&app);
    let answer = world.user.post(TAGS, json!({"name": " ", "slug": 7, "color": "12345", "description": 1}));
    answer.field_error("body.name", "string_too_short");
    answer.field_error("body.slug", "string_type");
    let fault = answer.field_error("body.color", "value_error");
    assert_eq!(fault["msg"], "Value error, color must be a 6-digit hex value");
    answer.field_error("body.description", "string_type");
    let blank = world.user.post(TAGS, json!({"name": "x", "color": " "}));
    assert_eq!(blank.field_error("body.color", "value_error")["msg"], "Value error, color is required");
    world.user.post(TAGS, json!({"name": "x", "color": null})).field_error("body.color", "string_type");
    world.user.post(TAGS, json!({})).field_error("body.name", "missing");

    let tag = world.user.post(TAGS, json!({"name": "x"})).expect(200);
    for body in [json!({}), json!({"zzz": 1})] {
        let answer = world.user.patch(&path(&tag), body);
        assert_eq!(answer.field_error("body", "value_error")["msg"], "Value error, At least one field is required");
    }
    for member in ["name", "color"] {
        world.user.patch(&path(&tag), json!({member: null})).field_error(&format!("body.{member}"), "string_type");
    }
    world.user.get("/api/v1/tags/x").field_error("path.tag_id", "uuid_parsing");
}

#[test]
fn slugs_are_made_of_names_and_unique() {
    let app = App::start();
    let world = World::new(&app);
    let slug = |body: Value| world.user.post(TAGS, body).expect(200)["slug"].clone();
    assert_eq!(slug(json!({"name": "A", "slug": " Ünï Côde! "})), "uni-code");
    assert_eq!(slug(json!({"name": "!!"})), "tag");
    assert_ne!(slug(json!({"name": "測試"})), slug(json!({"name": "試験"})));
    let taken = "Tag slug already exists in this organization.";
    world.user.post(TAGS, json!({"name": "uni code"})).refuses(409, taken);
    let other = world.user.post(TAGS, json!({"name": "B"})).expect(200);
    world.user.patch(&path(&other), json!({"slug": "UNI code"})).refuses(409, taken);
    world.user.post(TAGS, json!({"name": "tag"})).refuses(409, taken);
    // In another organization they are free.
    let elsewhere = world.other();
    elsewhere.activate();
    elsewhere.user.post(TAGS, json!({"name": "tag"})).expect(200);
}

#[test]
fn a_change_leaves_what_it_does_not_name() {
    let app = App::start();
    let world = World::new(&app);
    let tag = world.user.post(TAGS, json!({"name": "Old", "description": "d"})).expect(200);
    let change = |body: Value| world.user.patch(&path(&tag), body).expect(200);
    let renamed = change(json!({"name": "New name"}));
    assert_eq!((&renamed["slug"], &renamed["description"]), (&json!("old"), &json!("d")));
    assert_eq!(change(json!({"slug": null}))["slug"], "new-name");
    assert_eq!(change(json!({"slug": "", "name": "Third"}))["slug"], "third");
    assert_eq!(change(json!({"description": null, "color": "#ABCDEF"}))["color"], "abcdef");
    let now = world.user.get(&path(&tag)).expect(200);
    assert_eq!((&now["description"], &now["name"]), (&json!(null), &json!("Third")));
    assert_ne!(now["updated_at"], tag["updated_at"]);
}

#[test]
fn a_tag_counts_its_tasks_and_leaves_them_when_it_goes() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let [tag, other] = ["one", "two"].map(|name| world.user.post(TAGS, json!({"name": name})).expect(200));
    let first = world.make_task("first", json!({"tag_ids": [tag["id"], other["id"]]}));
    world.make_task("second", json!({"tag_ids": [tag["id"]]}));
    let counts = || -> Vec<i64> {
        let tags = world.user.get(TAGS).expect(200);
        tags["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|tag| tag["task_count"].as_i64().expect("a count"))
            .collect()
    };
    assert_eq!(counts(), [2, 1]);
    assert_eq!(world.user.get(&path(&tag)).expect(200)["task_count"], 2);
    assert_eq!(world.user.patch(&path(&tag), json!({"color": "000000"})).expect(200)["task_count"], 2);
    assert_eq!(world.user.delete(&path(&tag)).expect(200), json!({"ok": true}));
    world.user.delete(&path(&tag)).refused(404);
    assert_eq!(counts(), [1]);
    let task = world.user.get(&world.path(&format!("/tasks/{}", first["id"].as_str().expect("an id")))).expect(200);
    assert_eq!(task["tag_ids"], json!([other["id"]]));
    assert_eq!(app.rows()["tag_assignments"], 1);
}

#[test]
fn tags_are_listed_by_name_for_people_and_agents() {
    let app = App::start();
    let world = World::new(&app);
    for name in ["banana", "Apple", "cherry"] {
        world.user.post(TAGS, json!({"name": name})).expect(200);
    }
    let page = world.user.get("/api/v1/tags?limit=1&offset=1").expect(200);
    assert_eq!((&page["items"][0]["name"], &page["total"]), (&json!("banana"), &json!(3)));
    for client in [&world.worker.client, &world.lead.client, &world.main] {
        let tags = client.get(&world.agent_path("/tags")).expect(200);
        let names: Vec<&Value> = tags.as_array().expect("a list").iter().map(|tag| &tag["name"]).collect();
        assert_eq!(names, ["Apple", "banana", "cherry"]);
        assert_eq!(
            tags[0].as_object().map(|tag| tag.keys().cloned().collect()),
            Some(vec!["id".to_owned(), "name".to_owned(), "slug".to_owned(), "color".to_owned(),])
        );
    }
}
