//! Processes that are killed twice, journals that are damaged, and what is never written anywhere.

use std::fs;
use std::path::{Path, PathBuf};

use fabric_emulator::Fault;
use serde_json::{Value, json};

use super::is_full;
use crate::binary::{self, ACTIVE_CAPACITY, Stage};
use crate::rollback::{SETTLE, definitions, deploy, forget_lease, kill_after, second_version};
use crate::sources;

/// The newest transaction on record, and its status.
fn newest(stage: &Stage) -> (String, String) {
    let history: Value = serde_json::from_str(&stage.run(&["--output", "json", "history"]).exits(0).stdout).unwrap();
    let text = |name: &str| history["transactions"][0][name].as_str().unwrap().to_owned();
    (text("transaction_id"), text("status"))
}

/// Kills while a deployment goes forwards; the roll-back that follows is killed as well, and then finished.
#[test]
fn a_deployment_and_then_its_roll_back_are_killed_and_all_is_as_before() {
    let step = if is_full() { 1 } else { 5 };
    let mut tested = 0;
    for requests in (2..).step_by(step) {
        let stage = second_version();
        let before = definitions(&stage, "before");
        kill_after(&stage, requests, &deploy(&["--prune"]));
        forget_lease(&stage);
        let (transaction, status) = newest(&stage);
        if status == "committed" {
            break;
        }
        kill_after(&stage, 1 + requests % 3, &["rollback", &transaction, SETTLE]);
        forget_lease(&stage);
        if newest(&stage).1 != "rolled back" {
            let document = stage.json(0, &["rollback", &transaction, SETTLE]);
            assert_eq!(document["status"], "rolled_back", "killed after {requests}: {document}");
            assert_eq!(document["left_behind"], json!([]));
        }
        assert_eq!(definitions(&stage, "after"), before, "killed after {requests}");
        tested += 1;
    }
    assert!(tested > 1, "the deployment was killed only {tested} times");
}

fn journals(stage: &Stage) -> Vec<PathBuf> {
    let folder = stage.directory.path().join(".fabric/state/journals");
    let mut journals: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    journals.sort();
    journals
}

/// Two workspaces with a committed deployment each; the journal of the second one is rewritten by `spoil`.
fn spoiled(spoil: impl Fn(Vec<u8>) -> Vec<u8>) -> (Stage, String) {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "print(1)");
    let other = [
        "deploy",
        "--source",
        "source",
        "--workspace",
        "V",
        "--environment",
        "dev",
        "--flag",
        "FEATURE_USE_ROLLBACK=on",
        "--capacity",
        ACTIVE_CAPACITY,
    ];
    stage.json(0, &other);
    stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    let journal = journals(&stage).pop().unwrap();
    fs::write(&journal, spoil(fs::read(&journal).unwrap())).unwrap();
    let transaction = journal.file_stem().unwrap().to_str().unwrap().to_owned();
    (stage, transaction)
}

/// What every command says of a journal that cannot be read, and how one gets rid of it.
fn is_told_and_given_up(stage: &Stage, transaction: &str, why: &str) {
    let history: Value = serde_json::from_str(&stage.run(&["--output", "json", "history"]).exits(0).stdout).unwrap();
    assert_eq!(history["transactions"].as_array().unwrap().len(), 2, "{history}");
    let before = stage.emulator.requests().iter().filter(|request| request.mutating).count();
    for command in [vec!["rollback", transaction], vec!["resume", transaction], deploy(&[])] {
        let refused = stage.run(&command);
        assert!(refused.code != 0 && refused.stderr.contains(why), "{command:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("--scope"), "{command:?} says what to do: {}", refused.stderr);
    }
    assert_eq!(stage.emulator.requests().iter().filter(|request| request.mutating).count(), before);
    stage.run(&["abandon", transaction, "--reason", "a test"]).exits(7);
    stage.run(&["abandon", transaction, "--scope", "local/W", "--reason", "a test"]).exits(0);
    sources::notebook(&stage.directory.path().join("source"), "Two", 2, "print(2)");
    assert_eq!(stage.json(0, &deploy(&[]))["status"], "committed");
}

#[test]
fn a_damaged_record_blocks_its_own_workspace_until_it_is_given_up() {
    let (stage, transaction) = spoiled(|mut journal| {
        let middle = journal.len() / 2;
        journal[middle] ^= 1;
        journal
    });
    is_told_and_given_up(&stage, &transaction, "damaged");
}

#[test]
fn a_journal_of_a_newer_version_blocks_its_own_workspace_until_it_is_given_up() {
    let (stage, transaction) = spoiled(|journal| {
        let text = String::from_utf8(journal).unwrap();
        text.replace("{\"v\":1,", "{\"v\":2,").into_bytes()
    });
    is_told_and_given_up(&stage, &transaction, "has format 2");
}

#[test]
fn a_state_folder_that_cannot_be_written_stops_everything_before_it_begins() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    fs::write(stage.path("file"), "").unwrap();
    let state = stage.path("file/state");
    let run = stage.run(&deploy(&["--capacity", ACTIVE_CAPACITY, "--state", &state]));
    assert!(run.code == 1 && run.stderr.contains(&state), "{}: {}", run.code, run.stderr);
    assert_eq!(stage.mutations(), [""; 0]);
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn secrets_are_nowhere_and_content_is_for_its_owner_only() {
    const CONTENT: &str = "canary in a notebook";
    let stage = second_version();
    sources::notebook(&stage.directory.path().join("source"), "Updated", 1, CONTENT);
    let token = stage.emulator.token();
    stage.emulator.set_faults(
        serde_json::from_value::<Vec<Fault>>(json!([
            { "match": { "operation": "UpdateItemDefinition", "nth": 1 }, "kind": "applied_then_lost" },
            { "match": { "operation": "DeleteItem" }, "kind": { "status": { "code": 403, "applied": false, "error_code": "InsufficientPrivileges" } } }
        ]))
        .unwrap(),
    );
    let run = stage.run(&deploy(&["--prune", "--log-level", "trace", "--output", "json", SETTLE]));
    assert!([5, 6].contains(&run.code), "{}", run.stderr);
    let shown = binary::run(binary::fabric_cli(stage.directory.path()).args([
        "history",
        "--output",
        "json",
        "--log-level",
        "trace",
    ]));
    for said in [&run.stdout, &run.stderr, &shown.stdout, &shown.stderr] {
        assert!(!said.contains(&token), "the token is said");
        assert!(!said.contains(CONTENT), "content is said: {said}");
    }
    let state = stage.directory.path().join(".fabric/state");
    for path in files(&state) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        }
        if path.is_file() {
            let content = fs::read(&path).unwrap();
            let holds = |text: &str| content.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!holds(&token), "{} holds the token", path.display());
            assert!(!holds(CONTENT), "{} holds content in the clear", path.display());
        }
    }
}
