//! The OpenAPI document in the repository is the one that the routes make.

use std::collections::BTreeSet;

use mission_control_tests::root;
use mission_control_web::http::{Api, openapi};
use serde_json::Value;

fn apis() -> [Api; 6] {
    [
        mission_control_auth::api(),
        mission_control_boards::api(),
        mission_control_heartbeat::api(),
        mission_control_system::api(),
        mission_control_tasks::api(),
        mission_control_webhooks::api(),
    ]
}

fn document() -> Value {
    openapi::document(&apis())
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("an object");
        operations.iter().map(move |(method, operation)| (path, method, operation))
    })
}

#[test]
fn the_document_is_current() {
    let path = root().join("components/system/openapi.json");
    let mut current = serde_json::to_string_pretty(&document()).expect("JSON");
    current.push('\n');
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, current).expect("the document is written");
        return;
    }
    let kept = std::fs::read_to_string(&path).expect("the document is read");
    let difference = kept.lines().zip(current.lines()).enumerate().find(|(_, (kept, current))| kept != current);
    if let Some((line, (kept, current))) = difference {
        let line = line + 1;
        panic!("line {line} is\n{kept}\nbut the routes make\n{current}\nRun `cargo xtask openapi`.");
    }
    assert_eq!(kept.len(), current.len(), "one document is longer: run `cargo xtask openapi`");
}

#[test]
fn operation_ids_are_unique() {
    let document = document();
    let mut seen = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("an operation id");
        assert!(seen.insert(id), "{method} {path} has the id of another operation: {id}");
    }
}

#[test]
fn tags_of_operations_are_declared() {
    let document = document();
    let declared: BTreeSet<&str> =
        document["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str()).collect();
    for (path, method, operation) in operations(&document) {
        let tags = operation["tags"].as_array().expect("tags");
        let unknown = tags.iter().find(|tag| !tag.as_str().is_some_and(|tag| declared.contains(tag)));
        assert_eq!(unknown, None, "{method} {path}");
    }
}

#[test]
fn references_lead_to_schemas() {
    fn check(value: &Value, document: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| match member {
                Value::String(target) if name == "$ref" => {
                    let target = target.strip_prefix('#').expect("a reference into the document");
                    assert!(document.pointer(target).is_some(), "{target} does not exist");
                }
                _ => check(member, document),
            }),
            Value::Array(items) => items.iter().for_each(|item| check(item, document)),
            _ => {}
        }
    }
    let document = document();
    check(&document, &document);
}
