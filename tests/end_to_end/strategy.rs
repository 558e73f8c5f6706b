//! Items are written one by one or in bulk imports, and either way all of them or none.

use fabric_emulator::Fault;
use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::rollback::{SETTLE, definitions, deploy, forget_lease, kill_after};
use crate::sources;

const IMPORT: &str = "BulkImportItemDefinitions";

/// `count` notebooks in a folder, and a pipeline for each.
fn describe(stage: &Stage, count: usize, text: &str) {
    let root = stage.directory.path().join("source");
    for number in 1..=count {
        sources::notebook(&root.join("Data"), &format!("N{number}"), number, &format!("print('{text}')"));
        sources::pipeline(&root, &format!("P{number}"), 500 + number, number);
    }
}

fn stage(count: usize) -> Stage {
    let stage = Stage::new();
    describe(&stage, count, "first");
    stage
}

/// How often an operation was asked for.
fn sent(stage: &Stage, operation: &str) -> usize {
    stage.emulator.requests().iter().filter(|request| request.operation.as_deref() == Some(operation)).count()
}

fn fault(stage: &Stage, kind: &Value) {
    let faults = json!([{ "match": { "operation": IMPORT, "nth": 1 }, "kind": kind }]);
    stage.emulator.set_faults(serde_json::from_value::<Vec<Fault>>(faults).unwrap());
}

#[test]
fn a_plan_says_how_it_will_write_and_why() {
    let stage = stage(70);
    let plan = ["plan", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY];
    let auto = stage.json(0, &plan);
    assert_eq!(auto["strategy"]["imports"], json!([70, 70]), "{}", auto["strategy"]);
    assert_eq!((&auto["strategy"]["asked"], &auto["strategy"]["single"]), (&json!("auto"), &json!(0)));
    let single = stage.json(0, &[&plan[..], &["--strategy", "items"]].concat());
    assert_eq!((&single["strategy"]["imports"], &single["strategy"]["single"]), (&json!([]), &json!(140)));
    let text = stage.run(&[&plan[..], &["--strategy", "bulk"]].concat()).exits(0).stdout;
    assert!(text.contains("Strategy bulk: 140 in bulk imports of 70, 70, 0 one by one"), "{text}");
}

#[test]
fn few_items_are_written_one_by_one() {
    let stage = stage(3);
    let document = stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    assert_eq!((sent(&stage, IMPORT), sent(&stage, "CreateItem")), (0, 6));
    assert_eq!(document["strategy"]["imports"], json!([]));
}

#[test]
fn a_saved_plan_keeps_its_strategy() {
    let stage = stage(3);
    let plan = ["plan", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY, "--strategy", "bulk"];
    stage.json(0, &[&plan[..], &["--out", "w.plan"]].concat());
    assert_eq!(stage.json(0, &["deploy", "--plan", "w.plan"])["status"], "committed");
    assert_eq!((sent(&stage, IMPORT), sent(&stage, "CreateItem")), (2, 0));
}

#[test]
fn creates_and_updates_in_bulk_are_rolled_back_item_by_item() {
    let stage = stage(3);
    stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY, "--strategy", "bulk"]));
    assert_eq!((sent(&stage, IMPORT), sent(&stage, "CreateItem")), (2, 0));
    let before = definitions(&stage, "before");
    describe(&stage, 3, "second");
    let root = stage.directory.path().join("source");
    sources::notebook(&root.join("Data"), "Extra", 9, "print('extra')");
    sources::notebook(&root.join("Data"), "More", 10, "print('more')");
    let document = stage.json(0, &deploy(&["--strategy", "bulk"]));
    assert_eq!((sent(&stage, IMPORT), sent(&stage, "UpdateItemDefinition")), (4, 0), "{document}");
    assert_eq!(stage.json(0, &deploy(&["--strategy", "bulk"]))["status"], "unchanged");
    assert_eq!(stage.json(0, &["rollback", SETTLE])["status"], "rolled_back");
    assert_eq!(definitions(&stage, "after"), before);
}

#[test]
fn what_an_import_does_not_bring_is_sent_by_itself() {
    for kind in [
        json!({ "import_partly": { "every": 2 } }),
        json!({ "import_partly": { "every": 1, "despite": true } }),
        json!({ "lro_failed": { "error_code": "DependenciesCouldNotBeResolved" } }),
        json!({ "status": { "code": 400, "applied": false, "error_code": "DependenciesCouldNotBeResolved" } }),
        json!({ "status": { "code": 404, "applied": false, "error_code": "EndpointNotFound" } }),
    ] {
        let stage = stage(4);
        fault(&stage, &kind);
        let document =
            stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY, "--strategy", "bulk", "--verify", "definitions"]));
        assert_eq!(document["status"], "committed", "{kind}: {document}");
        assert_eq!(stage.json(0, &deploy(&[]))["status"], "unchanged", "{kind}");
    }
}

#[test]
fn without_roll_back_a_lost_answer_is_looked_up() {
    let stage = stage(3);
    fault(&stage, &json!("applied_then_lost"));
    let deploy = [
        "deploy",
        "--source",
        "source",
        "--workspace",
        "W",
        "--capacity",
        ACTIVE_CAPACITY,
        "--strategy",
        "bulk",
        SETTLE,
    ];
    let document = stage.json(0, &deploy);
    assert_eq!(document["status"], "committed", "{document}");
    assert_eq!(sent(&stage, "CreateItem"), 0);
}

/// A process that is killed at any request leaves what another one takes back.
#[test]
fn a_deployment_in_bulk_is_killed_and_all_is_as_before() {
    let mut tested = 0;
    for requests in 2.. {
        let stage = stage(3);
        stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
        let before = definitions(&stage, "before");
        describe(&stage, 5, "second");
        kill_after(&stage, requests, &deploy(&["--strategy", "bulk"]));
        forget_lease(&stage);
        let history = stage.json(0, &["history"]);
        match history["transactions"][0]["status"].as_str().unwrap() {
            "committed" => break,
            "rolled back" => {}
            _ => {
                let rolled_back = stage.json(0, &["rollback", SETTLE]);
                assert_eq!(rolled_back["left_behind"], json!([]), "killed after {requests}: {rolled_back}");
            }
        }
        assert_eq!(definitions(&stage, "after"), before, "killed after {requests}");
        tested += 1;
    }
    assert!(tested > 1, "the deployment was killed only {tested} times");
}

#[test]
fn a_word_that_is_no_strategy_starts_nothing() {
    let stage = stage(1);
    let token = stage.emulator.token();
    let mut command = crate::binary::fabric_cli(stage.directory.path());
    let address = stage.emulator.endpoint();
    command.env("FABRIC_STRATEGY", "fast").env("FABRIC_TOKEN", token).env("FABRIC_ENDPOINT", address);
    let run = crate::binary::run(command.args(["plan", "--source", "source", "--workspace", "W"])).exits(7);
    assert!(run.stderr.contains("FABRIC_STRATEGY=\"fast\": it must be auto, items or bulk"), "{}", run.stderr);
}
