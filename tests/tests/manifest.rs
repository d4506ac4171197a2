//! `spin.toml` is made from this list, the components' own routes and the groups of settings that they read.

use std::collections::BTreeSet;
use std::fmt::Write;

use mission_control_platform::settings::{Group, NAMES, Settings, names_of};
use mission_control_tests::root;
use mission_control_web::http::Api;

/// A component as the manifest declares it.
struct Component {
    id: &'static str,
    description: &'static str,
    /// Spin's patterns of the paths that lead to it. Of several that match, the one with the longest literal start wins.
    triggers: &'static [&'static str],
    api: Api,
}

fn components() -> [Component; 6] {
    [
        Component {
            id: "auth",
            description: "People and organizations.",
            triggers: &["/api/v1/auth/...", "/api/v1/users/...", "/api/v1/organizations/..."],
            api: mission_control_auth::api(),
        },
        Component {
            id: "boards",
            description: "Boards and their groups, memory, tags and custom fields.",
            triggers: &[
                "/api/v1/boards/...",
                "/api/v1/board-groups/...",
                "/api/v1/tags/...",
                "/api/v1/organizations/me/custom-fields/...",
            ],
            api: mission_control_boards::api(),
        },
        Component {
            id: "tasks",
            description: "Tasks, comments, approvals, the activity feed and metrics.",
            triggers: &[
                "/api/v1/boards/:board_id/tasks/...",
                "/api/v1/boards/:board_id/approvals/...",
                "/api/v1/activity/...",
                "/api/v1/metrics/...",
            ],
            api: mission_control_tasks::api(),
        },
        Component {
            id: "heartbeat",
            description: "Agents, their own API, and gateways.",
            triggers: &["/api/v1/agents/...", "/api/v1/agent/...", "/api/v1/gateways/..."],
            api: mission_control_heartbeat::api(),
        },
        Component {
            id: "webhooks",
            description: "Webhooks, readiness, and the tick that does what waits.",
            triggers: &["/api/v1/boards/:board_id/webhooks/...", "/internal/...", "/readyz/..."],
            api: mission_control_webhooks::api(),
        },
        Component {
            id: "system",
            description: "Health, documents, and every other path.",
            triggers: &["/..."],
            api: mission_control_system::api(),
        },
    ]
}

/// What a variable holds without the operator's doing. Empty means unset: every other default is the code's.
fn default_of(name: &str) -> String {
    match name {
        // Stands in lists of allowed hosts, where only the manifest's own default counts.
        "clerk_api_url" => Settings::default().clerk_api_url,
        _ => String::new(),
    }
}

/// Whether a variable may hold a secret: tokens, keys, and the URLs of stores, which hold passwords.
fn is_secret(name: &str) -> bool {
    name.ends_with("_token")
        || name.ends_with("_key")
        || name.ends_with("_url") && (name.contains("redis") || name.contains("database"))
}

fn manifest() -> String {
    let mut text = String::from(
        "#:schema https://schemas.spinframework.dev/spin/manifest-v2/latest.json\n\
         # Made by `cargo xtask manifest`: change tests/tests/manifest.rs or the settings instead.\n\n\
         spin_manifest_version = 2\n\n\
         [application]\n\
         name = \"mission-control\"\n",
    );
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(
        text,
        "version = \"{version}\"\n\
         description = \"Plans, watches and governs teams of AI agents.\"\n\n\
         # Every setting, with the meaning and default that docs/settings.md gives. Empty means unset. Set one with\n\
         # SPIN_VARIABLE_<NAME>.\n[variables]\n"
    );
    for name in NAMES {
        let secret = if is_secret(name) { ", secret = true" } else { "" };
        let _ = writeln!(text, "{name} = {{ default = \"{}\"{secret} }}", default_of(name));
    }
    components().iter().for_each(|component| write_component(&mut text, component));
    text
}

fn write_component(text: &mut String, component: &Component) {
    let Component { id, description, triggers, api } = component;
    let has = |group: Group| api.groups().contains(&group);
    let _ = write!(text, "\n# {description}\n");
    for trigger in *triggers {
        let _ = write!(text, "[[trigger.http]]\nroute = \"{trigger}\"\ncomponent = \"{id}\"\n\n");
    }
    let _ = write!(
        text,
        "[component.{id}]\ndescription = \"{description}\"\n\
         source = \"target/wasm32-wasip2/component/mission_control_{id}.wasm\"\n"
    );
    if has(Group::Database) {
        text.push_str("sqlite_databases = [\"default\"]\n");
    }
    let stores = [(Group::SignIn, "cache"), (Group::Limits, "rate_limits")];
    let stores = stores.into_iter().filter(|(group, _)| has(*group)).map(|(_, store)| store);
    write_list(text, "key_value_stores", stores);
    // The hosts that the settings name. Guests have no DNS: the host resolves names, so addresses cannot be told here.
    let hosts = [
        (Group::SignIn, "{{ clerk_api_url }}"),
        (Group::Database, "postgres://*:*"),
        (Group::Limits, "redis://*:*"),
        (Group::Limits, "rediss://*:*"),
    ];
    write_list(
        text,
        "allowed_outbound_hosts",
        hosts.into_iter().filter(|(group, _)| has(*group)).map(|(_, host)| host),
    );
    let _ = write!(text, "\n[component.{id}.variables]\n");
    for name in names_of(api.groups()) {
        let _ = writeln!(text, "{name} = \"{{{{ {name} }}}}\"");
    }
    let _ = write!(
        text,
        "\n[component.{id}.build]\n\
         command = \"cargo build --target wasm32-wasip2 --profile component --package mission-control-{id}\"\n\
         watch = [\"components/{id}/src/**/*.rs\", \"components/core/src/**/*.rs\", \"crates/**/*.rs\", \
         \"migrations/**/*.sql\"]\n"
    );
}

fn write_list<'a>(text: &mut String, name: &str, values: impl Iterator<Item = &'a str>) {
    let values: Vec<String> = values.map(|value| format!("\"{value}\"")).collect();
    if !values.is_empty() {
        let _ = writeln!(text, "{name} = [{}]", values.join(", "));
    }
}

#[test]
fn the_manifest_is_current() {
    let path = root().join("spin.toml");
    let current = manifest();
    if std::env::var_os("UPDATE_MANIFEST").is_some() {
        std::fs::write(&path, current).expect("the manifest is written");
        return;
    }
    let kept = std::fs::read_to_string(&path).expect("the manifest is read");
    assert!(kept == current, "spin.toml is not the one that is made now: run `cargo xtask manifest`");
}

#[test]
fn the_component_that_serves_strangers_only_is_given_no_secret() {
    for component in components().iter().filter(|component| component.id == "system") {
        let given: Vec<&str> = names_of(component.api.groups()).filter(|name| is_secret(name)).collect();
        assert!(given.is_empty(), "{given:?}");
    }
}

/// The trigger that takes a path, as Spin chooses it.
fn taken_by<'a>(components: &'a [Component], path: &str) -> Option<(&'a str, &'static str)> {
    let triggers =
        components.iter().flat_map(|component| component.triggers.iter().map(|trigger| (component.id, *trigger)));
    triggers.filter(|(_, trigger)| takes(trigger, path)).max_by_key(|(_, trigger)| trigger.split('/').count())
}

fn takes(trigger: &str, path: &str) -> bool {
    let (trigger, is_open) = match trigger.strip_suffix("/...") {
        Some(start) => (start, true),
        None => (trigger, false),
    };
    let (wanted, found): (Vec<&str>, Vec<&str>) = (trigger.split('/').collect(), path.split('/').collect());
    let is_long_enough = if is_open { found.len() >= wanted.len() } else { found.len() == wanted.len() };
    is_long_enough && wanted.iter().zip(&found).all(|(wanted, found)| wanted.starts_with(':') || wanted == found)
}

#[test]
fn every_route_is_reached_and_every_trigger_has_a_route() {
    let components = components();
    let mut used = BTreeSet::new();
    for component in &components {
        for route in component.api.routes() {
            let taken = taken_by(&components, route.path());
            assert_eq!(taken.map(|(id, _)| id), Some(component.id), "{}", route.path());
            used.extend(taken);
        }
    }
    for component in &components {
        for trigger in component.triggers {
            let is_rest = *trigger == "/...";
            assert!(is_rest || used.contains(&(component.id, *trigger)), "{trigger} leads to no route");
        }
    }
}
