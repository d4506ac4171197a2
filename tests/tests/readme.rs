//! The session in the README works as printed.

use std::process::Command;

use mission_control_tests::{App, root};

/// What is between the section's ```` ```sh ```` fences, as one script.
fn script(readme: &str, section: &str) -> String {
    let (_, text) = readme.split_once(&format!("\n## {section}\n")).expect("the section");
    let text = text.split("\n## ").next().unwrap_or_default();
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.map(|(block, _)| block).collect()
}

#[test]
fn the_first_session_works_as_printed() {
    let app = App::start();
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README can be read");
    let script = format!("set -euo pipefail\n{}", script(&readme, "A first session"));
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(root())
        .env("URL", app.url())
        .env("TOKEN", app.token())
        .output()
        .expect("bash runs");
    let (printed, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{printed}\n{errors}", output.status);
    assert_eq!(printed.lines().last(), Some("- WEBHOOK EVENT RECEIVED"), "{printed}\n{errors}");
    for expected in ["in_progress", "review", "done", "- WEBHOOK PAYLOAD RECEIVED"] {
        assert!(printed.lines().any(|line| line == expected), "no {expected} in\n{printed}");
    }
}
