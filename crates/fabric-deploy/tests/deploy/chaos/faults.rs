//! Every fault at every call, on the way forwards and on the way back.

use fabric_emulator::{Fault, FaultKind, FaultMatch, RequestRecord, StatusFault, ThrottledFault};

use super::life::Life;
use super::product::Version;
use super::scenario::{Scenario, is_full, none, run};
use super::session::{Ended, Stage};
use super::world::World;

/// Longer than a dead process keeps its lease.
const SLOW_MS: u64 = 90_000;

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
        ("throttled, applied", FaultKind::Throttled(ThrottledFault { seconds: 5, applied: true })),
        ("truncated", FaultKind::Truncated),
        ("reset", FaultKind::Reset),
        ("slow", FaultKind::SlowMs(SLOW_MS)),
        ("operation failed", FaultKind::LroFailed { error_code: "Boom".to_owned() }),
    ]
}

pub(super) fn at(number: usize, kind: &FaultKind) -> Vec<Fault> {
    let matching = FaultMatch { nth: Some(number as u64), ..FaultMatch::default() };
    vec![Fault { matching, kind: kind.clone() }]
}

/// Which faults befall which calls: in the short form every fault each call that changes something, and the others one
/// after the other those that read.
fn pairs(calls: &[RequestRecord]) -> Vec<(usize, &'static str, FaultKind)> {
    let kinds = kinds();
    let befalls = |index: usize, call: &RequestRecord, kind: usize| {
        is_full() || call.mutating || (index.is_multiple_of(3) && index / 3 % kinds.len() == kind)
    };
    let all = calls.iter().enumerate().flat_map(|(index, call)| {
        let some = kinds.iter().enumerate().filter(move |(kind, _)| befalls(index, call, *kind));
        some.map(move |(_, (name, kind))| (index + 1, *name, kind.clone()))
    });
    all.collect()
}

/// Runs `test` once for every fault of every call, and says what ended neither before nor after.
fn each(calls: &[RequestRecord], back: bool, attempts: u32) {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    for (number, name, kind) in pairs(calls) {
        run(async {
            let stage = if back { scenario.deployed().await } else { scenario.stage().await };
            let stage = Stage { attempts, ..stage };
            stage.emulator.set_faults(at(number, &kind));
            let process = stage.process(&Life::long());
            let ended = if back { process.rollback().await } else { process.deploy(Version::Second).await }.unwrap();
            let differences = scenario.wrong(&stage, &ended);
            if !differences.is_empty() {
                let requests = stage.emulator.requests();
                let call = requests.get(number - 1).and_then(|request| request.operation.as_deref());
                let call = call.unwrap_or("a call that was not made");
                wrong.push(format!("{name} at {number} ({call}): {ended:?}: {}", differences.join("; ")));
            }
        });
    }
    none(&wrong);
}

#[test]
fn every_fault_at_every_call_of_a_deployment_ends_before_or_after() {
    each(&Scenario::get().requests, false, 1);
}

#[test]
fn every_fault_at_every_call_of_a_deployment_that_tries_again_ends_before_or_after() {
    each(&Scenario::get().requests, false, 4);
}

#[test]
fn every_fault_at_every_call_of_a_roll_back_ends_before() {
    each(&Scenario::get().undo_requests, true, 1);
}

/// Nobody can undo what the service is still doing; but it is told, and nothing is sent a second time.
#[test]
fn an_operation_that_never_ends_is_told_and_nothing_is_made_twice() {
    never_ends(&Scenario::get().requests, false);
}

#[test]
fn an_operation_of_a_roll_back_that_never_ends_is_told_and_nothing_is_made_twice() {
    never_ends(&Scenario::get().undo_requests, true);
}

fn never_ends(calls: &[RequestRecord], back: bool) {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    let changing = calls.iter().enumerate().filter(|(_, request)| request.mutating);
    for (index, request) in changing {
        for attempts in [1, 4] {
            run(async {
                let stage = if back { scenario.deployed().await } else { scenario.stage().await };
                let stage = Stage { attempts, ..stage };
                stage.emulator.set_faults(at(index + 1, &FaultKind::LroNever));
                let process = stage.process(&Life::long());
                let ended =
                    if back { process.rollback().await } else { process.deploy(Version::Second).await }.unwrap();
                let is_told = |left: &[String]| left.iter().any(|left| left.contains("is still under way"));
                let differences = match &ended {
                    // A world in which anything is there twice is no world.
                    Ended::Stuck(left) if is_told(left) => {
                        World::of(&stage.emulator, &scenario.kept);
                        Vec::new()
                    }
                    ended => scenario.wrong(&stage, ended),
                };
                let call = request.operation.as_deref().unwrap_or_default();
                for difference in differences {
                    wrong.push(format!("at {index} ({call}), {attempts} attempts: {ended:?}: {difference}"));
                }
            });
        }
    }
    none(&wrong);
}
