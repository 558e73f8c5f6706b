//! The example of the README, from the first deployment to the first edit.

use std::fs;
use std::path::Path;

use crate::binary::{self, Stage};

/// A copy of the example that a test may edit.
pub(crate) fn copy_example(to: &Path) {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    copy(&binary::repository().join("examples/sales-analytics"), to);
}

const DEPLOY: [&str; 5] = ["deploy", "--config", "product/product_config.yaml", "--environment", "dev"];

#[test]
fn the_first_run_needs_no_account_and_the_second_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    copy_example(&directory.path().join("product"));
    let deploy = || {
        let mut command = binary::fabric_cli(directory.path());
        binary::run(command.args(["--output", "json", "--emulator"]).args(DEPLOY))
    };
    let first = deploy().exits(0).document();
    assert_eq!(first["status"], "committed");
    assert_eq!(first["summary"]["create"], 12, "{first}");
    let second = deploy().exits(0).document();
    assert_eq!(second["status"], "unchanged", "{second}");
    assert_eq!(second["summary"]["unchanged"], 12);
    assert_eq!(second["summary"]["create"], 0);
}

#[test]
fn an_unchanged_deployment_sends_nothing_that_changes_anything() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    let first = stage.json(0, &DEPLOY);
    assert_eq!(first["status"], "committed");
    let before = stage.mutations().len();
    assert!(before > 12, "the first deployment sends a change for each item");
    let again = stage.json(0, &DEPLOY);
    assert_eq!(again["status"], "unchanged", "{again}");
    assert_eq!(stage.mutations()[before..], [] as [String; 0]);
}

#[test]
fn an_edit_shows_in_the_plan_as_a_diff_and_is_the_only_update() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    stage.json(0, &DEPLOY);
    let file =
        stage.directory.path().join("product/workspace/Transform/10_CleanSales_Notebook.Notebook/notebook-content.py");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\nprint(\"edited\")\n")).unwrap();

    let plan = stage.run(&["plan", "--config", "product/product_config.yaml", "--environment", "dev"]).exits(0);
    assert!(plan.stdout.contains("~ Notebook \"10_CleanSales_Notebook\""), "{}", plan.stdout);
    assert!(plan.stdout.contains("+print(\"edited\")"), "{}", plan.stdout);
    assert!(plan.stdout.contains("0 to create, 1 to update, 0 to move, 0 to delete, 11 unchanged"), "{}", plan.stdout);

    let before = stage.mutations().len();
    let document = stage.json(0, &DEPLOY);
    assert_eq!(document["status"], "committed");
    assert_eq!(document["summary"]["update"], 1);
    assert_eq!(stage.mutations()[before..], ["POST UpdateItemDefinition"]);
}

#[test]
fn every_reference_of_the_example_is_an_id_of_the_workspace() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    let document = stage.json(0, &DEPLOY);
    let workspace = document["workspace"]["id"].as_str().unwrap();
    let out = stage.path("exported");
    stage.json(0, &["export", "--workspace", workspace, "--out", &out]);
    let pipeline = fs::read_to_string(Path::new(&out).join("SalesDaily_Pipeline.DataPipeline/pipeline-content.json"));
    let pipeline = pipeline.or_else(|_| {
        fs::read_to_string(Path::new(&out).join("Serve/SalesDaily_Pipeline.DataPipeline/pipeline-content.json"))
    });
    let source = fs::read_to_string(
        stage.directory.path().join("product/workspace/Ingest/01_IngestSales_Notebook.Notebook/.platform"),
    )
    .unwrap();
    let source: serde_json::Value = serde_json::from_str(&source).unwrap();
    let logical_id = source["config"]["logicalId"].as_str().unwrap();
    let pipeline = pipeline.unwrap();
    assert!(!pipeline.contains(logical_id), "the source's logical id was sent to the workspace");
    assert!(pipeline.contains("00000000-0000-0000-0000-000000000000"), "the workspace's id is written as zeros");
}

#[test]
fn the_audit_trail_tells_what_was_done_in_the_original_systems_words() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    stage.json(0, &DEPLOY);
    let trail = fs::read_to_string(stage.directory.path().join("product/audit/audit_trail.jsonl")).unwrap();
    let events: Vec<serde_json::Value> = trail.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |event_type: &str| events.iter().filter(|event| event["event_type"] == event_type).count();
    assert_eq!(events[0]["event_type"], "deployment_started");
    assert_eq!(
        (count("workspace_created"), count("item_created"), count("user_added"), count("deployment_completed")),
        (1, 12, 3, 1),
        "{trail}"
    );
    let last = events.last().unwrap();
    assert_eq!((&last["environment"], &last["items_deployed"]), (&"dev".into(), &12.into()));
    for event in &events {
        for field in ["timestamp", "git_commit", "git_branch", "git_user"] {
            assert!(event[field].is_string(), "{field}: {event}");
        }
    }
    stage.json(0, &["plan", "--config", "product/product_config.yaml", "--environment", "dev"]);
    let again = fs::read_to_string(stage.directory.path().join("product/audit/audit_trail.jsonl")).unwrap();
    assert_eq!(again, trail, "a plan is no event");
}
