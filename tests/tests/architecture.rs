//! The order of modules: within each shared crate a module knows only modules below it. Between crates, Cargo refuses the
//! other direction by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use mission_control_tests::root;

/// The modules of a crate, each with the modules of the same crate that it names.
fn modules(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(source).expect("a crate's source") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        if name != "lib" {
            named_in(&path, modules.entry(name).or_default());
        }
    }
    let known: BTreeSet<String> = modules.keys().cloned().collect();
    for (module, named) in &mut modules {
        named.retain(|name| name != module && known.contains(name));
    }
    modules
}

/// Every `name` of `crate::name` and `crate::{name, …}` in a file, or in all files of a folder.
fn named_in(path: &Path, found: &mut BTreeSet<String>) {
    if path.is_dir() {
        fs::read_dir(path).expect("a folder").for_each(|entry| named_in(&entry.expect("an entry").path(), found));
        return;
    }
    let text = fs::read_to_string(path).expect("a source file");
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let list = list.split(|letter| {
                    depth += i32::from(letter == '{') - i32::from(letter == '}');
                    depth < 0
                });
                let mut depth = 0;
                for part in list.take(1).flat_map(|list| list.split(',')) {
                    if depth == 0 {
                        found.insert(first_word(part));
                    }
                    depth += part.matches('{').count() as i32 - part.matches('}').count() as i32;
                }
            }
            None => drop(found.insert(first_word(rest))),
        }
    }
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn modules_of_shared_crates_know_only_those_below_them() {
    for name in ["crates/platform", "crates/web", "components/core"] {
        let mut left = modules(&root().join(name).join("src"));
        assert!(!left.is_empty(), "{name} has no modules");
        while !left.is_empty() {
            let above: BTreeSet<String> = left.keys().cloned().collect();
            let before = left.len();
            left.retain(|_, named| named.intersection(&above).next().is_some());
            assert!(left.len() < before, "these modules of {name} know each other: {left:#?}");
        }
    }
}

#[test]
fn components_have_no_sql() {
    for group in ["auth", "boards", "heartbeat", "system", "tasks", "webhooks"] {
        let source = root().join("components").join(group).join("src");
        for entry in fs::read_dir(&source).expect("a component's source") {
            let path = entry.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("a source file");
            for word in ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"] {
                assert!(!text.contains(word), "{} has SQL of its own: {word}", path.display());
            }
        }
    }
}
