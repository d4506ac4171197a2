//! Reads `spin.toml` (manifest version 2) into the parts that the host acts on.

use crate::toml_file;
use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An application as its `spin.toml` declares it.
#[derive(Debug)]
pub struct Manifest {
    /// The application's name.
    pub name: String,
    /// The application's version, if it has one.
    pub version: Option<String>,
    /// Declared variables by name.
    pub variables: BTreeMap<String, VariableDeclaration>,
    /// HTTP routes in the order of the file.
    pub routes: Vec<RouteDeclaration>,
    /// Components by id, only those that a route leads to.
    pub components: BTreeMap<String, ComponentDeclaration>,
}

/// One entry of `[variables]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariableDeclaration {
    /// Used when nothing else gives a value.
    pub default: Option<String>,
    /// Whether the application cannot start without a value.
    #[serde(default)]
    pub required: bool,
    /// Whether the value must not be shown.
    #[serde(default)]
    pub secret: bool,
}

/// One public `[[trigger.http]]` entry.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteDeclaration {
    /// The route's pattern as written.
    pub route: String,
    /// The id of the component that answers.
    pub component: String,
}

/// One `[component.<id>]` entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentDeclaration {
    /// The `.wasm` file; [`Manifest::load`] makes it relative to the manifest's folder.
    pub source: PathBuf,
    /// Hosts that the component may reach, possibly templates.
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    /// Labels of the key-value stores that it may open.
    #[serde(default)]
    pub key_value_stores: Vec<String>,
    /// Labels of the SQLite databases that it may open.
    #[serde(default)]
    pub sqlite_databases: Vec<String>,
    /// Variables that it can read, as templates over the application's variables.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    files: Vec<toml::Value>,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default, rename = "build")]
    _build: Option<toml::Value>,
    #[serde(default, rename = "tool")]
    _tool: Option<toml::Value>,
    #[serde(default, rename = "targets")]
    _targets: Option<toml::Value>,
}

#[derive(Deserialize)]
struct Document {
    spin_manifest_version: u32,
    application: Application,
    #[serde(default)]
    variables: BTreeMap<String, VariableDeclaration>,
    #[serde(default)]
    trigger: Triggers,
    #[serde(default)]
    component: BTreeMap<String, ComponentDeclaration>,
}

#[derive(Deserialize)]
struct Application {
    name: String,
    version: Option<String>,
}

#[derive(Default, Deserialize)]
struct Triggers {
    #[serde(default)]
    http: Vec<HttpTrigger>,
    #[serde(flatten)]
    others: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct HttpTrigger {
    route: Route,
    component: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Route {
    Public(String),
    Private { private: bool },
}

impl Manifest {
    /// Reads and checks a manifest file.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the application manifest {}", path.display()))?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Self::parse(&text, folder).with_context(|| format!("{} is not valid", path.display()))
    }

    /// Checks a manifest's text; `.wasm` paths count from `folder`.
    pub fn parse(text: &str, folder: &Path) -> anyhow::Result<Self> {
        let document: Document = toml_file::parse(text)?;
        ensure!(document.spin_manifest_version == 2, "only spin_manifest_version = 2 is supported");
        if let Some(other) = document.trigger.others.keys().next() {
            bail!("trigger type '{other}' is not supported, only http is");
        }
        let routes = public_routes(document.trigger.http)?;
        let mut components = BTreeMap::new();
        for RouteDeclaration { component, route } in &routes {
            let declaration = document
                .component
                .get(component)
                .with_context(|| format!("route {route} names the unknown component '{component}'"))?;
            components.entry(component.clone()).or_insert(checked(component, declaration, folder)?);
        }
        for (id, component) in &components {
            for name in component.variables.keys() {
                ensure!(is_variable_name(name), "component '{id}' has the malformed variable name '{name}'");
            }
        }
        for name in document.variables.keys() {
            ensure!(is_variable_name(name), "malformed variable name '{name}'");
        }
        Ok(Self {
            name: document.application.name,
            version: document.application.version,
            variables: document.variables,
            routes,
            components,
        })
    }
}

fn public_routes(triggers: Vec<HttpTrigger>) -> anyhow::Result<Vec<RouteDeclaration>> {
    let mut routes = Vec::new();
    for trigger in triggers {
        match trigger.route {
            Route::Public(route) => routes.push(RouteDeclaration { route, component: trigger.component }),
            Route::Private { private: true } => {}
            Route::Private { private: false } => {
                bail!("component '{}' has route {{ private = false }}: write the route's pattern", trigger.component)
            }
        }
    }
    Ok(routes)
}

fn checked(id: &str, declaration: &ComponentDeclaration, folder: &Path) -> anyhow::Result<ComponentDeclaration> {
    ensure!(declaration.files.is_empty(), "component '{id}' mounts files, which is not supported");
    let mut declaration = declaration.clone();
    declaration.source = folder.join(&declaration.source);
    Ok(declaration)
}

/// Whether `name` is a variable name: lower case words joined by single underscores.
pub fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && name.split('_').all(|word| {
            word.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
                && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
        && name.starts_with(|first: char| first.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "small"
        version = "1.0.0"
        [variables]
        token = { required = true, secret = true }
        greeting = { default = "hello" }
        [[trigger.http]]
        route = "/api/..."
        component = "api"
        [[trigger.http]]
        route = { private = true }
        component = "hidden"
        [component.api]
        source = "target/api.wasm"
        allowed_outbound_hosts = ["https://example.com"]
        sqlite_databases = ["default"]
        [component.api.variables]
        greeting = "{{ greeting }}!"
        [component.api.build]
        command = "cargo build"
        [component.hidden]
        source = "hidden.wasm"
    "#;

    #[test]
    fn reads_routes_components_and_variables() {
        let manifest = Manifest::parse(SMALL, Path::new("/app")).expect("a valid manifest");
        assert_eq!(manifest.name, "small");
        assert_eq!(manifest.routes.len(), 1);
        assert_eq!(manifest.routes[0].route, "/api/...");
        assert!(manifest.variables["token"].required);
        let api = &manifest.components["api"];
        assert_eq!(api.source, Path::new("/app/target/api.wasm"));
        assert_eq!(api.variables["greeting"], "{{ greeting }}!");
        assert!(!manifest.components.contains_key("hidden"));
    }

    #[test]
    fn unknown_component_keys_are_errors() {
        let text = SMALL.replace("sqlite_databases", "sqlite_database");
        let error = Manifest::parse(&text, Path::new(".")).expect_err("an unknown key");
        assert!(format!("{error:#}").contains("sqlite_database"), "{error:#}");
    }

    #[test]
    fn a_route_to_no_component_is_an_error() {
        let text = SMALL.replace("component = \"api\"", "component = \"ghost\"");
        let error = Manifest::parse(&text, Path::new(".")).expect_err("no such component");
        assert!(format!("{error:#}").contains("ghost"));
    }

    #[test]
    fn version_one_is_refused() {
        let text = SMALL.replace("spin_manifest_version = 2", "spin_manifest_version = 1");
        assert!(Manifest::parse(&text, Path::new(".")).is_err());
    }

    #[test]
    fn variable_names_are_lower_case_words() {
        for good in ["a", "base_url", "x1", "a_1"] {
            assert!(is_variable_name(good), "{good}");
        }
        for bad in ["", "A", "1a", "_a", "a_", "a__b", "a-b"] {
            assert!(!is_variable_name(bad), "{bad}");
        }
    }
}
