//! What the command trusts, and what it shows.

use super::{Running, application, command, failure};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

#[test]
fn up_refuses_what_others_could_have_planted() {
    let setup = application();
    let folder = setup.folder.path();
    let state = folder.join(".mission-control");
    let set_mode = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    std::fs::create_dir(&state).expect("a folder");
    std::fs::write(state.join("local_auth_token"), "planted-".repeat(10)).expect("written");
    set_mode(&state, 0o777);
    let error = failure(&mut command(folder));
    assert!(error.contains("others can write to the folder") && error.contains("chmod go-w"), "{error}");
    set_mode(&state, 0o755);
    set_mode(&state.join("local_auth_token"), 0o644);
    let error = failure(&mut command(folder));
    assert!(error.contains("others can read or change") && error.contains("chmod 600"), "{error}");
    std::fs::remove_file(state.join("local_auth_token")).expect("removed");
    std::fs::create_dir(state.join("cache")).expect("a folder");
    set_mode(&state.join("cache"), 0o775);
    let error = failure(&mut command(folder));
    assert!(error.contains("others can write to the folder") && error.contains("cache"), "{error}");
}

#[test]
fn a_damaged_or_planted_cache_is_made_anew() {
    let setup = application();
    let folder = setup.folder.path();
    drop(Running::start(folder));
    let cache = folder.join(".mission-control/cache");
    let files = || {
        let entries = std::fs::read_dir(&cache).expect("a cache").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.extension().is_some_and(|end| end == "cwasm")).collect::<Vec<_>>()
    };
    let change = |change: &dyn Fn(&mut Vec<u8>)| {
        for file in files() {
            let mut content = std::fs::read(&file).expect("a file");
            change(&mut content);
            std::fs::write(&file, content).expect("written");
        }
    };
    let good = std::fs::read(&files()[0]).expect("a file");
    change(&|content| {
        let middle = content.len() / 3;
        content[middle..middle * 2].fill(0xcc);
    });
    assert_eq!(Running::start(folder).get("/variable?name=auth_mode"), "local");
    change(&|content| content.truncate(content.len() / 2));
    assert_eq!(Running::start(folder).get("/variable?name=auth_mode"), "local");
    // As an earlier version wrote it, or whoever has no key.
    change(&|content| content.truncate(content.len() - 32));
    assert_eq!(Running::start(folder).get("/variable?name=auth_mode"), "local");
    assert_eq!(std::fs::read(&files()[0]).expect("a file").len(), good.len());
}

#[test]
fn errors_show_no_values() {
    let setup = application();
    let folder = setup.folder.path();
    std::fs::write(folder.join("bad.toml"), "[key_value_store.default]\ntype = \"redis\"\nurl = \"redis://:SECRET@x")
        .expect("written");
    for arguments in [
        &["--variable", "SECRET"] as &[&str],
        &["--variable", "SECRET=x"],
        &["--variable", "base_url=@SECRET"],
        &["--variable=-SECRET"],
        &["--variable", "--SECRET"],
        &["--runtime-config", "bad.toml"],
    ] {
        let error = failure(command(folder).args(arguments));
        assert!(!error.contains("SECRET"), "{error}");
    }
    for arguments in [&["--variable", "base_url=", "SECRET"] as &[&str], &["--variable", "a=b", "-SECRET"]] {
        let Output { status, stderr, .. } = command(folder).args(arguments).output().expect("the command runs");
        let error = String::from_utf8(stderr).expect("text");
        assert_eq!(status.code(), Some(2), "{error}");
        assert!(!error.contains("SECRET") && error.contains("unexpected argument"), "{error}");
    }
}

#[test]
fn all_commands_take_what_up_takes() {
    let setup = application();
    let folder = setup.folder.path();
    std::fs::write(folder.join("rc.toml"), "[sqlite_database.default]\ntype = \"spin\"\npath = \"data/app.db\"\n")
        .expect("written");
    std::fs::create_dir(folder.join("data")).expect("a folder");
    let arguments = ["--app", "spin.toml", "--state-dir", "state", "--runtime-config-file", "rc.toml"];
    let run = |name: &str, further: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mission-control"));
        command.current_dir(folder).arg(name).args(arguments).args(further).output().expect("the command runs")
    };
    assert_eq!(run("doctor", &[]).status.code(), Some(1), "nothing is there yet");
    let migrated = run("migrate", &["--variable", "base_url=https://example.org"]);
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    assert!(String::from_utf8_lossy(&migrated.stdout).contains("Applied"));
    assert!(folder.join("data/app.db").exists() && !folder.join("state/mission-control.db").exists());
    assert!(run("doctor", &[]).status.success());
    assert_eq!(run("doctor", &["--variable", "auth_mode=oidc"]).status.code(), Some(1));
}
