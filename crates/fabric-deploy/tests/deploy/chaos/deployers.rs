//! Two deployers of one workspace: never do both write.

use std::time::Duration;

use fabric_txn::Phase;

use super::life::Life;
use super::product::Version;
use super::scenario::{Scenario, none, run, sample};
use super::session::{Ended, Stage};

/// Longer than a lease lasts and a roll-back takes.
const SUSPENDED: Duration = Duration::from_secs(3_600);

fn changes(stage: &Stage) -> usize {
    stage
        .emulator
        .requests()
        .iter()
        .filter(|request| request.mutating && !is_query(request.operation.as_deref()))
        .count()
}

/// Operations that are sent with POST and change nothing.
fn is_query(operation: Option<&str>) -> bool {
    matches!(operation, Some("GetItemDefinition" | "BulkExportItemDefinitions"))
}

#[test]
fn of_two_that_begin_at_once_one_is_told_that_it_is_late() {
    let scenario = Scenario::get();
    run(async {
        let stage = scenario.stage().await;
        let (first, second) = (stage.process(&Life::long()), stage.process(&Life::long()));
        let (first, second) = tokio::join!(first.deploy(Version::Second), second.deploy(Version::Second));
        let mut ends = [first.unwrap(), second.unwrap()];
        ends.sort_by_key(|end| *end != Ended::Committed);
        let [won, Ended::NotBegun(why)] = ends else { panic!("{ends:?}") };
        assert!(why.contains("is locked by"), "{why}");
        none(&scenario.wrong(&stage, &won));
    });
}

/// A process is suspended at any point. Another one takes its lease over and rolls back. The first one wakes.
#[test]
fn one_that_wakes_after_its_lease_was_taken_changes_nothing() {
    let scenario = Scenario::get();
    let mut wrong = Vec::new();
    for point in sample(scenario.points.len(), 80) {
        run(async {
            let stage = scenario.stage().await;
            let suspended = stage.process(&Life::paused(point + 1, SUSPENDED));
            let second = async {
                stage.outlive().await;
                stage.outlive().await;
                let begun = stage.transaction().await.is_some() && !stage.phase().await.is_over();
                let ended = match begun {
                    true => stage.process(&Life::long()).rollback().await.unwrap(),
                    false => Ended::NotBegun(String::new()),
                };
                (ended, changes(&stage))
            };
            let (first, (second, then)) = tokio::join!(suspended.deploy(Version::Second), second);
            let what = format!("{:?} ({point}): {first:?}, {second:?}", scenario.points[point]);
            if second != Ended::RolledBack {
                // It was over before it was suspended, or it had not begun, and did nothing after it woke.
                let end = if stage.phase().await == Phase::Committed { Ended::Committed } else { second };
                wrong.extend(scenario.wrong(&stage, &end).into_iter().map(|more| format!("{what}: {more}")));
                return;
            }
            if changes(&stage) != then {
                wrong.push(format!("{what}: {} changes after it woke", changes(&stage) - then));
            }
            if matches!(first, Some(Ended::Committed | Ended::RolledBack)) {
                wrong.push(format!("{what}: the first one claims to have ended it"));
            }
            wrong.extend(scenario.wrong(&stage, &second).into_iter().map(|more| format!("{what}: {more}")));
        });
    }
    none(&wrong);
}
