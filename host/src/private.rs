//! Folders and files that nobody else can read or change.
//!
//! What lies in the state folder signs people in and is executed. A folder that others can write to is therefore refused,
//! rather than trusted or silently mended: what they may have put there stays theirs.

use anyhow::{Context, bail, ensure};
use rustix::process::geteuid;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
const OTHERS_WRITE: u32 = 0o022;
const WORLD_WRITES: u32 = 0o002;
const OTHERS_READ_OR_WRITE: u32 = 0o066;
const STICKY: u32 = 0o1000;

/// Creates a folder that only its owner can enter; one that exists stays as it is.
///
/// # Errors
/// When it cannot be created, or others could change what is in it.
pub fn create_private(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(path)
        .with_context(|| format!("cannot create the folder {}: choose another --state-dir", path.display()))?;
    check_folder(path)
}

/// Refuses a folder that somebody else could change, exchange or fill.
fn check_folder(path: &Path) -> anyhow::Result<()> {
    // Behind links: what counts is where the files really are.
    let folder = path.canonicalize().with_context(|| format!("cannot find the folder {}", path.display()))?;
    let metadata = folder.metadata().with_context(|| format!("cannot inspect the folder {}", path.display()))?;
    check_owner(&folder, &metadata)?;
    ensure!(
        metadata.mode() & OTHERS_WRITE == 0,
        "others can write to the folder {0}, and what is in it gets trusted and executed: \
         make sure that all of it is yours, then run `chmod go-w '{0}'`",
        folder.display()
    );
    folder.ancestors().skip(1).try_for_each(check_parent)
}

/// A folder above. Its owner and group may be others: a folder that they put in place of ours would be theirs, and be refused.
fn check_parent(folder: &Path) -> anyhow::Result<()> {
    let metadata = folder.metadata().with_context(|| format!("cannot inspect the folder {}", folder.display()))?;
    ensure!(
        metadata.mode() & WORLD_WRITES == 0 || metadata.mode() & STICKY != 0,
        "anybody can write to {0}, the folder above the state folder, and could exchange what is in it: \
         choose another --state-dir, or run `chmod o-w '{0}'`",
        folder.display()
    );
    Ok(())
}

/// The superuser may own what is ours, since they can do everything anyway.
fn check_owner(path: &Path, metadata: &Metadata) -> anyhow::Result<()> {
    let (owner, own) = (metadata.uid(), geteuid().as_raw());
    ensure!(
        owner == own || owner == 0,
        "{} belongs to another user (id {owner}, and this program runs as id {own}): \
         run it as that user, or choose another --state-dir",
        path.display()
    );
    Ok(())
}

/// Options that create a file which only its owner can read, and follow no link.
pub fn private_file() -> OpenOptions {
    let mut options = File::options();
    options.mode(FILE_MODE).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options
}

/// Creates an empty file before somebody else, such as SQLite, would create it with another mode.
pub fn create_private_file(path: &Path) -> anyhow::Result<()> {
    match File::options().write(true).create_new(true).mode(FILE_MODE).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot create {}", path.display())),
    }
}

/// Takes others' rights to a file that exists.
pub fn make_private(path: &Path) -> anyhow::Result<()> {
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(());
    };
    check_owner(path, &metadata)?;
    if !metadata.is_file() || metadata.mode() & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, Permissions::from_mode(FILE_MODE))
        .with_context(|| format!("cannot make {} private", path.display()))
}

/// Reads a secret; `None` if there is no such file.
///
/// # Errors
/// When it belongs to somebody else, or others can read or change it.
pub fn read_secret(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    let mut file = match private_file().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    // Of the open file, not of its name: nobody can exchange it in between.
    let metadata = file.metadata().with_context(|| format!("cannot inspect {}", path.display()))?;
    ensure!(metadata.is_file(), "{} is not a file", path.display());
    check_owner(path, &metadata)?;
    if metadata.mode() & OTHERS_READ_OR_WRITE != 0 {
        bail!(
            "others can read or change {0}, which holds a secret: remove the file to get a new one, \
             or run `chmod 600 '{0}'` if nobody else had access",
            path.display()
        );
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn folder(mode: u32) -> (tempfile::TempDir, PathBuf) {
        let base = tempfile::tempdir().expect("a folder");
        let path = base.path().join("state");
        create_private(&path).expect("created");
        set_mode(&path, mode);
        (base, path)
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().expect("metadata").mode() & 0o777
    }

    fn error<T>(result: anyhow::Result<T>) -> String {
        format!("{:#}", result.err().expect("an error"))
    }

    #[test]
    fn new_folders_are_private_at_every_level() {
        let base = tempfile::tempdir().expect("a folder");
        create_private(&base.path().join("a/b")).expect("created");
        assert_eq!(mode(&base.path().join("a")), 0o700);
        assert_eq!(mode(&base.path().join("a/b")), 0o700);
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_refused_whatever_they_may_read() {
        for open in [0o770, 0o707, 0o777, 0o1777, 0o720] {
            let (_base, path) = folder(open);
            let error = error(create_private(&path));
            assert!(error.contains("chmod go-w"), "{open:o}: {error}");
        }
        for closed in [0o700, 0o750, 0o755] {
            let (_base, path) = folder(closed);
            create_private(&path).expect("readable folders are fine");
        }
    }

    #[test]
    fn a_folder_above_that_anybody_can_change_is_refused_unless_it_is_sticky() {
        let (base, path) = folder(0o700);
        set_mode(base.path(), 0o777);
        assert!(error(create_private(&path)).contains("anybody can write"));
        set_mode(base.path(), 0o1777);
        create_private(&path).expect("as in /tmp");
        let link = base.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        set_mode(&path, 0o777);
        assert!(error(create_private(&link)).contains("chmod go-w"));
    }

    #[test]
    fn what_belongs_to_others_is_refused() {
        if !geteuid().is_root() {
            eprintln!("skipped: only the superuser can give files away");
            return;
        }
        let (_base, path) = folder(0o700);
        let secret = path.join("secret");
        std::fs::write(&secret, "x").expect("written");
        set_mode(&secret, 0o600);
        std::os::unix::fs::chown(&secret, Some(4242), None).expect("given away");
        assert!(error(read_secret(&secret)).contains("another user (id 4242"));
        std::os::unix::fs::chown(&path, Some(4242), None).expect("given away");
        assert!(error(create_private(&path)).contains("another user (id 4242"));
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let (_base, path) = folder(0o700);
        let secret = path.join("secret");
        assert!(read_secret(&secret).expect("none yet").is_none());
        std::fs::write(&secret, "x").expect("written");
        for open in [0o644, 0o640, 0o620, 0o602] {
            set_mode(&secret, open);
            assert!(error(read_secret(&secret)).contains("chmod 600"), "{open:o}");
        }
        set_mode(&secret, 0o600);
        assert_eq!(read_secret(&secret).expect("a secret").as_deref(), Some(&b"x"[..]));
        let link = path.join("link");
        std::os::unix::fs::symlink(&secret, &link).expect("a link");
        read_secret(&link).expect_err("a link is not followed");
    }

    #[test]
    fn files_become_private() {
        let (_base, path) = folder(0o755);
        let file = path.join("file");
        make_private(&file).expect("none yet");
        create_private_file(&file).expect("created");
        assert_eq!(mode(&file), 0o600);
        set_mode(&file, 0o644);
        create_private_file(&file).expect("it exists");
        make_private(&file).expect("made private");
        assert_eq!(mode(&file), 0o600);
    }
}
