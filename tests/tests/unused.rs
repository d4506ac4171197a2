//! Nothing public is there that nobody uses: the compiler warns about private items alone. A name counts as used where
//! it stands in code that is shipped, tests aside, besides its definitions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mission_control_platform::settings;
use mission_control_tests::root;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use toml::{Table, Value};

/// Folders of shipped code.
const SHIPPED: [&str; 3] = ["components", "crates", "host"];
/// What only measures or checks shipped code.
const CHECKING: [&str; 2] = ["tests", "probe"];
const ITEMS: [&str; 7] = ["const", "enum", "fn", "static", "struct", "trait", "type"];

/// What only native tests call: they have a connection, and components a database.
const FOR_TESTS: [&str; 1] = ["tick_on"];
/// The fallback of another setting, which the settings read themselves.
const FALLBACK: &str = "rq_redis_url";
/// A crate whose tests take in files of another folder.
const SHARED: (&str, &str) = ("host/cli", "host/tests/common");

/// The names in a file's code, tests aside: how often each stands there and is defined there, and the public ones.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    defined: Vec<String>,
    public: Vec<String>,
    /// The names in the bodies of macros.
    in_macros: BTreeSet<String>,
    /// Files of modules that are compiled for tests alone.
    test_modules: Vec<String>,
}

impl Names {
    fn of(text: &str) -> Self {
        let mut names = Self::default();
        names.read(text.parse().expect("Rust"));
        names
    }

    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if is_test_attribute(&tokens[at..]) {
                at += self.test_item(&tokens[at..]);
                continue;
            }
            match token {
                TokenTree::Group(group) => {
                    if at > 2 && word(&tokens[at - 3]).is_some_and(|word| word == "macro_rules") {
                        add_words(group.stream(), &mut self.in_macros);
                    }
                    self.read(group.stream());
                }
                TokenTree::Ident(name) => self.name(&name.to_string(), &tokens[..at]),
                _ => {}
            }
            at += 1;
        }
    }

    fn name(&mut self, name: &str, before: &[TokenTree]) {
        self.all.push(name.to_owned());
        let word = |back: usize| before.len().checked_sub(back).and_then(|at| word(&before[at]));
        if !word(1).is_some_and(|word| ITEMS.contains(&word.as_str())) {
            return;
        }
        self.defined.push(name.to_owned());
        let qualifiers = ["async", "const", "unsafe", "extern"];
        let first = (2..).find(|back| !word(*back).is_some_and(|word| qualifiers.contains(&word.as_str())));
        if first.and_then(word).is_some_and(|word| word == "pub") {
            self.public.push(name.to_owned());
        }
    }

    /// Passes over what is compiled for tests alone, and gives how many tokens that is.
    fn test_item(&mut self, tokens: &[TokenTree]) -> usize {
        let end = tokens.iter().position(|token| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(point) => point.as_char() == ';',
            _ => false,
        });
        let end = end.unwrap_or(tokens.len() - 1);
        let is_module = |at: &usize| word(&tokens[*at]).is_some_and(|word| word == "mod");
        if let Some(module) = (0..end).find(is_module).and_then(|at| word(tokens.get(at + 1)?)) {
            self.test_modules.push(module);
        }
        end + 1
    }
}

fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    }
}

/// Whether `#[cfg(test)]` begins here.
fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let is_test = |group: &Group| group.stream().to_string().replace(' ', "") == "cfg(test)";
    matches!(tokens, [TokenTree::Punct(hash), TokenTree::Group(group), ..] if hash.as_char() == '#' && is_test(group))
}

/// All shipped files with what stands in them.
fn shipped() -> BTreeMap<PathBuf, Names> {
    let mut files = BTreeMap::new();
    for folder in SHIPPED.map(|folder| root().join(folder)) {
        collect(&folder, &mut files);
    }
    let of_module = |file: &Path, module: &str| {
        let folder = file.parent().expect("a folder");
        let own = folder.join(file.file_stem().expect("a name"));
        [folder, &own].map(|folder| [folder.join(format!("{module}.rs")), folder.join(module)])
    };
    let modules = files.iter().flat_map(|(file, names): (&PathBuf, &Names)| {
        names.test_modules.iter().flat_map(|module| of_module(file, module)).flatten()
    });
    let tests: BTreeSet<PathBuf> = modules.collect();
    files.retain(|file, _| !file.ancestors().any(|part| tests.contains(part)));
    files
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Names>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !CHECKING.contains(&name) {
            collect(&path, files);
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(&path).expect("the file is read");
            files.insert(path, Names::of(&text));
        }
    }
}

fn count<'a>(names: impl Iterator<Item = &'a String>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    names.for_each(|name| *counts.entry(name.as_str()).or_default() += 1);
    counts
}

#[test]
fn everything_public_is_used() {
    let files = shipped();
    let all = count(files.values().flat_map(|names| &names.all));
    let defined = count(files.values().flat_map(|names| &names.defined));
    let unused = files.iter().flat_map(|(file, names)| {
        let unused = names.public.iter().filter(|name| all[name.as_str()] <= defined[name.as_str()]);
        let unused = unused.filter(|name| !FOR_TESTS.contains(&name.as_str()));
        unused.map(|name| format!("{}: {name}", file.strip_prefix(root()).unwrap_or(file).display()))
    });
    let unused: Vec<String> = unused.collect();
    assert!(unused.is_empty(), "nobody uses these, tests aside:\n{}", unused.join("\n"));
}

#[test]
fn every_setting_is_read() {
    let files = shipped();
    let outside = files.iter().filter(|(file, _)| !file.components().any(|part| part.as_os_str() == "settings"));
    let used: BTreeSet<&str> = outside.flat_map(|(_, names)| names.all.iter().map(String::as_str)).collect();
    let unused: Vec<&&str> =
        settings::NAMES.iter().filter(|name| !used.contains(**name) && **name != FALLBACK).collect();
    assert!(unused.is_empty(), "nobody reads these settings: {unused:?}");
}

#[test]
fn every_dependency_is_used() {
    let manifest = |folder: &Path| -> Table {
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        text.parse().expect("TOML")
    };
    // What a macro writes stands in the crates that call it.
    let mut in_macros = BTreeSet::new();
    shipped().values().for_each(|names| in_macros.extend(names.in_macros.iter().cloned()));
    let mut unused = Vec::new();
    for member in manifest(&root())["workspace"]["members"].as_array().expect("members") {
        let folder = root().join(member.as_str().expect("a folder"));
        let mut words = in_macros.clone();
        all_words(&folder, &mut words);
        if member.as_str() == Some(SHARED.0) {
            all_words(&root().join(SHARED.1), &mut words);
        }
        let manifest = manifest(&folder);
        let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
        let tables = targets.filter_map(Value::as_table).chain([&manifest]);
        let names = tables.flat_map(|table| ["dependencies", "dev-dependencies"].map(|kind| table.get(kind)));
        let names = names.flatten().filter_map(Value::as_table).flat_map(Table::keys);
        // A crate that depends on itself only turns a feature on, for its tests.
        let own = manifest["package"]["name"].as_str().expect("a name");
        let crates = names.filter(|name| *name != own).map(|name| (name, name.replace('-', "_")));
        unused.extend(crates.filter(|(_, name)| !words.contains(name)).map(|(name, _)| format!("{member}: {name}")));
    }
    assert!(unused.is_empty(), "nobody uses these dependencies: {unused:?}");
}

fn add_words(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => add_words(group.stream(), words),
            token => words.extend(word(&token)),
        }
    }
}

fn all_words(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all_words(&path, words);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            add_words(std::fs::read_to_string(&path).expect("the file is read").parse().expect("Rust"), words);
        }
    }
}

#[test]
fn only_shipped_code_counts() {
    let names = Names::of(
        "pub async fn told() { call!(inner(5)) }
         pub(crate) fn kept() {}
         /// `mentioned`
         #[cfg(test)]
         mod tests { fn tested() {} }
         #[cfg(test)]
         mod told_tests;
         impl T { pub const LIMIT: u8 = 1; }",
    );
    assert_eq!(names.public, ["told", "LIMIT"]);
    assert_eq!(names.defined, ["told", "kept", "LIMIT"]);
    assert_eq!(names.test_modules, ["tests", "told_tests"]);
    assert!(names.all.contains(&"inner".to_owned()));
    assert!(!names.all.contains(&"tested".to_owned()) && !names.all.contains(&"mentioned".to_owned()));
}
