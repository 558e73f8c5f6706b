//! An item that the files call otherwise than before is renamed in place.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::rollback::{SETTLE, deploy};
use crate::sources;

/// The ids of the notebooks, by name.
fn notebooks(stage: &Stage) -> BTreeMap<String, String> {
    let workspace = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    let listed = stage.list(&format!("/v1/workspaces/{workspace}/notebooks"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    listed.iter().map(|item| (text(&item["displayName"]), text(&item["id"]))).collect()
}

fn rename(root: &Path, from: &str, to: &str) {
    let directory = root.join(format!("{to}.Notebook"));
    fs::rename(root.join(format!("{from}.Notebook")), &directory).unwrap();
    let platform = directory.join(".platform");
    let text = fs::read_to_string(&platform).unwrap();
    fs::write(platform, text.replace(&format!("\"{from}\""), &format!("\"{to}\""))).unwrap();
}

/// One notebook that was created by this tool, and a pipeline that runs it.
fn deployed() -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "Before", 1, "print(1)");
    sources::pipeline(&root, "Run", 2, 1);
    stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    stage
}

#[test]
fn what_this_tool_created_is_known_from_the_record() {
    let stage = deployed();
    let before = notebooks(&stage);
    rename(&stage.directory.path().join("source"), "Before", "After");
    let document = stage.json(0, &deploy(&["--prune"]));
    let summary = &document["summary"];
    assert_eq!((&summary["create"], &summary["update"], &summary["delete"]), (&json!(0), &json!(1), &json!(0)));
    let after = notebooks(&stage);
    assert_eq!(after.get("After"), before.get("Before"), "{document}");
    assert_eq!(after.len(), 1);
    assert_eq!(stage.json(0, &deploy(&["--prune"]))["status"], "unchanged");
}

#[test]
fn a_rename_is_taken_back_with_the_rest() {
    let stage = deployed();
    let before = notebooks(&stage);
    let root = stage.directory.path().join("source");
    rename(&root, "Before", "After");
    sources::notebook(&root, "New", 3, "print(2)");
    let refused = json!([{ "match": { "operation": "CreateItem" },
        "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } }]);
    stage.emulator.set_faults(serde_json::from_value::<Vec<fabric_emulator::Fault>>(refused).unwrap());
    let document = stage.json(5, &deploy(&[SETTLE]));
    assert_eq!(document["status"], "rolled_back", "{document}");
    assert_eq!(notebooks(&stage), before);
}

#[test]
fn what_was_exported_is_known_by_the_id_that_the_service_gave_it() {
    let stage = deployed();
    let before = notebooks(&stage);
    let out = stage.path("exported");
    stage.json(0, &["export", "--workspace", "W", "--out", &out]);
    rename(Path::new(&out), "Before", "After");
    let document = stage.json(
        0,
        &["deploy", "--source", &out, "--workspace", "W", "--environment", "dev", "--state", &stage.path("no-record")],
    );
    assert_eq!((&document["summary"]["create"], &document["status"]), (&json!(0), &json!("committed")), "{document}");
    assert_eq!(notebooks(&stage).get("After"), before.get("Before"));
}
