//! The components import only what Spin 4.1 offers, so that what runs here runs there.

use mission_control_tests::root;
use wasmparser::{Parser, Payload};

const COMPONENTS: [&str; 6] = ["auth", "boards", "heartbeat", "system", "tasks", "webhooks"];

/// Interfaces of Spin's own and of proposals that it follows, each in the version offered.
const OFFERED: &[&str] = &[
    "spin:key-value/key-value@3.0.0",
    "spin:mqtt/mqtt@3.0.0",
    "spin:mysql/mysql@3.0.0",
    "spin:postgres/postgres@4.2.0",
    "spin:redis/redis@3.0.0",
    "spin:sqlite/sqlite@3.1.0",
    "spin:variables/variables@3.0.0",
    "wasi:config/store@0.2.0-draft-2024-09-27",
    "wasi:keyvalue/atomics@0.2.0-draft2",
    "wasi:keyvalue/batch@0.2.0-draft2",
    "wasi:keyvalue/store@0.2.0-draft2",
];

/// Packages of WASI, offered in the versions 0.2.0 to 0.2.12 and in 0.3.0.
const WASI: &[&str] = &["cli", "clocks", "filesystem", "http", "io", "random", "sockets"];

fn is_offered(import: &str) -> bool {
    if OFFERED.contains(&import) {
        return true;
    }
    let Some((name, version)) = import.strip_prefix("wasi:").and_then(|import| import.split_once('@')) else {
        return false;
    };
    let package = name.split('/').next().unwrap_or_default();
    let patch = version.strip_prefix("0.2.").and_then(|patch| patch.parse::<u32>().ok());
    WASI.contains(&package) && (version == "0.3.0" || patch.is_some_and(|patch| patch <= 12))
}

/// The names that a component imports and exports at its top level.
fn interface(component: &str) -> (Vec<String>, Vec<String>) {
    let path = root().join(format!("target/wasm32-wasip2/component/mission_control_{component}.wasm"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0);
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload.expect("a valid component") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(section.into_iter().map(|import| import.expect("an import").name.name.to_owned()));
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports.extend(section.into_iter().map(|export| export.expect("an export").name.name.to_owned()));
            }
            _ => {}
        }
    }
    (imports, exports)
}

#[test]
fn spin_offers_every_import() {
    for component in COMPONENTS {
        let (imports, _) = interface(component);
        assert!(!imports.is_empty(), "{component} imports nothing");
        let unknown: Vec<_> = imports.iter().filter(|import| !is_offered(import)).collect();
        assert!(unknown.is_empty(), "{component} imports what Spin does not offer: {unknown:?}");
    }
}

#[test]
fn components_answer_requests_and_nothing_else() {
    for component in COMPONENTS {
        assert_eq!(interface(component).1, ["wasi:http/handler@0.3.0"], "{component}");
    }
}

#[test]
fn only_what_spin_has_counts_as_offered() {
    for offered in ["wasi:http/types@0.3.0", "wasi:io/poll@0.2.12", "spin:sqlite/sqlite@3.1.0"] {
        assert!(is_offered(offered), "{offered}");
    }
    for unknown in ["wasi:io/poll@0.2.13", "wasi:nn/graph@0.2.0", "wasi:http/types@0.3.1", "spin:sqlite/sqlite@4.0.0"] {
        assert!(!is_offered(unknown), "{unknown}");
    }
}
