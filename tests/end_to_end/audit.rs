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

fn deploy(environment: &str) -> [&str; 5] {
    ["deploy", "--config", "product/product_config.yaml", "--environment", environment]
}

fn stage() -> Stage {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    stage
}

fn events(stage: &Stage) -> Vec<Value> {
    let trail = fs::read_to_string(stage.path(TRAIL)).unwrap();
    trail.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
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
