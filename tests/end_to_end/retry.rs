//! `FEATURE_USE_RETRY_LOGIC`: on, passing faults pass; off, the first failure is final and every call is sent once.

use fabric_emulator::{Fault, FaultKind, FaultMatch, StatusFault, ThrottledFault};
use serde_json::Value;

use crate::binary::{self, ACTIVE_CAPACITY, Run, Stage, fabric_cli};
use crate::sources;

const DEPLOY: [&str; 9] =
    ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev", "--capacity", ACTIVE_CAPACITY];

/// A stage with one notebook to deploy.
fn stage() -> Stage {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    stage
}

fn fault(operation: &str, nth: Option<u64>, kind: FaultKind) -> Fault {
    Fault { matching: FaultMatch { operation: Some(operation.to_owned()), nth, ..FaultMatch::default() }, kind }
}

fn unavailable() -> FaultKind {
    FaultKind::Status(StatusFault { code: 503, applied: false, error_code: None, retry_after: Some(1) })
}

fn throttled() -> FaultKind {
    FaultKind::Throttled(ThrottledFault { seconds: 1, applied: false })
}

/// Deploys with these variables.
fn deploy(stage: &Stage, variables: &[(&str, &str)], more: &[&str]) -> Run {
    binary::run(
        fabric_cli(stage.directory.path())
            .args(["--output", "json"])
            .args(DEPLOY)
            .args(more)
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("FABRIC_TOKEN", stage.emulator.token())
            .envs(variables.iter().copied()),
    )
}

fn count(stage: &Stage, operation: &str) -> usize {
    stage.emulator.requests().iter().filter(|request| request.operation.as_deref() == Some(operation)).count()
}

#[track_caller]
fn create_step(document: &Value) -> &Value {
    let steps = document["steps"].as_array().unwrap();
    steps.iter().find(|step| step["kind"] == "item" && step["action"] == "create").unwrap()
}

const ON: [(&str, &str); 1] = [("FEATURE_USE_RETRY_LOGIC", "true")];

#[test]
fn on_a_read_that_fails_in_passing_is_sent_again() {
    for kind in [unavailable(), throttled(), FaultKind::Reset, FaultKind::Truncated] {
        let stage = stage();
        stage.emulator.set_faults(vec![fault("GetOperationState", Some(1), kind.clone())]);
        let document = deploy(&stage, &ON, &[]).exits(0).document();
        assert_eq!(document["status"], "committed");
        let step = create_step(&document);
        assert_eq!(step["attempts"], 2, "{kind:?}: {document}");
        assert!(step["waited_ms"].as_u64().unwrap() >= 1_000, "{kind:?}: {document}");
        assert_eq!(step["throttled"] == 1, matches!(kind, FaultKind::Throttled(_)), "{kind:?}: {document}");
    }
}

#[test]
fn off_the_first_failure_of_a_read_is_final() {
    for (kind, code) in [(unavailable(), 1), (throttled(), 75), (FaultKind::Reset, 1)] {
        let stage = stage();
        stage.emulator.set_faults(vec![fault("ListWorkspaces", Some(1), kind.clone())]);
        let document = deploy(&stage, &[], &[]).exits(code).document();
        assert_eq!(document["status"], "failed", "{document}");
        assert_eq!(stage.emulator.requests().len(), 1, "{kind:?}");
    }
}

#[test]
fn a_create_whose_answer_is_lost_is_found_and_not_sent_again() {
    for variables in [&ON[..], &[]] {
        let stage = stage();
        stage.emulator.set_faults(vec![fault("CreateItem", Some(1), FaultKind::AppliedThenLost)]);
        let document = deploy(&stage, variables, &[]).exits(0).document();
        assert_eq!(document["status"], "committed");
        assert_eq!(count(&stage, "CreateItem"), 1);
    }
}

#[test]
fn no_call_is_sent_more_often_than_asked_for() {
    for (kind, variables, arguments) in [
        (FaultKind::LostBefore, [("FABRIC_MAX_ATTEMPTS", "2")], &[][..]),
        (unavailable(), [("FABRIC_MAX_ATTEMPTS", "9")], &["--max-attempts", "2"]),
    ] {
        let stage = stage();
        stage.emulator.set_faults(vec![fault("ListWorkspaces", None, kind)]);
        let variables: Vec<_> = ON.into_iter().chain(variables).collect();
        let document = deploy(&stage, &variables, arguments).exits(1).document();
        assert_eq!(stage.emulator.requests().len(), 2);
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains("attempt 2 after") && message.contains("no retries left"), "{message}");
    }
}

#[test]
fn a_call_takes_no_longer_than_asked_for() {
    for (variables, arguments) in
        [([("FABRIC_TIMEOUT", "1s")], &[][..]), ([("FABRIC_TIMEOUT", "9m")], &["--timeout", "1s"])]
    {
        let stage = stage();
        stage.emulator.set_faults(vec![fault("ListWorkspaces", None, FaultKind::SlowMs(60_000))]);
        let variables: Vec<_> = ON.into_iter().chain(variables).collect();
        let document = deploy(&stage, &variables, arguments).exits(75).document();
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains("no answer within 1s"), "{message}");
    }
}

#[test]
fn a_wait_that_the_server_asks_for_and_that_does_not_fit_is_not_begun() {
    let stage = stage();
    let kind = FaultKind::Throttled(ThrottledFault { seconds: 3_600, applied: false });
    stage.emulator.set_faults(vec![fault("ListWorkspaces", None, kind)]);
    let document = deploy(&stage, &ON, &["--timeout", "20s"]).exits(75).document();
    assert_eq!(document["error"]["code"], "RequestBlocked", "{document}");
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains("attempt 1: status 429") && message.contains("it would need to wait"), "{message}");
    assert_eq!(stage.emulator.requests().len(), 1);
}

/// Steps that failed for lack of time alone: exit 75 as long as no other step was applied, and 1 from then on.
#[test]
fn a_step_that_lacked_nothing_but_time_is_to_be_tried_later() {
    let throttled = FaultKind::Throttled(ThrottledFault { seconds: 3_600, applied: false });
    for (kind, story) in [(throttled, "RequestBlocked"), (FaultKind::SlowMs(60_000), "no answer within 2s")] {
        let stage = stage();
        deploy(&stage, &ON, &[]).exits(0);
        sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(2)");
        stage.emulator.set_faults(vec![fault("UpdateItemDefinition", None, kind)]);
        let document = deploy(&stage, &ON, &["--timeout", "2s"]).exits(75).document();
        assert_eq!(document["status"], "failed");
        let failed = document["steps"].as_array().unwrap().iter().find(|step| step["status"] == "failed").unwrap();
        assert_eq!(failed["error"]["try_later"], true, "{document}");
        assert!(failed["error"]["message"].as_str().unwrap().contains(story), "{document}");
        assert_eq!(failed["attempts"], 1, "{document}");
    }
}

#[test]
fn a_step_that_was_applied_before_the_time_was_over_makes_it_a_failure() {
    for exists in [true, false] {
        let stage = stage();
        if exists {
            deploy(&stage, &[], &[]).exits(0);
            sources::notebook(&stage.directory.path().join("source"), "Two", 2, "print(2)");
        }
        let throttled = FaultKind::Throttled(ThrottledFault { seconds: 60, applied: false });
        stage.emulator.set_faults(vec![fault("CreateItem", None, throttled)]);
        let document = deploy(&stage, &[], &[]).exits(if exists { 75 } else { 1 }).document();
        assert_eq!(create_step(&document)["error"]["try_later"], true, "{document}");
        let workspace_stays = document["left_behind"].to_string().contains("was applied and is not rolled back");
        assert_eq!(workspace_stays, !exists, "{document}");
    }
}

#[test]
fn settings_that_cannot_be_are_refused_before_anything_is_sent() {
    for (variable, value) in [
        ("FABRIC_TIMEOUT", "soon"),
        ("FABRIC_TIMEOUT", "5"),
        ("FABRIC_MAX_ATTEMPTS", "0"),
        ("FABRIC_MAX_ATTEMPTS", "many"),
        ("FABRIC_CONCURRENCY", "0"),
        ("FABRIC_CONCURRENCY", "-3"),
    ] {
        let stage = stage();
        let document = deploy(&stage, &[(variable, value)], &[]).exits(7).document();
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains(variable) && message.contains(value), "{message}");
        assert_eq!(stage.emulator.requests().len(), 0);
    }
    for arguments in [["--timeout", "soon"], ["--max-attempts", "0"], ["--concurrency", "none"]] {
        let stage = stage();
        let run = deploy(&stage, &[], &arguments).exits(64);
        assert!(run.stderr.contains(arguments[0]), "{}", run.stderr);
        assert_eq!(stage.emulator.requests().len(), 0);
    }
}

#[test]
fn an_expired_token_of_a_variable_ends_it_and_says_why() {
    let stage = stage();
    stage.emulator.set_faults(vec![fault(
        "ListWorkspaces",
        None,
        FaultKind::Status(StatusFault { code: 401, applied: false, error_code: None, retry_after: None }),
    )]);
    let document = deploy(&stage, &ON, &[]).exits(4).document();
    assert_eq!(document["error"]["code"], "TokenExpired", "{document}");
    assert!(document["error"]["remedy"].as_str().unwrap().contains("FABRIC_TOKEN cannot be renewed"), "{document}");
    assert_eq!(stage.emulator.requests().len(), 1);
}
