//! What is exported can be deployed again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::example::copy_example;

/// Every file below `root`, with the ids of its own items replaced by their names.
fn files(root: &Path) -> BTreeMap<String, String> {
    fn read(root: &Path, directory: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    read(root, root, &mut found);
    let names: Vec<(String, String)> = found
        .iter()
        .filter(|(path, _)| path.ends_with(".platform"))
        .map(|(path, text)| {
            let platform: serde_json::Value = serde_json::from_str(text).unwrap();
            (platform["config"]["logicalId"].as_str().unwrap().to_owned(), format!("<{path}>"))
        })
        .collect();
    for text in found.values_mut() {
        for (id, name) in &names {
            *text = text.replace(id, name);
        }
    }
    found
}

#[test]
fn an_exported_workspace_deployed_elsewhere_has_the_same_definitions() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    let deployed =
        stage.json(0, &["deploy", "--config", "product/product_config.yaml", "--environment", "dev"]);
    let original = deployed["workspace"]["name"].as_str().unwrap();
    let exported = stage.json(0, &["export", "--workspace", original, "--out", "first"]);
    assert_eq!(exported["exported"].as_array().unwrap().len(), 12, "{exported}");

    let deploy = ["deploy", "--source", "first", "--workspace", "Second", "--environment", "dev", "--capacity", ACTIVE_CAPACITY];
    let copy = stage.json(0, &deploy);
    assert_eq!(copy["summary"]["create"], 12, "{copy}");
    stage.json(0, &["export", "--workspace", "Second", "--out", "second"]);

    let (first, second) = (files(&stage.directory.path().join("first")), files(&stage.directory.path().join("second")));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    let endpoint_free = |path: &str| !path.ends_with("expressions.tmdl");
    for (path, text) in first.iter().filter(|(path, _)| endpoint_free(path)) {
        assert_eq!(text, &second[path], "{path}");
    }
    assert_eq!(stage.json(0, &deploy)["status"], "unchanged");
}

#[test]
fn an_export_never_mixes_with_what_is_there() {
    let stage = Stage::new();
    fs::create_dir(stage.directory.path().join("taken")).unwrap();
    fs::write(stage.directory.path().join("taken/file"), "mine").unwrap();
    let refused = stage.run(&["export", "--workspace", "Any", "--out", "taken"]).exits(7);
    assert!(refused.stderr.contains("not empty"), "{}", refused.stderr);
}
