//! The local access token and other secrets that are made once and kept in the state folder.

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mission_control_host::read_secret;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// 54 characters as text, more than the 50 that a local token needs.
const TOKEN_BYTES: usize = 40;

/// A secret of the state folder, such as the local access token.
pub struct LocalToken {
    /// The secret itself.
    pub value: String,
    /// The file that keeps it.
    pub path: PathBuf,
    /// Whether it was made just now.
    pub is_new: bool,
}

impl LocalToken {
    /// Reads the token in the folder `state_dir`, or makes one.
    pub fn load_or_create(state_dir: &Path) -> anyhow::Result<Self> {
        Self::kept_as("local_auth_token", state_dir)
    }

    /// The same for another secret, which the folder keeps in a file of this name.
    pub fn kept_as(name: &str, state_dir: &Path) -> anyhow::Result<Self> {
        let path = state_dir.join(name);
        let create = File::options().write(true).create_new(true).mode(0o600).open(&path);
        match create {
            Ok(mut file) => {
                let value = random_token()?;
                let written = writeln!(file, "{value}").and_then(|()| file.sync_all());
                written.with_context(|| format!("cannot write {}", path.display()))?;
                Ok(Self { value, path, is_new: true })
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(error).with_context(|| format!("cannot create {}", path.display())),
        }
    }

    fn load(path: PathBuf) -> anyhow::Result<Self> {
        let bytes = read_secret(&path)?.with_context(|| format!("cannot read {}", path.display()))?;
        let value = String::from_utf8(bytes).unwrap_or_default().trim().to_owned();
        ensure!(
            value.len() >= 50,
            "{} holds no token of 50 or more characters: remove the file to get a new one",
            path.display()
        );
        Ok(Self { value, path, is_new: false })
    }
}

/// A new secret that nobody can guess.
pub fn random_token() -> anyhow::Result<String> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_token_is_made_once_and_private() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = LocalToken::load_or_create(folder.path()).expect("a token");
        let second = LocalToken::load_or_create(folder.path()).expect("the token");
        assert!(first.is_new && !second.is_new);
        assert_eq!(first.value, second.value);
        assert!(first.value.len() >= 50);
        let metadata = first.path.metadata().expect("metadata");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn an_emptied_token_file_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = LocalToken::load_or_create(folder.path()).expect("a token");
        std::fs::write(&first.path, "short\n").expect("written");
        assert!(LocalToken::load_or_create(folder.path()).is_err());
    }

    #[test]
    fn a_token_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = LocalToken::load_or_create(folder.path()).expect("a token");
        std::fs::set_permissions(&first.path, std::fs::Permissions::from_mode(0o644)).expect("a mode");
        let error = LocalToken::load_or_create(folder.path()).err().expect("an error").to_string();
        assert!(error.contains("chmod 600") && !error.contains(&first.value), "{error}");
    }
}
