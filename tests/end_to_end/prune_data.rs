//! Data is deleted only where that was asked for, last of all, and nobody promises that it comes back.

use std::fs;

use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::rollback::{SETTLE, deploy};
use crate::sources;

/// A lakehouse, an eventhouse and a notebook that the files no longer have, and a notebook that is new.
fn orphaned() -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::lakehouse(&root.join("Data"), "L", 1);
    sources::platform(&root.join("E.Eventhouse"), "Eventhouse", "E", 2);
    sources::notebook(&root, "Old", 3, "print(1)");
    sources::notebook(&root, "Kept", 4, "print(1)");
    stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    fs::remove_dir_all(root.join("Data")).unwrap();
    fs::remove_dir_all(root.join("E.Eventhouse")).unwrap();
    fs::remove_dir_all(root.join("Old.Notebook")).unwrap();
    sources::notebook(&root, "New", 5, "print(1)");
    stage
}

/// Type, name and id of the items that are there, but for those that the service keeps for another one.
fn items(stage: &Stage) -> Vec<(String, String)> {
    let workspace = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let listed = stage.list(&format!("/v1/workspaces/{workspace}/items"));
    let own = listed.iter().filter(|item| !["SQLEndpoint", "KQLDatabase"].contains(&item["type"].as_str().unwrap()));
    let mut items: Vec<_> = own.map(|item| (text(&item["displayName"]), text(&item["id"]))).collect();
    items.sort();
    items
}

fn names(stage: &Stage) -> Vec<String> {
    items(stage).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn without_the_flag_the_plan_says_what_stays_and_why() {
    let stage = orphaned();
    let plan = ["plan", "--source", "source", "--workspace", "W", "--environment", "dev", "--prune"];
    let document = stage.json(0, &plan);
    let kept: Vec<_> =
        document["kept"].as_array().unwrap().iter().map(|kept| (&kept["key"]["name"], &kept["reason"])).collect();
    assert_eq!(kept, [(&json!("E"), &json!("holds_data")), (&json!("L"), &json!("holds_data"))]);
    let shown = stage.run(&plan).exits(0).stdout;
    assert!(shown.contains("2 items that the files do not have hold data and are kept (--prune-data deletes them)"));
    assert_eq!(stage.json(0, &deploy(&["--prune"]))["status"], "committed");
    assert_eq!(names(&stage), ["E", "Kept", "L", "New"]);
}

#[test]
fn data_is_deleted_after_everything_else_was_read_again() {
    let stage = orphaned();
    let ids: Vec<String> =
        items(&stage).into_iter().filter(|(name, _)| name == "L" || name == "E").map(|(_, id)| id).collect();
    stage.emulator.requests();
    let document = stage.json(0, &deploy(&["--prune", "--prune-data"]));
    assert_eq!((&document["status"], &document["summary"]["delete"]), (&json!("committed"), &json!(3)), "{document}");
    let sent = stage.emulator.requests();
    let deletes_data = |path: &str| ids.iter().any(|id| path.ends_with(id.as_str()));
    let first = sent.iter().position(|sent| sent.method == "DELETE" && deletes_data(&sent.path)).unwrap();
    let before = &sent[..first];
    let others = before.iter().rposition(|sent| sent.mutating).unwrap();
    let read_again = before[others..].iter().any(|sent| sent.operation.as_deref() == Some("ListItems"));
    assert!(read_again, "the workspace is read again before data goes");
    let after = sent[first..].iter().filter(|sent| sent.mutating);
    let rest: Vec<_> =
        after.filter(|sent| !deletes_data(&sent.path)).filter_map(|sent| sent.operation.as_deref()).collect();
    assert_eq!(rest, ["DeleteFolder"], "only the folder that is empty now goes after data");
    assert_eq!(names(&stage), ["Kept", "New"]);
}

#[test]
fn a_failure_before_that_takes_everything_back() {
    let stage = orphaned();
    let before = items(&stage);
    let refused = json!([{ "match": { "operation": "CreateItem" },
        "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } }]);
    stage.emulator.set_faults(serde_json::from_value::<Vec<fabric_emulator::Fault>>(refused).unwrap());
    let document = stage.json(5, &deploy(&["--prune", "--prune-data", SETTLE]));
    assert_eq!(document["status"], "rolled_back", "{document}");
    assert_eq!(items(&stage), before, "ids included: nothing had to be created again");
}

#[test]
fn a_roll_back_is_refused_where_data_does_not_come_back_and_forced_tells_what_is_left() {
    let stage = orphaned();
    stage.json(0, &deploy(&["--prune", "--prune-data"]));
    let (before, sent) = (items(&stage), stage.emulator.requests().len());
    let refused = stage.json(7, &["rollback", SETTLE]);
    assert_eq!(refused["status"], "refused", "{refused}");
    let why = refused["error"]["message"].as_str().unwrap();
    for name in ["E.Eventhouse", "L.Lakehouse"] {
        assert!(why.contains(name), "{why}");
    }
    assert!(!why.contains("Old"), "a notebook can be brought back: {why}");
    assert!(refused["error"]["remedy"].as_str().unwrap().contains("--force"), "{refused}");
    assert_eq!(stage.emulator.requests().len(), sent);
    assert_eq!(items(&stage), before);
    let document = stage.json(6, &["rollback", "--force", SETTLE]);
    assert_eq!(document["status"], "stuck", "{document}");
    let mut left = document["left_behind"].as_array().unwrap().iter();
    let data = left.any(|left| left["remedy"].as_str().unwrap().contains("held data and cannot be brought back"));
    assert!(data, "{document}");
}
