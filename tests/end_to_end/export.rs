//! What is exported can be deployed again.

use std::fs;

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::example::copy_example;
use crate::sources::files;

#[test]
fn an_exported_workspace_deployed_elsewhere_has_the_same_definitions() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    let deployed = stage.json(0, &["deploy", "--config", "product/product_config.yaml", "--environment", "dev"]);
    let original = deployed["workspace"]["name"].as_str().unwrap();
    let exported = stage.json(0, &["export", "--workspace", original, "--out", "first"]);
    assert_eq!(exported["exported"].as_array().unwrap().len(), 12, "{exported}");

    let deploy =
        ["deploy", "--source", "first", "--workspace", "Second", "--environment", "dev", "--capacity", ACTIVE_CAPACITY];
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
