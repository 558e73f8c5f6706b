//! Selected items: what is deployed, what is left alone, what Git says has changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::binary::{self, Stage};
use crate::sources;

const WORKSPACE: &str = "Selected";

/// A stage with a lakehouse, three notebooks, one of them in a folder, and a pipeline that runs the first.
fn stage() -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::lakehouse(&root, "Store", 1);
    sources::notebook(&root, "One", 2, "print(1)");
    sources::notebook(&root, "Two", 3, "print(2)");
    sources::notebook(&root.join("Ingest"), "Three", 4, "print(3)");
    sources::pipeline(&root, "Daily", 5, 2);
    stage
}

fn with<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![command, "--source", "source", "--workspace", WORKSPACE, "--environment", "dev"];
    arguments.extend(["--capacity", binary::ACTIVE_CAPACITY]);
    arguments.extend(more);
    arguments
}

fn names(stage: &Stage) -> Vec<String> {
    let workspaces = stage.list("/v1/workspaces");
    let workspace = workspaces.iter().find(|found| found["displayName"] == WORKSPACE).expect("the workspace is there");
    let items = stage.list(&format!("/v1/workspaces/{}/items", workspace["id"].as_str().unwrap()));
    let mut names: Vec<_> = items
        .iter()
        .filter(|item| item["type"] != "SQLEndpoint")
        .map(|item| item["displayName"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn steps(document: &Value, action: &str) -> Vec<String> {
    let steps = document["steps"].as_array().unwrap().iter();
    let items = steps.filter(|step| step["kind"] == "item" && step["action"] == action);
    items.map(|step| step["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn only_what_is_selected_is_deployed_and_the_rest_is_left_alone() {
    let stage = stage();
    let plan = stage.json(0, &with("plan", &["--type", "Notebook", "--exclude", "^T"]));
    assert_eq!(steps(&plan, "create"), ["One"]);
    let plan = stage.json(0, &with("plan", &["--folder", "/Ingest"]));
    assert_eq!(steps(&plan, "create"), ["Three"]);
    let plan = stage.json(0, &with("plan", &["--exclude-folder", "^/Ing"]));
    assert_eq!(steps(&plan, "create").len(), 4, "{plan}");
    stage.json(0, &with("deploy", &["--item", "One.Notebook", "--item", "Store.Lakehouse"]));
    assert_eq!(names(&stage), ["One", "Store"]);
    let pruned = stage.json(0, &with("deploy", &["--item", "Two.Notebook", "--prune", "--prune-data"]));
    assert_eq!(steps(&pruned, "delete"), [] as [&str; 0], "what was not selected is not pruned: {pruned}");
    assert_eq!(names(&stage), ["One", "Store", "Two"]);
}

#[test]
fn a_selected_item_may_refer_to_what_the_workspace_has_and_to_nothing_else() {
    let stage = stage();
    let refused = stage.json(7, &with("deploy", &["--item", "Daily.DataPipeline"]));
    let message = refused["diagnostics"][0]["message"].as_str().unwrap();
    assert!(message.contains("Notebook.One") && message.contains("is not selected"), "{message}");
    assert_eq!(stage.mutations(), [] as [String; 0]);
    let told = stage.run(&with("deploy", &["--item", "One.Notebook"])).exits(0);
    assert!(told.stderr.contains("Daily.DataPipeline refers to One.Notebook"), "{}", told.stderr);
    stage.json(0, &with("deploy", &["--item", "Daily.DataPipeline"]));
    assert_eq!(names(&stage), ["Daily", "One"]);
}

#[test]
fn what_is_no_selection_is_refused() {
    let stage = stage();
    let refused = stage.json(7, &with("plan", &["--item", "One", "--folder", "Ingest", "--exclude", "("]));
    assert_eq!(refused["diagnostics"].as_array().unwrap().len(), 3, "{refused}");
    assert_eq!(stage.emulator.requests().len(), 0);
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=tests", "-c", "user.email=tests@example.com"]);
    let output = command.args(arguments).output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(stage: &Stage) {
    git(stage.directory.path(), &["add", "--all", "source"]);
    git(stage.directory.path(), &["commit", "--quiet", "--message", "As it is now"]);
}

#[test]
fn git_tells_what_was_added_changed_renamed_and_deleted() {
    let stage = stage();
    git(stage.directory.path(), &["init", "--quiet"]);
    commit(&stage);
    stage.json(0, &with("deploy", &[]));
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "Two", 3, "print('two')");
    fs::remove_dir_all(root.join("Ingest")).unwrap();
    sources::notebook(&root, "Four", 6, "print(4)");
    commit(&stage);
    sources::notebook(&root, "Five", 7, "not committed yet");

    let plan = stage.json(0, &with("plan", &["--changed-since", "HEAD~1"]));
    assert_eq!(steps(&plan, "create"), ["Five", "Four"]);
    assert_eq!(steps(&plan, "update"), ["Two"]);
    assert_eq!(steps(&plan, "delete"), [] as [&str; 0], "deletes are asked for by --prune");
    let deployed = stage.json(0, &with("deploy", &["--changed-since", "HEAD~1", "--prune"]));
    assert_eq!(steps(&deployed, "delete"), ["Three"]);
    assert_eq!(names(&stage), ["Daily", "Five", "Four", "One", "Store", "Two"]);
    let again = stage.json(0, &with("deploy", &["--changed-since", "HEAD~1", "--prune"]));
    assert_eq!(again["status"], "unchanged", "{again}");
}

#[test]
fn a_parameter_file_that_changed_touches_every_item() {
    let stage = stage();
    git(stage.directory.path(), &["init", "--quiet"]);
    commit(&stage);
    let parameters = "find_replace:\n  - find_value: \"print(1)\"\n    replace_value:\n      dev: \"print('one')\"\n";
    fs::write(stage.directory.path().join("source/parameter.yml"), parameters).unwrap();
    let plan = stage.json(0, &with("plan", &["--changed-since", "HEAD"]));
    assert_eq!(steps(&plan, "create").len(), 5, "{plan}");
}

#[test]
fn a_history_that_was_cut_off_is_an_error_and_not_an_empty_list() {
    let stage = stage();
    let origin = stage.directory.path().join("origin");
    fs::create_dir(&origin).unwrap();
    fs::rename(stage.directory.path().join("source"), origin.join("source")).unwrap();
    git(&origin, &["init", "--quiet"]);
    for content in ["print('first')", "print('second')"] {
        sources::notebook(&origin.join("source"), "One", 2, content);
        git(&origin, &["add", "--all"]);
        git(&origin, &["commit", "--quiet", "--message", "As it is now"]);
    }
    let url = format!("file://{}", origin.display());
    git(stage.directory.path(), &["clone", "--quiet", "--depth", "1", &url, "clone"]);
    fs::rename(stage.directory.path().join("clone"), stage.directory.path().join("cut")).unwrap();
    let arguments = ["plan", "--source", "cut/source", "--workspace", WORKSPACE, "--changed-since", "HEAD~1"];
    let refused = stage.run(&arguments).exits(7);
    assert!(refused.stderr.contains("git fetch --unshallow"), "{}", refused.stderr);
    let unknown = stage.run(&["plan", "--source", "origin/source", "--workspace", "W", "--changed-since", "nowhere"]);
    assert!(unknown.exits(7).stderr.contains("has no commit \"nowhere\""));
    fs::create_dir(stage.directory.path().join("plain")).unwrap();
    sources::notebook(&stage.directory.path().join("plain"), "One", 2, "");
    let nowhere = stage.run(&["plan", "--source", "plain", "--workspace", "W", "--changed-since", "HEAD"]).exits(7);
    assert!(nowhere.stderr.contains("not in a Git repository"), "{}", nowhere.stderr);
    assert_eq!(stage.emulator.requests().len(), 0);
}
