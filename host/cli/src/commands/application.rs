//! Where the application, its state and its settings are: the same for every command.

use anyhow::{Context, ensure};
use clap::Args;
use mission_control_host::HostConfig;
use mission_control_host::manifest::is_variable_name;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What every command can be told; the names are Spin's where Spin has the same.
#[derive(Args)]
pub struct ApplicationArguments {
    /// The application manifest.
    #[arg(long, short = 'f', alias = "from", value_name = "FILE", default_value = "spin.toml")]
    app: PathBuf,
    /// The folder for databases, compiled components and the local token.
    #[arg(long, value_name = "FOLDER", default_value = ".mission-control")]
    state_dir: PathBuf,
    /// A file that says where databases and key-value stores are.
    #[arg(long, alias = "runtime-config-file", value_name = "FILE")]
    runtime_config: Option<PathBuf>,
    /// A variable's value, or @ and a file that holds it.
    // As text: clap would print a value that it cannot read.
    #[arg(long = "variable", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    variables: Vec<String>,
}

impl ApplicationArguments {
    /// The host's settings, with defaults for what these arguments do not say.
    ///
    /// # Errors
    /// When a variable cannot be read. The error does not show it.
    pub fn config(self) -> anyhow::Result<HostConfig> {
        let mut config = HostConfig::new(self.app, self.state_dir);
        config.runtime_config = self.runtime_config;
        config.variables = variables(&self.variables)?;
        Ok(config)
    }
}

fn variables(given: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let variables = given.iter().enumerate();
    variables
        .map(|(index, text)| parse_variable(text).with_context(|| format!("--variable number {}", index + 1)))
        .collect()
}

/// What is wrong is told without any part of the text: it may be a secret that stands where it should not.
fn parse_variable(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = text.split_once('=').context("it is not NAME=VALUE (and is not shown)")?;
    ensure!(is_variable_name(name), "what stands before the = is not the name of a variable (and is not shown)");
    let value = match value.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the file that '{name}' names after the @"))?,
        None => value.to_owned(),
    };
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(texts: &[&str]) -> anyhow::Result<BTreeMap<String, String>> {
        variables(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn values_may_hold_anything_or_come_from_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("value");
        std::fs::write(&file, "from a file").expect("written");
        let from_file = format!("b=@{}", file.display());
        let variables = parsed(&["a=x=y @", &from_file, "c=", "a=last"]).expect("valid");
        let pairs: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("a", "last"), ("b", "from a file"), ("c", "")]);
    }

    #[test]
    fn errors_show_no_part_of_the_text() {
        for bad in ["SECRET", "secret", "U0VDUkVU==", "SECRET=secret", "a=@/secret/SECRET", "-SECRET", "=secret"] {
            let error = format!("{:#}", parsed(&["x=y", bad]).expect_err(bad));
            assert!(error.starts_with("--variable number 2: "), "{error}");
            assert!(!error.to_ascii_lowercase().contains("secret") && !error.contains("U0V"), "{error}");
        }
    }
}
