//! The deployment that every test here disturbs, and what its end has to look like.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fabric_emulator::RequestRecord;
use fabric_txn::store::MemoryStore;
use serde_json::Value;

use super::files::{self, DELETED};
use super::life::{Life, Point};
use super::product::Version;
use super::session::{Ended, Stage};
use super::world::{Kept, World};

/// Later than anything that happened in the tenant where the first version, or the second one, was deployed.
pub(super) const FIRST_AGE: Duration = Duration::from_secs(10 * 24 * 3_600);
const SECOND_AGE: Duration = Duration::from_secs(20 * 24 * 3_600);

/// What was found once, by deploying without any disturbance.
pub(super) struct Scenario {
    /// The tenant with the first version deployed.
    pub(super) first: Value,
    /// The tenant with the second version deployed after it.
    pub(super) second: Value,
    /// Everything that must keep its id.
    pub(super) kept: Kept,
    pub(super) before: World,
    pub(super) after: World,
    /// The store after the second deployment.
    pub(super) store: Arc<MemoryStore>,
    /// The requests that the second deployment sends.
    pub(super) requests: Vec<RequestRecord>,
    /// The requests that a roll-back of it sends.
    pub(super) undo_requests: Vec<RequestRecord>,
    /// At which points it can die.
    pub(super) points: Vec<Point>,
    /// At which points its roll-back can die.
    pub(super) undo_points: Vec<Point>,
}

impl Scenario {
    pub(super) fn get() -> &'static Self {
        static SCENARIO: OnceLock<Scenario> = OnceLock::new();
        SCENARIO.get_or_init(|| std::thread::spawn(|| run(Self::find())).join().unwrap())
    }

    async fn find() -> Self {
        let stage = Stage::new(files::seed()).await;
        assert_eq!(stage.process(&Life::long()).deploy(Version::First).await, Some(Ended::Committed));
        let first = World::of(&stage.emulator, &Kept::default());
        let kept = Kept::all_but(&first, DELETED);
        let first = stage.emulator.world();

        let stage = Stage::aged(first.clone(), FIRST_AGE).await;
        let before = World::of(&stage.emulator, &kept);
        let life = Life::long();
        assert_eq!(stage.process(&life).deploy(Version::Second).await, Some(Ended::Committed));
        let (requests, points) = (stage.emulator.requests(), life.passed());
        let after = World::of(&stage.emulator, &kept);
        assert_ne!(before, after);
        let second = stage.emulator.world();

        let store = Arc::new(stage.store.snapshot());
        let stage = Stage { store: Arc::new(store.snapshot()), ..Stage::aged(second.clone(), SECOND_AGE).await };
        stage.outlive().await;
        let life = Life::long();
        assert_eq!(stage.process(&life).rollback().await, Some(Ended::RolledBack));
        let undo_points = life.passed();
        let undone = World::of(&stage.emulator, &kept).differences(&before);
        assert!(undone.is_empty(), "{undone:#?}");
        let undo_requests = stage.emulator.requests();
        Self { first, second, kept, before, after, store, requests, undo_requests, points, undo_points }
    }

    /// The stage before the second deployment.
    pub(super) async fn stage(&self) -> Stage {
        Stage::aged(self.first.clone(), FIRST_AGE).await
    }

    /// The stage after the second deployment.
    pub(super) async fn deployed(&self) -> Stage {
        let stage =
            Stage { store: Arc::new(self.store.snapshot()), ..Stage::aged(self.second.clone(), SECOND_AGE).await };
        stage.outlive().await;
        stage
    }

    /// What is wrong with this end of the second deployment, or of its roll-back.
    pub(super) fn wrong(&self, stage: &Stage, ended: &Ended) -> Vec<String> {
        let expected = match ended {
            Ended::Committed => &self.after,
            Ended::RolledBack | Ended::NotBegun(_) => &self.before,
            Ended::Stuck(_) | Ended::Broken(_) => return vec![format!("it ended as {ended:?}")],
        };
        World::of(&stage.emulator, &self.kept).differences(expected)
    }
}

/// Runs `test` in a time that stands still while anybody works.
pub(super) fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(test)
}

/// Says all that went wrong, at once.
#[track_caller]
pub(super) fn none(wrong: &[String]) {
    let shown: Vec<_> = wrong.iter().take(40).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} ends are wrong:\n{}", wrong.len(), shown.join("\n"));
}

/// Whether to run everything (`FABRIC_CHAOS=full`) and not a part of it that takes seconds.
pub(super) fn is_full() -> bool {
    std::env::var("FABRIC_CHAOS").is_ok_and(|form| form == "full")
}

/// All of `0..length`, or in the short form about `wanted` of them, evenly spread.
pub(super) fn sample(length: usize, wanted: usize) -> impl Iterator<Item = usize> {
    let step = if is_full() { 1 } else { length.div_ceil(wanted).max(1) };
    (0..length).step_by(step)
}
