//! `FEATURE_USE_CIRCUIT_BREAKER`: on, a service that is down is left alone after five failures; off, every call is sent.

use fabric_emulator::{Fault, FaultKind, FaultMatch, StatusFault};
use serde_json::Value;

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::sources;

const NOTEBOOKS: usize = 20;

/// Deploys while everything about items is down, two calls at a time, and gives the document and how many requests
/// about items arrived.
fn deploy_into_outage(kind: FaultKind, more: &[&str]) -> (Value, usize) {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    for number in 0..NOTEBOOKS {
        sources::notebook(&root, &format!("Notebook_{number}"), number, "print(1)");
    }
    let matching = FaultMatch { path: Some("/items".to_owned()), ..FaultMatch::default() };
    stage.emulator.set_faults(vec![Fault { matching, kind }]);
    let arguments = ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev"];
    let arguments: Vec<_> =
        arguments.iter().chain(&["--capacity", ACTIVE_CAPACITY, "--concurrency", "2"]).chain(more).copied().collect();
    let document = stage.json(1, &arguments);
    let arrived = stage.emulator.requests().iter().filter(|request| request.path.contains("/items")).count();
    (document, arrived)
}

fn unavailable() -> FaultKind {
    FaultKind::Status(StatusFault { code: 503, applied: false, error_code: None, retry_after: None })
}

#[track_caller]
fn failures(document: &Value) -> Vec<&Value> {
    assert_eq!(document["status"], "failed", "{document}");
    document["steps"].as_array().unwrap().iter().filter(|step| step["status"] == "failed").collect()
}

#[test]
fn on_calls_stop_after_five_failures_and_the_report_says_that_the_rest_were_not_sent() {
    for kind in [unavailable(), FaultKind::Reset] {
        let (document, arrived) = deploy_into_outage(kind, &["--flag", "FEATURE_USE_CIRCUIT_BREAKER=on"]);
        // Five failures, and one more call that was under way when the fifth came back.
        assert!((5..=6).contains(&arrived), "{arrived} requests arrived");
        let failures = failures(&document);
        assert_eq!(failures.len(), NOTEBOOKS);
        let turned_away = failures
            .iter()
            .filter(|step| step["error"]["message"].as_str().unwrap().contains("the circuit breaker for"))
            .filter(|step| step["error"]["outcome_unknown"] == false)
            .count();
        assert!(turned_away >= NOTEBOOKS - arrived, "{turned_away} of {NOTEBOOKS}: {document}");
    }
}

#[test]
fn off_every_call_is_sent() {
    let (document, arrived) = deploy_into_outage(unavailable(), &[]);
    assert_eq!(failures(&document).len(), NOTEBOOKS);
    assert_eq!(arrived, 2 * NOTEBOOKS, "each create, and the look-up after it");
}
