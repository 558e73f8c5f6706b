//! Nothing is deleted unless it was asked for, and never more than was allowed.

use std::fs;

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::sources;

fn deployed() -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    for number in 0..3 {
        sources::notebook(&root.join("Old"), &format!("N{number}"), number, "print(1)");
    }
    sources::notebook(&root, "Kept", 10, "print(1)");
    sources::lakehouse(&root.join("Data"), "L", 20);
    stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    fs::remove_dir_all(root.join("Old")).unwrap();
    fs::remove_dir_all(root.join("Data")).unwrap();
    stage
}

fn deploy<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev"].iter().chain(more).copied().collect()
}

fn names(stage: &Stage) -> Vec<String> {
    let workspace = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = stage
        .list(&format!("/v1/workspaces/{workspace}/items"))
        .iter()
        .filter(|item| item["type"] != "SQLEndpoint")
        .map(|item| item["displayName"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn without_prune_everything_stays_and_is_told() {
    let stage = deployed();
    let document = stage.json(0, &deploy(&[]));
    assert_eq!(document["status"], "unchanged");
    assert_eq!(document["kept"].as_array().unwrap().len(), 4, "{document}");
    assert_eq!(names(&stage), ["Kept", "L", "N0", "N1", "N2"]);
}

#[test]
fn prune_deletes_orphans_and_empty_folders_and_keeps_data() {
    let stage = deployed();
    let document = stage.json(0, &deploy(&["--prune"]));
    assert_eq!(document["summary"]["delete"], 3, "{document}");
    assert_eq!(names(&stage), ["Kept", "L"]);
    let workspace = document["workspace"]["id"].as_str().unwrap();
    let folders = stage.list(&format!("/v1/workspaces/{workspace}/folders"));
    let folders: Vec<_> = folders.iter().map(|folder| folder["displayName"].as_str().unwrap()).collect();
    assert_eq!(folders, ["Data"], "the folder of the kept lakehouse stays");
}

#[test]
fn prune_data_deletes_data_too() {
    let stage = deployed();
    let document = stage.json(0, &deploy(&["--prune", "--prune-data"]));
    assert_eq!(document["summary"]["delete"], 4, "{document}");
    assert_eq!(names(&stage), ["Kept"]);
}

#[test]
fn more_than_allowed_is_refused_before_anything_is_sent() {
    let stage = deployed();
    let before = stage.mutations().len();
    let refused = stage.run(&deploy(&["--prune", "--max-delete", "2"])).exits(7);
    assert!(refused.stderr.contains("3 items would be deleted"), "{}", refused.stderr);
    assert_eq!(stage.mutations().len(), before);
}
