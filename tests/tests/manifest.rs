//! The manifest passes every setting to every component, and declares nothing else.

use std::collections::BTreeSet;

use mission_control_platform::settings::NAMES;
use mission_control_tests::root;
use toml::{Table, Value};

fn manifest() -> Table {
    let text = std::fs::read_to_string(root().join("spin.toml")).expect("spin.toml can be read");
    text.parse().expect("spin.toml is TOML")
}

fn table<'a>(value: &'a Table, name: &str) -> &'a Table {
    value.get(name).and_then(Value::as_table).unwrap_or_else(|| panic!("no table {name}"))
}

fn names() -> BTreeSet<&'static str> {
    NAMES.iter().copied().collect()
}

#[test]
fn every_setting_is_declared_and_nothing_else() {
    let manifest = manifest();
    let declared: BTreeSet<&str> = table(&manifest, "variables").keys().map(String::as_str).collect();
    assert_eq!(declared, names());
}

#[test]
fn settings_that_may_hold_secrets_are_marked() {
    let manifest = manifest();
    let variables = table(&manifest, "variables");
    for (name, variable) in variables {
        let expected = name.ends_with("_token")
            || name.ends_with("_key")
            || name.ends_with("_url") && {
                // The URLs of databases hold passwords; the others are public.
                name.contains("redis") || name.contains("database")
            };
        let is_secret = variable.get("secret").and_then(Value::as_bool).unwrap_or_default();
        assert_eq!(is_secret, expected, "{name}");
    }
}

#[test]
fn every_component_gets_every_setting() {
    let manifest = manifest();
    let components = table(&manifest, "component");
    assert_eq!(components.len(), 6);
    for (id, component) in components {
        let component = component.as_table().expect("a component");
        let variables = table(component, "variables");
        let passed: BTreeSet<&str> = variables.keys().map(String::as_str).collect();
        assert_eq!(passed, names(), "component {id}");
        for (name, template) in variables {
            assert_eq!(template.as_str(), Some(format!("{{{{ {name} }}}}").as_str()), "component {id}");
        }
    }
}

#[test]
fn every_component_is_built_by_its_own_command() {
    let manifest = manifest();
    for (id, component) in table(&manifest, "component") {
        let component = component.as_table().expect("a component");
        let source = component.get("source").and_then(Value::as_str);
        assert_eq!(source, Some(format!("target/wasm32-wasip2/release/mission_control_{id}.wasm").as_str()));
        let command = table(component, "build").get("command").and_then(Value::as_str).unwrap_or_default();
        assert!(command.ends_with(&format!("--package mission-control-{id}")), "{command}");
    }
}
