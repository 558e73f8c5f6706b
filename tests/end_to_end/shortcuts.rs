//! Shortcuts of lakehouses are deployed as the files describe them.

use std::fs;

use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::rollback::{SETTLE, deploy};
use crate::sources::{self, logical_id};

fn shortcut(name: &str, lakehouse: usize, path: &str) -> Value {
    json!({ "path": "/Files", "name": name, "target": { "type": "OneLake", "oneLake": {
        "itemId": logical_id(lakehouse), "workspaceId": "00000000-0000-0000-0000-000000000000", "path": path } } })
}

fn describe(stage: &Stage, shortcuts: &Value) {
    let directory = stage.directory.path().join("source/Bronze.Lakehouse");
    fs::write(directory.join("shortcuts.metadata.json"), shortcuts.to_string()).unwrap();
}

/// Two lakehouses that do not exist yet, and shortcuts from one to both.
fn described() -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::lakehouse(&root, "Bronze", 1);
    sources::lakehouse(&root, "Silver", 2);
    describe(
        &stage,
        &json!([shortcut("a", 2, "Tables/a"), shortcut("b", 2, "Tables/b"), shortcut("own", 1, "Tables/c")]),
    );
    stage
}

fn deployed() -> Stage {
    let stage = described();
    let document = stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    assert_eq!(document["status"], "committed", "{document}");
    stage
}

/// What is there, as `name item path`.
fn there(stage: &Stage) -> Vec<String> {
    let workspace = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    let lakehouses = stage.list(&format!("/v1/workspaces/{workspace}/lakehouses"));
    let name_of = |id: &Value| {
        let found = lakehouses.iter().find(|lakehouse| lakehouse["id"] == *id);
        found.map_or_else(|| id.to_string(), |found| found["displayName"].as_str().unwrap().to_owned())
    };
    let bronze = lakehouses.iter().find(|lakehouse| lakehouse["displayName"] == "Bronze").unwrap();
    let listed = stage.list(&format!("/v1/workspaces/{workspace}/items/{}/shortcuts", bronze["id"].as_str().unwrap()));
    let mut shown: Vec<_> = listed
        .iter()
        .map(|shortcut| {
            let target = &shortcut["target"]["oneLake"];
            assert_eq!(target["workspaceId"], json!(workspace));
            let (name, path) = (shortcut["name"].as_str().unwrap(), target["path"].as_str().unwrap());
            format!("{name} {} {path}", name_of(&target["itemId"]))
        })
        .collect();
    shown.sort();
    shown
}

const FIRST: [&str; 3] = ["a Silver Tables/a", "b Silver Tables/b", "own Bronze Tables/c"];

#[test]
fn shortcuts_to_lakehouses_of_the_same_deployment_go_out_together_and_are_found_again() {
    let stage = described();
    let many = (0..20).map(|number| shortcut(&format!("s{number:02}"), 2, "Tables/a"));
    describe(&stage, &many.chain([shortcut("own", 1, "Tables/c")]).collect());
    let plan = stage.run(&["plan", "--source", "source", "--workspace", "W", "--environment", "dev"]).exits(0);
    assert!(plan.stdout.contains("+ shortcut of Lakehouse \"Bronze\": Files/own"), "{}", plan.stdout);
    let document = stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    assert_eq!((&document["summary"]["create"], &document["summary"]["update"]), (&json!(2), &json!(0)), "{document}");
    let sent = stage.mutations();
    let batches = sent.iter().filter(|sent| sent.contains("CreateShortcutsInBulk")).count();
    assert!((1..8).contains(&batches), "{sent:?}");
    let there = there(&stage);
    assert_eq!((there.len(), there[0].as_str()), (21, "own Bronze Tables/c"));
    assert_eq!(there[20], "s19 Silver Tables/a");
    let again = stage.json(0, &deploy(&[]));
    assert_eq!((&again["status"], &again["summary"]["unchanged"]), (&json!("unchanged"), &json!(2)), "{again}");
}

#[test]
fn a_changed_shortcut_is_replaced_and_one_without_a_description_stays_until_it_is_pruned() {
    let stage = deployed();
    describe(&stage, &json!([shortcut("a", 2, "Tables/a"), shortcut("b", 1, "Tables/b")]));
    let document = stage.json(0, &deploy(&[]));
    assert_eq!((&document["status"], &document["summary"]["update"]), (&json!("committed"), &json!(1)), "{document}");
    assert_eq!(document["kept"][0]["shortcut"], json!({ "path": "Files", "name": "own" }));
    assert_eq!(there(&stage), ["a Silver Tables/a", "b Bronze Tables/b", "own Bronze Tables/c"]);
    let pruned = stage.json(0, &deploy(&["--prune"]));
    assert_eq!(pruned["steps"][0]["action"], "delete", "{pruned}");
    assert_eq!(there(&stage), ["a Silver Tables/a", "b Bronze Tables/b"]);
}

#[test]
fn a_shortcut_that_is_refused_takes_everything_back() {
    let stage = deployed();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "New", 3, "print(1)");
    let mut missing = shortcut("c", 2, "Tables/c");
    missing["target"]["oneLake"]["itemId"] = json!("5b218778-e7a5-4d73-8187-f10824047715");
    describe(&stage, &json!([shortcut("a", 1, "Tables/z"), missing]));
    let document = stage.json(5, &deploy(&["--prune", SETTLE]));
    assert_eq!(document["status"], "rolled_back", "{document}");
    let failed = document["steps"].as_array().unwrap().iter().find(|step| step["status"] == "failed").unwrap();
    assert_eq!((&failed["kind"], &failed["place"]), (&json!("shortcut"), &json!("Files/c")), "{document}");
    assert!(failed["error"]["message"].as_str().unwrap().contains("Target path doesn't exist"), "{failed}");
    assert_eq!(there(&stage), FIRST);
}
