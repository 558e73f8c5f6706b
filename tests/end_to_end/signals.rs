//! A pipeline that is cancelled sends a signal.

#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::binary::{self, ACTIVE_CAPACITY, Stage};
use crate::sources;

/// A deployment of notebooks that is told to terminate once it has changed something. Gives its exit code and document.
fn terminated(stage: &Stage, flag: &str) -> (i32, Value) {
    for number in 0..20 {
        let root = stage.directory.path().join("source");
        sources::notebook(&root, &format!("N{number}"), 2 * number, "print(1)");
        sources::pipeline(&root, &format!("P{number}"), 2 * number + 1, 2 * number);
    }
    stage.emulator.configure(|settings| settings.latency = Duration::from_millis(150));
    let child = binary::fabric_cli(stage.directory.path())
        .args(["--output", "json", "--concurrency", "2", "deploy", "--source", "source", "--workspace", "W"])
        .args(["--capacity", ACTIVE_CAPACITY, "--flag", flag])
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .env("FABRIC_TOKEN", stage.emulator.token())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while stage.mutations().len() < 3 {
        std::thread::yield_now();
    }
    let signalled = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_first_signal_stops_and_rolls_back() {
    let stage = Stage::new();
    let (code, document) = terminated(&stage, "FEATURE_USE_ROLLBACK=on");
    assert_eq!((code, &document["status"]), (5, &"rolled_back".into()), "{document}");
    assert_eq!(stage.list("/v1/workspaces"), Vec::<Value>::new());
}

#[test]
fn without_roll_back_it_stops_and_says_what_was_done() {
    let stage = Stage::new();
    let (code, document) = terminated(&stage, "FEATURE_USE_ROLLBACK=off");
    assert_eq!((code, &document["status"]), (130, &"interrupted".into()), "{document}");
    let steps = document["steps"].as_array().unwrap();
    let count = |status: &str| steps.iter().filter(|step| step["status"] == status).count();
    assert!(count("applied") > 0 && count("skipped") > 0 && count("failed") == 0, "{document}");
    assert_eq!(document["left_behind"].as_array().unwrap().len(), count("applied"));
}
