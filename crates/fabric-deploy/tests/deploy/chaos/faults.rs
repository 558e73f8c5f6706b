//! Every fault at every call, on the way forwards and on the way back.

use fabric_emulator::{Fault, FaultKind, FaultMatch, StatusFault, ThrottledFault};

use super::life::Life;
use super::product::Version;
use super::scenario::{Scenario, none, run};
use super::session::{Ended, Stage};

/// Every fault that can befall a call, with its name.
pub(super) fn kinds() -> Vec<(&'static str, FaultKind)> {
    let status = |code, applied, error_code: Option<&str>| {
        FaultKind::Status(StatusFault { code, applied, error_code: error_code.map(str::to_owned), retry_after: None })
    };
    vec![
        ("lost before", FaultKind::LostBefore),
        ("applied, then lost", FaultKind::AppliedThenLost),
        ("500, applied", status(500, true, None)),
        ("500, not applied", status(500, false, None)),
        ("403", status(403, false, Some("InsufficientPrivileges"))),
        ("throttled", FaultKind::Throttled(ThrottledFault { seconds: 5, applied: false })),
        ("truncated", FaultKind::Truncated),
        ("reset", FaultKind::Reset),
        ("operation failed", FaultKind::LroFailed { error_code: "Boom".to_owned() }),
    ]
}

fn at(number: usize, kind: &FaultKind) -> Vec<Fault> {
    let matching = FaultMatch { nth: Some(number as u64), ..FaultMatch::default() };
    vec![Fault { matching, kind: kind.clone() }]
}

/// What a run with one fault adds to the list of what is wrong.
async fn judge(scenario: &Scenario, stage: &Stage, ended: Ended, what: String, wrong: &mut Vec<String>) {
    let differences = scenario.wrong(stage, &ended);
    if !differences.is_empty() {
        wrong.push(format!("{what}: {ended:?}: {}", differences.join("; ")));
    }
}

async fn call(stage: &Stage, number: usize) -> String {
    let requests = stage.emulator.requests();
    requests.get(number - 1).and_then(|request| request.operation.clone()).unwrap_or_default()
}

fn forwards(attempts: u32) {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    for (name, kind) in kinds() {
        for number in 1..=scenario.requests {
            run(async {
                let stage = Stage { attempts, ..scenario.stage().await };
                stage.emulator.set_faults(at(number, &kind));
                let ended = stage.process(&Life::long()).deploy(Version::Second).await.unwrap();
                let what = format!("{name} at {number} ({})", call(&stage, number).await);
                judge(scenario, &stage, ended, what, &mut wrong).await;
            });
        }
    }
    none(&wrong);
}

#[test]
fn every_fault_at_every_call_of_a_deployment_ends_before_or_after() {
    forwards(1);
}

#[test]
fn every_fault_at_every_call_of_a_deployment_that_tries_again_ends_before_or_after() {
    forwards(4);
}

#[test]
fn every_fault_at_every_call_of_a_roll_back_ends_before() {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    for (name, kind) in kinds() {
        for number in 1..=scenario.undo_requests {
            run(async {
                let stage = scenario.deployed().await;
                stage.emulator.set_faults(at(number, &kind));
                let ended = stage.process(&Life::long()).rollback().await.unwrap();
                let what = format!("{name} at {number} ({})", call(&stage, number).await);
                judge(scenario, &stage, ended, what, &mut wrong).await;
            });
        }
    }
    none(&wrong);
}
