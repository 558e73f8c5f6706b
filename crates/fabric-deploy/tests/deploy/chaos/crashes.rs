//! A process that dies at every point, a second one that goes on, a third one where the second one dies as well.

use fabric_txn::Phase;

use super::life::{Life, Point, Torn};
use super::product::Version;
use super::scenario::{Scenario, is_full, none, run, sample};
use super::session::{Ended, Stage};

/// How a dead process's work is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Resume,
    Rollback,
}

/// One way, or in the long form both.
pub(super) fn ways(number: usize) -> &'static [Then] {
    match (is_full(), number % 2) {
        (true, _) => &[Then::Resume, Then::Rollback],
        (false, 0) => &[Then::Resume],
        (false, _) => &[Then::Rollback],
    }
}

/// A second process after a first one has died; nothing if it dies as well.
async fn recover(stage: &Stage, life: &Life, then: Then) -> Option<Ended> {
    recover_to(Version::Second, stage, life, then).await
}

/// As [`recover`], where `version` is what was being deployed.
pub(super) async fn recover_to(version: Version, stage: &Stage, life: &Life, then: Then) -> Option<Ended> {
    stage.outlive().await;
    match stage.phase().await {
        // The first process died after its work was over, or before it began.
        Phase::Committed => return Some(Ended::Committed),
        Phase::RolledBack | Phase::NeverBegun => return Some(Ended::RolledBack),
        _ => {}
    }
    let process = stage.process(life);
    match then {
        Then::Rollback => process.rollback().await,
        Then::Resume => match process.resume(version).await? {
            // It died before it had written down what it was going to do.
            Ended::Broken(why) if why.contains("before all of its steps were known") => process.rollback().await,
            ended => Some(ended),
        },
    }
}

fn check(scenario: &Scenario, stage: &Stage, ended: &Ended, what: &str, wrong: &mut Vec<String>) {
    let differences = scenario.wrong(stage, ended);
    if !differences.is_empty() {
        wrong.push(format!("{what}: {ended:?}: {}", differences.join("; ")));
    }
}

#[test]
fn a_deployment_that_dies_anywhere_is_ended_before_or_after() {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    for point in sample(scenario.points.len(), 110) {
        for then in ways(point) {
            run(async {
                let stage = scenario.stage().await;
                let died = stage.process(&Life::until(point + 1)).deploy(Version::Second).await;
                assert_eq!(died, None, "it did not die at {point}");
                let ended = recover(&stage, &Life::long(), *then).await.unwrap();
                let what = format!("{:?} ({point}), then {then:?}", scenario.points[point]);
                check(scenario, &stage, &ended, &what, &mut wrong);
            });
        }
    }
    none(&wrong);
}

#[test]
fn a_roll_back_that_dies_anywhere_is_ended_before() {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    for point in sample(scenario.undo_points.len(), 90) {
        run(async {
            let stage = scenario.deployed().await;
            let died = stage.process(&Life::until(point + 1)).rollback().await;
            assert_eq!(died, None, "it did not die at {point}");
            let what = format!("{:?} ({point})", scenario.undo_points[point]);
            stage.outlive().await;
            let ended = match stage.phase().await {
                Phase::RolledBack => Ended::RolledBack,
                _ => stage.process(&Life::long()).rollback().await.unwrap(),
            };
            check(scenario, &stage, &ended, &what, &mut wrong);
        });
    }
    none(&wrong);
}

#[test]
fn a_record_that_was_written_in_part_is_one_that_was_not_written() {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    let records: Vec<usize> =
        (0..scenario.points.len()).filter(|point| scenario.points[*point] == Point::BeforeTheRecord).collect();
    for index in sample(records.len(), 20) {
        for torn in [Torn::OneByte, Torn::Half, Torn::AllButOneByte] {
            run(async {
                let stage = scenario.stage().await;
                let life = Life::torn(records[index] + 1, torn);
                assert_eq!(stage.process(&life).deploy(Version::Second).await, None);
                let then = ways(index)[0];
                let ended = recover(&stage, &Life::long(), then).await.unwrap();
                check(scenario, &stage, &ended, &format!("{torn:?} of record {index}, then {then:?}"), &mut wrong);
            });
        }
    }
    none(&wrong);
}

#[test]
fn a_disk_that_is_full_stops_a_deployment_that_can_be_undone_later() {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    let records: Vec<usize> =
        (0..scenario.points.len()).filter(|point| scenario.points[*point] == Point::BeforeTheRecord).collect();
    for index in sample(records.len(), 25) {
        run(async {
            let stage = scenario.stage().await;
            let ended = stage.process(&Life::on_a_full_disk(records[index] + 1)).deploy(Version::Second).await.unwrap();
            let what = format!("full at record {index}: {ended:?}");
            match ended {
                Ended::Broken(why) | Ended::NotBegun(why) if why.contains("no space") => {}
                _ => wrong.push(what.clone()),
            }
            let ended = recover(&stage, &Life::long(), Then::Rollback).await.unwrap();
            check(scenario, &stage, &ended, &what, &mut wrong);
        });
    }
    none(&wrong);
}

/// The first process dies at every point of a sample, the second one at every point of another, and a third one ends it.
#[test]
fn a_recovery_that_dies_as_well_is_ended_by_a_third() {
    let scenario = Scenario::get();
    let (first, second) = if is_full() { (7, 11) } else { (67, 53) };
    let mut wrong = Vec::new();
    for point in (0..scenario.points.len()).step_by(first) {
        for then in [Then::Resume, Then::Rollback] {
            let mut died_at = 1 + point % second;
            loop {
                let went_on = run(async {
                    let stage = scenario.stage().await;
                    let died = stage.process(&Life::until(point + 1)).deploy(Version::Second).await;
                    assert_eq!(died, None, "it did not die at {point}");
                    let what = format!("dead at {point}, {then:?} dead at {died_at}");
                    let ended = match recover(&stage, &Life::until(died_at), then).await {
                        Some(ended) => {
                            check(scenario, &stage, &ended, &what, &mut wrong);
                            return false;
                        }
                        None if died_at % 2 == 0 => recover(&stage, &Life::long(), Then::Rollback).await,
                        None => recover(&stage, &Life::long(), Then::Resume).await,
                    };
                    check(scenario, &stage, &ended.unwrap(), &what, &mut wrong);
                    true
                });
                if !went_on {
                    break;
                }
                died_at += second;
            }
        }
    }
    none(&wrong);
}
