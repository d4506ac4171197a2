//! Application variables: where values come from, and the templates that use them.

use crate::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use crate::manifest::{VariableDeclaration, is_variable_name};
use crate::state::State;
use anyhow::{Context, bail, ensure};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use wasmtime::component::{Accessor, HasSelf};

/// The values of an application's declared variables.
#[derive(Default)]
pub struct Variables(BTreeMap<String, Option<String>>);

impl Variables {
    /// Finds each declared variable's value: given explicitly, then in the environment, then in
    /// the `.env` file, then the fallback, then the default.
    ///
    /// A required variable without a value is an error, and so is a given one that is not declared.
    pub fn resolve(
        declared: &BTreeMap<String, VariableDeclaration>,
        given: &BTreeMap<String, String>,
        environment: impl Fn(&str) -> Option<String>,
        dotenv: &BTreeMap<String, String>,
        fallback: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        if let Some(name) = given.keys().find(|name| !declared.contains_key(*name)) {
            // What is no name may be a value that was given without one.
            ensure!(
                is_variable_name(name),
                "a value was given for what is not the name of a variable (it is not shown)"
            );
            bail!("variable '{name}' is not declared under [variables] in the manifest");
        }
        let mut values = BTreeMap::new();
        for (name, declaration) in declared {
            let key = environment_name(name);
            let value = given
                .get(name)
                .cloned()
                .or_else(|| environment(&key))
                .or_else(|| dotenv.get(&key).cloned())
                .or_else(|| fallback.get(name).cloned())
                .or_else(|| declaration.default.clone());
            if value.is_none() && declaration.required {
                bail!("variable '{name}' is required: set {key} or pass --variable {name}=...");
            }
            values.insert(name.clone(), value);
        }
        Ok(Self(values))
    }

    /// A variable's value, if it is declared and has one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }

    /// Fills in a template's `{{ name }}` parts.
    ///
    /// # Errors
    /// When it is malformed or names what has no value. The error repeats nothing of the template, which may hold secrets.
    pub fn expand(&self, template: &str) -> anyhow::Result<String> {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").context("a '{{' is not closed")?;
            let name = name.trim();
            ensure!(is_variable_name(name), "what is between '{{{{' and '}}}}' is not the name of a variable");
            let value = self.0.get(name).with_context(|| format!("the variable '{name}' is not declared"))?;
            text.push_str(before);
            text.push_str(value.as_deref().with_context(|| format!("the variable '{name}' has no value"))?);
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// Names only: the values may be secret.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The environment variable that holds an application variable's value.
pub fn environment_name(variable: &str) -> String {
    format!("SPIN_VARIABLE_{}", variable.to_ascii_uppercase())
}

/// Reads a `.env` file; one that does not exist is empty.
pub fn read_dotenv(path: &Path) -> BTreeMap<String, String> {
    std::fs::read_to_string(path).map(|text| parse_dotenv(&text)).unwrap_or_default()
}

fn parse_dotenv(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), unquoted(value.trim()).to_owned()))
        .collect()
}

fn unquoted(value: &str) -> &str {
    ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(value)
}

impl Host for State {}

impl<T: 'static> HostWithStore<T> for HasSelf<State> {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> wasmtime::Result<Result<String, Error>> {
        Ok(accessor.with(|mut access| {
            let variables = &access.get().component.variables;
            match variables.get(&name) {
                Some(Ok(value)) => Ok(value.clone()),
                Some(Err(problem)) => Err(Error::Provider(problem.clone())),
                None if !is_variable_name(&name) => Err(Error::InvalidName(name)),
                None => Err(Error::Undefined(format!("no variable for '{name}'"))),
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn declared(default: Option<&str>, required: bool) -> BTreeMap<String, VariableDeclaration> {
        let declaration = VariableDeclaration { default: default.map(str::to_owned), required, secret: false };
        [("color".to_owned(), declaration)].into()
    }

    #[test]
    fn explicit_beats_environment_beats_dotenv_beats_default() {
        let key = "SPIN_VARIABLE_COLOR";
        let declared = declared(Some("default"), false);
        let value = |given: &[(&str, &str)], environment: Option<&str>, dotenv: &[(&str, &str)]| {
            let environment = |name: &str| environment.filter(|_| name == key).map(str::to_owned);
            Variables::resolve(&declared, &map(given), environment, &map(dotenv), &map(&[("other", "x")]))
                .and_then(|variables| variables.expand("{{ color }}"))
                .expect("a value")
        };
        assert_eq!(value(&[("color", "given")], Some("env"), &[(key, "file")]), "given");
        assert_eq!(value(&[], Some("env"), &[(key, "file")]), "env");
        assert_eq!(value(&[], None, &[(key, "file")]), "file");
        assert_eq!(value(&[], None, &[]), "default");
    }

    #[test]
    fn a_required_variable_wants_a_value() {
        let result = Variables::resolve(&declared(None, true), &map(&[]), |_| None, &map(&[]), &map(&[]));
        let error = result.expect_err("nothing gives a value").to_string();
        assert!(error.contains("SPIN_VARIABLE_COLOR"), "{error}");
    }

    #[test]
    fn undeclared_values_are_errors() {
        for (given, shown) in [("colour", "'colour'"), ("bG9naW4", "not shown"), ("a b", "not shown")] {
            let given = map(&[(given, "secret")]);
            let result = Variables::resolve(&declared(None, false), &given, |_| None, &map(&[]), &map(&[]));
            let error = result.expect_err("nobody declared it").to_string();
            assert!(error.contains(shown) && !error.contains("secret") && !error.contains("bG9naW4"), "{error}");
        }
    }

    #[test]
    fn templates_mix_text_and_variables() {
        let variables = Variables([("a".to_owned(), Some("1".to_owned())), ("b".to_owned(), None)].into());
        assert_eq!(variables.expand("x{{a}}y{{ a }}").expect("valid"), "x1y1");
        assert_eq!(variables.expand("plain").expect("valid"), "plain");
        for bad in ["secret{{ a", "secret{{ b }}", "secret{{ c }}", "secret{{ SECRET secret }}"] {
            let error = format!("{:#}", variables.expand(bad).expect_err(bad));
            assert!(!error.to_ascii_lowercase().contains("secret"), "{error}");
        }
    }

    #[test]
    fn dotenv_lines_may_be_quoted_or_comments() {
        let parsed = parse_dotenv("# no\nA=1\nexport B=\"two words\"\n\nC='x=y'\nnonsense");
        assert_eq!(parsed, map(&[("A", "1"), ("B", "two words"), ("C", "x=y")]));
    }
}
