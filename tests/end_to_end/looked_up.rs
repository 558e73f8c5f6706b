//! Rules that look for what only the service knows: it is asked, and then the files are looked into.

use std::fs;

use serde_json::json;

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::rollback::{definitions, deploy};
use crate::sources;

/// A notebook with this text, and a rule that puts `new` in the place of what `find` says.
fn described(text: &str, find: &str) -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "Load", 1, text);
    rule(&stage, find);
    stage
}

fn rule(stage: &Stage, find: &str) {
    let text = format!("find_replace:\n- find_value: {find}\n  replace_value: {{_ALL_: new}}\n");
    fs::write(stage.directory.path().join("source/parameter.yml"), text).unwrap();
}

fn notebook(stage: &Stage, name: &str) -> String {
    let deployed = definitions(stage, name);
    deployed.iter().find(|(path, _)| path.ends_with("notebook-content.py")).unwrap().1.clone()
}

#[test]
fn the_id_of_another_workspace_is_looked_up_and_looked_for() {
    let stage = described("x = \"SHARED\"", "$workspace.Shared");
    let (status, shared) = stage.fabric("POST", "/v1/workspaces", Some(json!({ "displayName": "Shared" })));
    assert_eq!(status, 201, "{shared}");
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "Load", 1, &format!("x = {}", shared["id"]));

    let validate = ["validate", "--source", "source", "--workspace", "W", "--environment", "dev"];
    let offline = stage.run(&validate).exits(0);
    assert!(offline.stderr.contains("parameter.yml:2") && offline.stderr.contains("parameter-not-looked-for"));
    assert!(offline.stderr.contains("only the service knows `$workspace.Shared.$id`"), "{}", offline.stderr);

    let deployed = stage.run(&deploy(&["--capacity", ACTIVE_CAPACITY])).exits(0);
    assert!(!deployed.stderr.contains("parameter-"), "{}", deployed.stderr);
    assert!(notebook(&stage, "once").contains("x = \"new\""));
    let again = stage.json(0, &deploy(&[]));
    assert_eq!(again["status"], "unchanged", "{again}");

    rule(&stage, "$workspace.Nowhere");
    let sent = stage.mutations();
    let refused = stage.run(&deploy(&[])).exits(7);
    assert!(refused.stderr.contains("parameter.yml:2") && refused.stderr.contains("$workspace.Nowhere.$id"));
    assert_eq!(stage.mutations(), sent);
}

#[test]
fn the_id_of_the_deployed_workspace_is_looked_for_once_it_exists() {
    let stage = described("x = 1", "$workspace.$id");
    let first = stage.run(&deploy(&["--capacity", ACTIVE_CAPACITY])).exits(0);
    assert!(
        first.stderr.contains("parameter.yml:2") && first.stderr.contains("does not exist yet"),
        "{}",
        first.stderr
    );

    let workspace = stage.list("/v1/workspaces")[0]["id"].clone();
    sources::notebook(&stage.directory.path().join("source"), "Load", 1, &format!("x = {workspace}"));
    let second = stage.run(&deploy(&[])).exits(0);
    assert!(!second.stderr.contains("parameter-"), "{}", second.stderr);
    assert!(notebook(&stage, "twice").contains("x = \"new\""));
}
