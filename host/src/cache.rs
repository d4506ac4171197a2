//! Compiled components on disk, each under a code that only the folder's user can make.

use crate::private::{create_private, private_file, read_secret};
use anyhow::{Context, anyhow};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// As long as a block of SHA-256.
const KEY_BYTES: usize = 64;
const CODE_BYTES: usize = 32;

/// A folder of compiled components.
///
/// What is in them gets executed, so that a file counts only with the right code (HMAC-SHA-256) before its content. Whoever
/// cannot read the key cannot make one, and what is damaged has none.
pub struct Cache {
    folder: PathBuf,
    key: [u8; KEY_BYTES],
}

impl Cache {
    /// Uses this folder, and creates it and its key where they are missing.
    ///
    /// # Errors
    /// When others could change what is in the folder, or it cannot be used.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        create_private(folder)?;
        let path = folder.join("key");
        let read = || -> anyhow::Result<Option<[u8; KEY_BYTES]>> {
            Ok(read_secret(&path)?.and_then(|key| key.try_into().ok()))
        };
        if let Some(key) = read()? {
            return Ok(Self { folder: folder.to_owned(), key });
        }
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
        let failed = || format!("cannot write to the cache {}", folder.display());
        // A key of another length is damaged, and all that it vouched for with it.
        if path.exists() {
            std::fs::remove_file(&path).with_context(failed)?;
        }
        write_once(&path, &key).with_context(failed)?;
        // Another process may have been first.
        let key = read()?.with_context(|| format!("the cache {} is in use: try again", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), key })
    }

    /// Whether there is a file of this name, be it good or not.
    pub fn contains(&self, name: &str) -> bool {
        self.folder.join(name).is_file()
    }

    /// What was stored under this name, if it is still the same.
    pub fn load(&self, name: &str) -> Option<Vec<u8>> {
        let mut content = std::fs::read(self.folder.join(name)).ok()?;
        let code = content.split_off(content.len().checked_sub(CODE_BYTES)?);
        self.code(name, &content).verify_slice(&code).ok()?;
        Some(content)
    }

    /// Stores bytes under a name, in place of what was there.
    pub fn store(&self, name: &str, content: &[u8]) -> std::io::Result<()> {
        let path = self.folder.join(name);
        let unfinished = unfinished(&path);
        let code = self.code(name, content).finalize().into_bytes();
        let mut file = private_file().write(true).create_new(true).open(&unfinished)?;
        file.write_all(content)?;
        file.write_all(&code)?;
        // Beside the final name first: a reader never sees half a file.
        std::fs::rename(&unfinished, path)
    }

    /// The name belongs to it: a file cannot stand for another one.
    fn code(&self, name: &str, content: &[u8]) -> Hmac<Sha256> {
        let mut code = Hmac::<Sha256>::new(&self.key.into());
        code.update(name.as_bytes());
        code.update(&[0]);
        code.update(content);
        code
    }
}

/// Writes a file that does not exist, whole or not at all.
fn write_once(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let unfinished = unfinished(path);
    let mut file = private_file().write(true).create_new(true).open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&unfinished, path);
    std::fs::remove_file(&unfinished)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Other threads and processes may write the same file at the same time.
fn unfinished(path: &Path) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    path.with_extension(format!("{process}-{count}.tmp"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(&folder.path().join("cache")).expect("a cache");
        (folder, cache)
    }

    #[test]
    fn what_is_stored_comes_back_after_a_restart_and_is_private() {
        let (_folder, cache) = cache();
        assert!(cache.load("a").is_none());
        cache.store("a", b"first").expect("stored");
        cache.store("a", b"second").expect("stored");
        let cache = Cache::open(&cache.folder).expect("the cache");
        assert_eq!(cache.load("a").as_deref(), Some(&b"second"[..]));
        for name in ["a", "key"] {
            let mode = cache.folder.join(name).metadata().expect("metadata").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert_eq!(std::fs::read_dir(&cache.folder).expect("a folder").count(), 2, "nothing unfinished is left");
    }

    #[test]
    fn a_file_that_was_changed_cut_planted_or_renamed_does_not_count() {
        let (_folder, cache) = cache();
        cache.store("a", b"native code").expect("stored");
        let path = cache.folder.join("a");
        let good = std::fs::read(&path).expect("a file");
        for index in 0..good.len() {
            let mut bad = good.clone();
            bad[index] ^= 1;
            std::fs::write(&path, bad).expect("written");
            assert!(cache.load("a").is_none(), "byte {index}");
        }
        for length in 0..good.len() {
            std::fs::write(&path, &good[..length]).expect("written");
            assert!(cache.load("a").is_none(), "cut to {length}");
        }
        std::fs::write(cache.folder.join("b"), &good).expect("written");
        assert!(cache.load("b").is_none(), "under another name");
        std::fs::write(&path, &good).expect("written");
        assert!(cache.load("a").is_some());
    }

    #[test]
    fn another_key_vouches_for_nothing() {
        let (_folder, cache) = cache();
        cache.store("a", b"native code").expect("stored");
        std::fs::write(cache.folder.join("key"), b"short").expect("written");
        let cache = Cache::open(&cache.folder).expect("a cache");
        assert!(cache.load("a").is_none());
        cache.store("a", b"native code").expect("stored");
        assert!(cache.load("a").is_some());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let (_folder, cache) = cache();
        let key = cache.folder.join("key");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("a mode");
        assert!(Cache::open(&cache.folder).is_err());
    }

    #[test]
    fn processes_that_start_together_agree_on_the_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cache");
        let open = || Cache::open(&path).expect("a cache").key;
        let keys: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().expect("a key")).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }
}
