//! A repository that fabric-cicd deploys, with its `config.yml` as it is.

use std::fs;

use serde_json::json;

use crate::binary::{self, Stage};
use crate::sources;

const CONFIG: &str = "\
core:
  workspace:
    dev: Sales dev
    prod: Sales
  repository_directory: ./workspace
  item_types_in_scope: [Notebook, Lakehouse]
  parameter: parameter.yml
publish:
  exclude_regex: ^draft
unpublish:
  exclude_regex: ^keep
features: [enable_experimental_features]
";

fn stage() -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("workspace");
    sources::lakehouse(&root, "Store", 1);
    sources::notebook(&root, "Load", 2, "path = 'dev-path'");
    sources::notebook(&root, "draft_load", 3, "print(3)");
    sources::pipeline(&root, "Daily", 4, 2);
    fs::write(stage.path("config.yml"), CONFIG).unwrap();
    let parameters =
        "find_replace:\n  - find_value: dev-path\n    replace_value:\n      prod: prod-path\n      dev: dev-path\n";
    fs::write(stage.path("parameter.yml"), parameters).unwrap();
    stage
}

fn deploy<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["deploy", "--config", "config.yml", "--capacity", binary::ACTIVE_CAPACITY], more].concat()
}

#[test]
fn it_deploys_what_its_config_describes() {
    let stage = stage();
    let document = stage.json(0, &deploy(&["--environment", "prod"]));
    assert_eq!(document["workspace"]["name"], "Sales");
    let created: Vec<_> = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["kind"] == "item" && step["action"] == "create")
        .map(|step| step["name"].as_str().unwrap())
        .collect();
    assert_eq!(created, ["Store", "Load"]);
    assert_eq!(stage.json(0, &deploy(&["--environment", "prod"]))["status"], "unchanged");
    let other =
        stage.json(0, &deploy(&["--environment", "dev", "--config-override", r#"{"core":{"workspace":"Mine"}}"#]));
    assert_eq!(other["workspace"]["name"], "Mine");
}

#[test]
fn its_unpublish_is_asked_for_and_that_is_said_once() {
    let stage = stage();
    stage.json(0, &deploy(&["--environment", "dev"]));
    let root = stage.directory.path().join("workspace");
    for (name, number) in [("keep_this", 7), ("Old", 8)] {
        sources::notebook(&root, name, number, "");
    }
    stage.json(0, &deploy(&["--environment", "dev"]));
    for name in ["keep_this", "Old"] {
        fs::remove_dir_all(root.join(format!("{name}.Notebook"))).unwrap();
    }
    let kept = stage.run(&deploy(&["--environment", "dev"])).exits(0);
    assert_eq!(kept.stderr.matches("pass --prune").count(), 1, "{}", kept.stderr);
    let pruned = stage.json(0, &deploy(&["--environment", "dev", "--prune"]));
    assert_eq!(pruned["summary"]["delete"], 1, "{pruned}");
    let kept: Vec<_> = pruned["kept"].as_array().unwrap().iter().map(|kept| kept["key"]["name"].clone()).collect();
    assert_eq!(kept, ["keep_this"]);
}

#[test]
fn a_saved_plan_of_it_is_applied() {
    let stage = stage();
    let plan = ["plan", "--config", "config.yml", "--environment", "prod", "--out", "sales.plan"];
    stage.json(0, &[&plan[..], &["--capacity", binary::ACTIVE_CAPACITY]].concat());
    stage.json(0, &["deploy", "--plan", "sales.plan"]);
    fs::write(stage.path("config.yml"), CONFIG.replace("^draft", "^nothing")).unwrap();
    stage.json(7, &["deploy", "--plan", "sales.plan"]);
}

#[test]
fn shortcuts_that_it_excludes_are_left_as_they_are() {
    let stage = stage();
    let directory = stage.directory.path().join("workspace/Store.Lakehouse");
    let write = |names: &[&str]| {
        let shortcut = |name: &&str| {
            json!({ "path": "/Files", "name": name, "target": { "type": "OneLake", "oneLake": {
                "itemId": sources::logical_id(1), "workspaceId": "00000000-0000-0000-0000-000000000000", "path": "Tables/a" } } })
        };
        let shortcuts: Vec<_> = names.iter().map(shortcut).collect();
        fs::write(directory.join("shortcuts.metadata.json"), json!(shortcuts).to_string()).unwrap();
    };
    let excluding = |pattern: &str| {
        let publish = format!("publish:\n  shortcut_exclude_regex: {pattern}\n");
        let config = CONFIG.replace("publish:\n  exclude_regex: ^draft\n", &publish);
        let config =
            config.replace("[enable_experimental_features]", "[enable_shortcut_publish, enable_shortcut_exclude]");
        fs::write(stage.path("config.yml"), config).unwrap();
    };
    let names = |document: &serde_json::Value| -> Vec<String> {
        let steps = document["steps"].as_array().unwrap().iter().filter(|step| step["kind"] == "shortcut");
        steps.map(|step| format!("{} {}", step["action"].as_str().unwrap(), step["place"].as_str().unwrap())).collect()
    };
    write(&["tmp_a", "kept", "not_tmp"]);
    excluding("nothing");
    let all = stage.json(0, &deploy(&["--environment", "prod"]));
    assert_eq!(names(&all), ["create Files/kept", "create Files/not_tmp", "create Files/tmp_a"]);
    // The expression must match from the first letter of the name on, as with fabric-cicd.
    excluding("tmp");
    write(&["tmp_b", "kept"]);
    let pruned = stage.json(0, &deploy(&["--environment", "prod", "--prune"]));
    assert_eq!(names(&pruned), ["delete Files/not_tmp"], "{pruned}");
    assert_eq!(pruned["kept"][0]["reason"], "not_selected", "{pruned}");
    excluding("'['");
    let run = stage.run(&deploy(&["--environment", "prod"])).exits(7);
    assert!(run.stderr.contains("`publish.shortcut_exclude_regex`"), "{}", run.stderr);
}
