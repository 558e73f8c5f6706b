//! All of it or none of it: roll-back, resume, locks, crashes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use fabric_emulator::{Emulator, Fault};
use serde_json::{Value, json};

use crate::binary::{self, ACTIVE_CAPACITY, Stage};
use crate::sources;

const ON: &str = "FEATURE_USE_ROLLBACK=on";
/// The emulator's creates are done when they are answered.
pub(crate) const SETTLE: &str = "--settle=100ms";

pub(crate) fn deploy<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let base = ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev", "--flag", ON];
    base.iter().chain(more).copied().collect()
}

fn faults(value: Value) -> Vec<Fault> {
    serde_json::from_value(value).unwrap()
}

/// What a user sees of all workspaces: everything but ids of what has no meaning of its own, times and operations.
fn visible(emulator: &Emulator) -> Value {
    let world = emulator.world();
    let mut seen = BTreeMap::new();
    for kind in ["workspaces", "folders", "items", "role_assignments"] {
        seen.insert(kind, world[kind].clone());
    }
    json!(seen)
}

/// The names, folders and definitions of the items of a workspace, without their ids: a deleted item comes back with
/// another one.
pub(crate) fn definitions(stage: &Stage, name: &str) -> BTreeMap<String, String> {
    let out = stage.path(name);
    stage.json(0, &["export", "--workspace", "W", "--out", &out]);
    let mut files = sources::files(Path::new(&out));
    files.retain(|path, _| !path.ends_with(".platform"));
    files
}

/// A workspace with a first version deployed, and a second version in the files that creates, updates, moves and
/// deletes.
pub(crate) fn second_version() -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "Updated", 1, "print('first')");
    sources::notebook(&root.join("From"), "Moved", 2, "print('moved')");
    sources::notebook(&root, "Deleted", 3, "print('deleted')");
    sources::lakehouse(&root, "Kept", 4);
    stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    sources::notebook(&root, "Updated", 1, "print('second')");
    fs::remove_dir_all(root.join("From")).unwrap();
    sources::notebook(&root.join("To"), "Moved", 2, "print('moved')");
    fs::remove_dir_all(root.join("Deleted.Notebook")).unwrap();
    sources::notebook(&root, "Created", 5, "print('created')");
    sources::pipeline(&root, "Pipeline", 6, 5);
    stage
}

#[test]
fn a_deployment_that_fails_leaves_nothing_where_nothing_was() {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root.join("Folder"), "One", 1, "print(1)");
    sources::pipeline(&root, "Two", 2, 1);
    let before = visible(&stage.emulator);
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "CreateItem", "nth": 2 }, "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } }
    ])));
    let document = stage.json(5, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    assert_eq!(document["status"], "rolled_back", "{document}");
    assert_eq!(document["left_behind"], json!([]));
    assert_eq!(visible(&stage.emulator), before);
    let statuses: Vec<_> = document["steps"].as_array().unwrap().iter().map(|step| &step["status"]).collect();
    assert!(statuses.contains(&&json!("undone")) && statuses.contains(&&json!("failed")), "{statuses:?}");
}

#[test]
fn without_the_flag_what_was_done_stays() {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "print(1)");
    sources::pipeline(&root, "Two", 2, 1);
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "CreateItem", "nth": 2 }, "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } }
    ])));
    let arguments =
        ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev", "--capacity", ACTIVE_CAPACITY];
    let document = stage.json(1, &arguments);
    assert_eq!(document["status"], "failed");
    assert_eq!(document["transaction_id"], Value::Null);
    let workspace = document["workspace"]["id"].as_str().unwrap();
    assert_eq!(stage.list(&format!("/v1/workspaces/{workspace}/items")).len(), 1);
    assert!(!stage.directory.path().join(".fabric").exists(), "no journal is written");
}

#[test]
fn updates_moves_and_deletes_are_undone_as_well() {
    let stage = second_version();
    let before = definitions(&stage, "before");
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "DeleteFolder", "nth": 1 }, "kind": { "status": { "code": 403, "applied": false, "error_code": "InsufficientPrivileges" } } }
    ])));
    let document = stage.json(5, &deploy(&["--prune"]));
    assert_eq!(document["status"], "rolled_back", "{document}");
    assert_eq!(definitions(&stage, "after"), before);
}

#[test]
fn a_committed_deployment_can_be_taken_back_and_then_be_made_again() {
    let stage = second_version();
    let before = definitions(&stage, "before");
    let document = stage.json(0, &deploy(&["--prune"]));
    assert_eq!(document["status"], "committed");
    let after = definitions(&stage, "second");
    assert_ne!(after, before);
    let undone = stage.json(0, &["rollback", document["transaction_id"].as_str().unwrap()]);
    assert_eq!(undone["status"], "rolled_back", "{undone}");
    assert_eq!(definitions(&stage, "undone"), before);
    assert_eq!(stage.json(0, &deploy(&["--prune"]))["status"], "committed");
    assert_eq!(definitions(&stage, "again"), after);
}

#[test]
fn what_somebody_changed_since_is_not_taken_back_unasked() {
    let stage = second_version();
    let document = stage.json(0, &deploy(&[]));
    let workspace = document["workspace"]["id"].as_str().unwrap();
    let items = stage.list(&format!("/v1/workspaces/{workspace}/items"));
    let created = items.iter().find(|item| item["displayName"] == "Created").unwrap();
    let path = format!("/v1/workspaces/{workspace}/items/{}", created["id"].as_str().unwrap());
    assert_eq!(stage.fabric("DELETE", &path, None).0, 200);
    let before = stage.mutations().len();
    let refused = stage.run(&["rollback"]).exits(7);
    assert!(refused.stderr.contains("item/Created.Notebook/create"), "{}", refused.stderr);
    assert_eq!(stage.mutations().len(), before, "nothing is undone");
    let forced = stage.json(0, &["rollback", "--force"]);
    assert_eq!(forced["status"], "rolled_back", "{forced}");
}

#[test]
fn a_failed_deployment_that_is_kept_is_finished_before_the_next_one() {
    let stage = second_version();
    let fault = json!([
        { "match": { "operation": "CreateItem", "nth": 1 }, "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } }
    ]);
    stage.emulator.set_faults(faults(fault));
    let kept = stage.json(130, &deploy(&["--on-failure", "keep"]));
    assert_eq!(kept["status"], "interrupted", "{kept}");
    let transaction = kept["transaction_id"].as_str().unwrap();
    stage.emulator.set_faults(Vec::new());
    let refused = stage.run(&deploy(&[])).exits(1);
    assert!(refused.stderr.contains(&format!("fabric-cli resume {transaction}")), "{}", refused.stderr);
    let resumed = stage.json(0, &["resume", transaction]);
    assert_eq!(resumed["status"], "committed", "{resumed}");
    assert_eq!(stage.json(0, &deploy(&[]))["status"], "unchanged");
}

#[test]
fn files_that_changed_cannot_be_resumed_but_undone() {
    let stage = second_version();
    let before = definitions(&stage, "before");
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "CreateItem", "nth": 1 }, "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } }
    ])));
    let kept = stage.json(130, &deploy(&["--on-failure", "keep"]));
    let transaction = kept["transaction_id"].as_str().unwrap();
    sources::notebook(&stage.directory.path().join("source"), "Created", 5, "print('third')");
    let refused = stage.run(&["resume", transaction]).exits(7);
    assert!(refused.stderr.contains(&format!("fabric-cli rollback {transaction}")), "{}", refused.stderr);
    assert_eq!(stage.json(0, &["rollback", transaction])["status"], "rolled_back");
    assert_eq!(definitions(&stage, "after"), before);
}

#[test]
fn an_undo_that_fails_is_told_and_can_be_tried_again() {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "print(1)");
    sources::pipeline(&root, "Two", 2, 1);
    let before = visible(&stage.emulator);
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "CreateItem", "nth": 2 }, "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } },
        { "match": { "operation": "DeleteItem" }, "kind": { "status": { "code": 403, "applied": false, "error_code": "InsufficientPrivileges" } } }
    ])));
    let stuck = stage.json(6, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    assert_eq!(stuck["status"], "stuck", "{stuck}");
    let left: Vec<_> =
        stuck["left_behind"].as_array().unwrap().iter().map(|left| left["step"].as_str().unwrap()).collect();
    assert!(left.contains(&"item/One.Notebook/create") && left.contains(&"workspace/create"), "{left:?}");
    stage.emulator.set_faults(Vec::new());
    let remedies = stuck["left_behind"].as_array().unwrap().iter().map(|left| left["remedy"].as_str().unwrap());
    let commands: BTreeSet<&str> = remedies.map(|remedy| remedy.split('`').nth(1).unwrap()).collect();
    let [command] = commands.into_iter().collect::<Vec<_>>()[..] else { panic!("one command ends it all: {stuck}") };
    let words: Vec<_> = command.strip_prefix("fabric-cli ").unwrap().split(' ').collect();
    assert_eq!(stage.json(0, &words)["status"], "rolled_back");
    assert_eq!(visible(&stage.emulator), before);
}

#[test]
fn what_is_given_up_stays_and_the_next_deployment_may_begin() {
    let stage = second_version();
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "CreateItem", "nth": 1 }, "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } }
    ])));
    let kept = stage.json(130, &deploy(&["--on-failure", "keep"]));
    stage.emulator.set_faults(Vec::new());
    let transaction = kept["transaction_id"].as_str().unwrap();
    stage.run(&["abandon", transaction, "--reason", "a test"]).exits(0);
    assert_eq!(stage.json(0, &deploy(&[]))["status"], "committed");
    let history = stage.run(&["history"]).exits(0);
    assert!(history.stdout.contains("abandoned") && history.stdout.contains("committed"), "{}", history.stdout);
    assert!(stage.run(&["show", transaction]).exits(0).stdout.contains("a test"));
}

/// Starts a deployment, and kills it when the emulator has answered `requests` that change something.
pub(crate) fn kill_after(stage: &Stage, requests: usize, arguments: &[&str]) {
    let already = stage.mutations().len();
    let mut child = start(stage, arguments);
    while stage.mutations().len() < already + requests {
        if child.try_wait().unwrap().is_some() {
            return;
        }
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn start(stage: &Stage, arguments: &[&str]) -> std::process::Child {
    let mut command: Command = binary::fabric_cli(stage.directory.path());
    command
        .args(arguments)
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .env("FABRIC_TOKEN", stage.emulator.token())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The lease of a killed process ends by itself; here its machine is known to be gone.
pub(crate) fn forget_lease(stage: &Stage) {
    let scopes = stage.directory.path().join(".fabric/state/scopes");
    let Ok(scopes) = fs::read_dir(scopes) else { return };
    for scope in scopes {
        for file in fs::read_dir(scope.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if let Some(number) = name.strip_prefix("lease-") {
                let released = json!({ "expires_at_ms": 0, "released": true }).to_string();
                fs::write(path.with_file_name(format!("beat-{number}")), released).unwrap();
            }
        }
    }
}

#[test]
fn a_killed_deployment_is_finished_in_either_direction() {
    for requests in 1..8 {
        let stage = second_version();
        let before = definitions(&stage, "before");
        kill_after(&stage, requests, &deploy(&["--prune"]));
        forget_lease(&stage);
        let history: Value =
            serde_json::from_str(&stage.run(&["--output", "json", "history"]).exits(0).stdout).unwrap();
        let newest = &history["transactions"][0];
        let (transaction, status) = (newest["transaction_id"].as_str().unwrap(), newest["status"].as_str().unwrap());
        if status == "committed" {
            continue;
        }
        let resume = requests % 2 == 0;
        let command = if resume { "resume" } else { "rollback" };
        let document = stage.json(0, &[command, transaction, SETTLE]);
        if resume {
            assert_eq!(document["status"], "committed", "killed after {requests}: {document}");
            assert_eq!(stage.json(0, &deploy(&["--prune"]))["status"], "unchanged");
        } else {
            assert_eq!(document["status"], "rolled_back", "killed after {requests}: {document}");
            assert_eq!(definitions(&stage, "after"), before, "killed after {requests}");
        }
    }
}

#[test]
fn two_deployments_of_one_workspace_never_both_write() {
    let stage = second_version();
    stage.emulator.configure(|settings| settings.latency = std::time::Duration::from_millis(200));
    let before = stage.mutations().len();
    let mut first = start(&stage, &deploy(&[]));
    while stage.mutations().len() == before {
        assert!(first.try_wait().unwrap().is_none(), "the first deployment ended before it began");
        std::thread::yield_now();
    }
    let refused = stage.run(&deploy(&[])).exits(75);
    assert!(refused.stderr.contains("locked by fabric-cli"), "{}", refused.stderr);
    assert!(first.wait().unwrap().success());
}

#[test]
fn an_unknown_transaction_and_an_unknown_store_are_one_clear_error_each() {
    let stage = Stage::new();
    stage.run(&["rollback"]).exits(7);
    stage.run(&["show", "not-an-id"]).exits(7);
    let unknown = stage.run(&["resume", "01a20930-d677-74cf-b926-71a332664e9f"]).exits(7);
    assert!(unknown.stderr.contains("there is no transaction"), "{}", unknown.stderr);
    let elsewhere = stage.run(&["--state", "ftp://host/path", "history"]).exits(7);
    assert!(elsewhere.stderr.contains("ftp://"), "{}", elsewhere.stderr);
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[test]
fn drift_is_what_somebody_else_changed() {
    let stage = second_version();
    let drift = ["drift", "--source", "source", "--workspace", "W", "--environment", "dev", "--detailed-exitcode"];
    stage.run(&drift).exits(7);
    let document = stage.json(0, &deploy(&[]));
    assert_eq!(stage.json(0, &drift)["status"], "unchanged");
    let workspace = document["workspace"]["id"].as_str().unwrap();
    let items = stage.list(&format!("/v1/workspaces/{workspace}/items"));
    let created = items.iter().find(|item| item["displayName"] == "Created").unwrap()["id"].as_str().unwrap();
    let path = format!("/v1/workspaces/{workspace}/items/{created}");
    assert_eq!(stage.fabric("PATCH", &path, Some(json!({ "description": "by hand" }))).0, 200);
    let drifted = stage.json(2, &drift);
    assert_eq!(drifted["steps"][0]["id"], "item/Created.Notebook/metadata", "{drifted}");
}
