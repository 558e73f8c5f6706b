//! The audit trail of a product, as the built binary writes and checks it.

use std::fs;
use std::process::Stdio;

use fabric_emulator::Fault;
use serde_json::{Value, json};

use crate::binary::{self, Stage};
use crate::example::copy_example;

const TRAIL: &str = "product/audit/audit_trail.jsonl";
const VERIFY: [&str; 4] = ["audit", "verify", "--file", TRAIL];
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

pub(crate) fn deploy(environment: &str) -> [&str; 5] {
    ["deploy", "--config", "product/product_config.yaml", "--environment", environment]
}

pub(crate) fn stage() -> Stage {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    stage
}

/// The events of the trail, each as the page lists it.
fn events(stage: &Stage) -> Vec<Value> {
    let trail = fs::read_to_string(stage.path(TRAIL)).unwrap();
    let page = fs::read_to_string(binary::repository().join("docs/observability/audit.md")).unwrap();
    let (of_all, _) = page.split_once("| event type |").unwrap();
    let check = |event: Value| {
        let event_type = event["event_type"].as_str().unwrap();
        let row = page.lines().find(|line| line.starts_with(&format!("| `{event_type}` |")));
        let row = row.unwrap_or_else(|| panic!("{event_type} is not on the page"));
        for name in event.as_object().unwrap().keys().map(|name| format!("`{name}`")) {
            assert!(row.contains(&name) || of_all.contains(&name), "{name} of {event_type} is not on the page");
        }
        event
    };
    trail.lines().map(|line| check(serde_json::from_str(line).unwrap())).collect()
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event_type"].as_str().unwrap()).collect()
}

#[test]
fn two_processes_make_one_chain() {
    let stage = stage();
    let start = |environment: &str| {
        binary::fabric_cli(stage.directory.path())
            .args(deploy(environment))
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("FABRIC_TOKEN", stage.emulator.token())
            .env("TRACEPARENT", format!("00-{TRACE}-00f067aa0ba902b7-01"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let both = [start("dev"), start("test")];
    for mut process in both {
        assert!(process.wait().unwrap().success());
    }
    let events = events(&stage);
    assert_eq!(types(&events).iter().filter(|event| **event == "deployment_completed").count(), 2);
    assert!(events.iter().all(|event| event["trace_id"] == TRACE), "{events:?}");
    let found = stage.json(0, &VERIFY);
    assert_eq!(found["status"], "intact");
    assert_eq!(found["trail"]["chained"], events.len());
    assert_eq!(found["trail"]["last"]["hash"], events.last().unwrap()["hash"]);

    let text = fs::read_to_string(stage.path(TRAIL)).unwrap();
    fs::write(stage.path(TRAIL), text.replacen("user_added", "user_noted", 1)).unwrap();
    let line = text.lines().position(|line| line.contains("user_added")).unwrap() + 1;
    let said = stage.run(&VERIFY).exits(1);
    assert!(said.stdout.contains(&format!("{TRAIL}:{line}: record {line} was changed")), "{}", said.stdout);
    fs::remove_file(stage.path(TRAIL)).unwrap();
    let said = stage.run(&VERIFY).exits(7);
    assert!(said.stderr.contains(TRAIL) && said.stderr.contains("--file"), "{}", said.stderr);
}

#[test]
fn names_are_on_record_before_anything_is_created_under_them() {
    let stage = stage();
    stage.json(0, &deploy("dev"));
    let events_of_all = events(&stage);
    let told = types(&events_of_all);
    let passed = told.iter().filter(|event| **event == "validation_passed").count();
    assert_eq!((told[0], told[1], passed), ("deployment_started", "validation_passed", 12), "{told:?}");
    let created: Vec<_> = events_of_all.iter().filter(|event| event["event_type"] == "item_created").collect();
    assert!(created.len() == 12 && created.iter().all(|event| event["validation_passed"] == true));

    // Not held against standards is not passed.
    let config = stage.path("product/product_config.yaml");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("naming:\n"), "{text}");
    let off =
        text.split("naming:\n").next().unwrap().to_owned() + "naming:\n  validate: false\naudit:\n  enabled: true\n";
    fs::write(&config, off).unwrap();
    stage.json(0, &deploy("test"));
    let unchecked = &events(&stage)[events_of_all.len()..];
    assert!(!types(unchecked).contains(&"validation_passed"), "{unchecked:?}");
    assert!(unchecked.iter().any(|event| event["validation_passed"] == false), "{unchecked:?}");
    fs::write(&config, text).unwrap();

    // A name that does not conform keeps a deployment from beginning, and that is on record, unless turned off.
    let standards = stage.path("product/naming_standards.yaml");
    let text = fs::read_to_string(&standards).unwrap();
    let wrong = text.replacen("_Notebook$", "_Sheet$", 1);
    fs::write(&standards, &wrong).unwrap();
    let before = events(&stage).len();
    stage.run(&deploy("prod")).exits(7);
    let refused = &events(&stage)[before..];
    assert!(
        !refused.is_empty() && refused.iter().all(|event| event["event_type"] == "validation_failed"),
        "{refused:?}"
    );
    assert!(refused.iter().all(|event| event["item_type"] == "Notebook" && event["validation_errors"].is_array()));
    let said = refused[0]["validation_errors"][0].as_str().unwrap();
    assert!(said.contains("_Sheet$") && said.contains(refused[0]["item_name"].as_str().unwrap()), "{said}");
    stage.run(&[&deploy("prod")[..], &["--dry-run"]].concat()).exits(7);
    stage.run(&["validate", "--config", "product/product_config.yaml", "--environment", "prod"]).exits(7);
    assert_eq!(events(&stage).len(), before + refused.len(), "what changes nothing is not on record");
    fs::write(&standards, format!("{}\n  log_violations: false\n", wrong.trim_end())).unwrap();
    let run = stage.run(&deploy("prod")).exits(7);
    assert!(run.stderr.contains("error[name-pattern]"), "{}", run.stderr);
    assert_eq!(events(&stage).len(), before + refused.len());
    stage.json(0, &VERIFY);
}

#[test]
fn what_was_taken_back_is_told_as_well() {
    let stage = stage();
    let faults: Vec<Fault> = serde_json::from_value(json!([
        { "match": { "method": "POST", "path": "roleAssignments" }, "kind": { "status": { "code": 403 } } }
    ]))
    .unwrap();
    stage.emulator.set_faults(faults);
    let arguments: Vec<_> = deploy("dev").into_iter().chain(["--flag", "FEATURE_USE_ROLLBACK=on"]).collect();
    let document = stage.json(5, &arguments);
    let events = events(&stage);
    let told = types(&events);
    assert_eq!((told[0], *told.last().unwrap()), ("deployment_started", "deployment_failed"));
    let place = |wanted: &str| told.iter().position(|event| *event == wanted).unwrap();
    assert!(place("workspace_created") < place("workspace_deleted"), "{told:?}");
    for event in &events {
        assert_eq!(event["transaction_id"], document["transaction_id"], "{event}");
    }
    assert_eq!(events.last().unwrap()["outcome"], "rolled_back");
    stage.json(0, &VERIFY);
}

#[test]
fn a_rollback_by_another_process_goes_into_the_same_trail() {
    let stage = stage();
    let arguments: Vec<_> = deploy("dev").into_iter().chain(["--flag", "FEATURE_USE_ROLLBACK=on"]).collect();
    stage.json(0, &arguments);
    let before = events(&stage).len();
    stage.json(0, &["rollback"]);
    let events = events(&stage);
    let told = types(&events[before..]);
    let count = |wanted: &str| told.iter().filter(|event| **event == wanted).count();
    assert_eq!((count("item_deleted"), count("user_removed"), count("workspace_deleted")), (12, 3, 1), "{told:?}");
    assert_eq!(count("item_created"), 0, "{told:?}");
    assert!(events[before..].iter().filter(|event| event["event_type"] == "item_deleted").all(|event| {
        event["reason"] == "rolled back" && event["item_id"].is_string() && event["workspace_id"].is_string()
    }));
    stage.json(0, &VERIFY);
}
