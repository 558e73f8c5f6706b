//! A saved plan is what happens, or nothing does.

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::sources;

fn planned() -> Stage {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let plan = [
        "plan",
        "--source",
        "source",
        "--workspace",
        "W",
        "--capacity",
        ACTIVE_CAPACITY,
        "--out",
        "w.plan",
        "--detailed-exitcode",
    ];
    stage.json(2, &plan);
    stage
}

#[test]
fn it_applies_while_nothing_moved() {
    let stage = planned();
    assert_eq!(stage.json(0, &["deploy", "--plan", "w.plan"])["status"], "committed");
    let plan = ["plan", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY, "--detailed-exitcode"];
    assert_eq!(stage.json(0, &plan)["status"], "unchanged");
}

#[test]
fn it_is_refused_when_the_workspace_moved() {
    let stage = planned();
    let body = serde_json::json!({ "displayName": "W", "capacityId": ACTIVE_CAPACITY });
    assert_eq!(stage.fabric("POST", "/v1/workspaces", Some(body)).0, 201);
    let before = stage.mutations().len();
    let refused = stage.run(&["deploy", "--plan", "w.plan"]).exits(7);
    assert!(refused.stderr.contains("stale") && refused.stderr.contains("remedy"), "{}", refused.stderr);
    assert_eq!(stage.mutations().len(), before);
}

#[test]
fn it_is_refused_when_the_files_changed() {
    let stage = planned();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print('other')");
    let document = stage.json(7, &["deploy", "--plan", "w.plan"]);
    assert_eq!(document["status"], "refused");
    assert_eq!(stage.mutations(), [] as [String; 0]);
}

#[test]
fn it_holds_no_content() {
    let stage = planned();
    let text = std::fs::read_to_string(stage.directory.path().join("w.plan")).unwrap();
    assert!(text.contains("item/One.Notebook/create") && !text.contains("print("), "{text}");
    std::fs::write(stage.directory.path().join("other.plan"), text.replace("fabric-plan/1", "fabric-plan/9")).unwrap();
    stage.run(&["deploy", "--plan", "other.plan"]).exits(7);
}
