//! The first deployment of all, which creates the workspace.

use std::sync::OnceLock;

use fabric_emulator::RequestRecord;

use super::crashes::{recover_to, ways};
use super::faults::{at, kinds};
use super::life::{Life, Point};
use super::product::{self, Version};
use super::scenario::{is_full, none, run, sample};
use super::session::{Ended, Stage};
use super::world::{Kept, World};

/// What was found once, by deploying without any disturbance.
pub(super) struct Fresh {
    before: World,
    after: World,
    /// Everything of others keeps its id.
    kept: Kept,
    pub(super) points: Vec<Point>,
    pub(super) requests: Vec<RequestRecord>,
}

async fn stage() -> Stage {
    Stage::new(product::seed_without_workspace()).await
}

impl Fresh {
    pub(super) fn get() -> &'static Self {
        static FRESH: OnceLock<Fresh> = OnceLock::new();
        FRESH.get_or_init(|| std::thread::spawn(|| run(Self::find())).join().unwrap())
    }

    async fn find() -> Self {
        let kept = Kept::all_but(&World::of(&stage().await.emulator, &Kept::default()), &[]);
        let stage = stage().await;
        let before = World::of(&stage.emulator, &kept);
        let life = Life::long();
        assert_eq!(stage.process(&life).deploy(Version::First).await, Some(Ended::Committed));
        let (requests, points) = (stage.emulator.requests(), life.passed());
        let after = World::of(&stage.emulator, &kept);
        assert_ne!(before, after);
        Self { before, after, kept, points, requests }
    }

    fn wrong(&self, stage: &Stage, ended: &Ended) -> Vec<String> {
        let expected = match ended {
            Ended::Committed => &self.after,
            Ended::RolledBack | Ended::NotBegun(_) => &self.before,
            Ended::Stuck(_) | Ended::Broken(_) => return vec![format!("it ended as {ended:?}")],
        };
        World::of(&stage.emulator, &self.kept).differences(expected)
    }
}

#[test]
fn a_creation_that_dies_anywhere_leaves_the_whole_workspace_or_none() {
    let fresh = Fresh::get();
    let mut wrong = Vec::new();
    for point in sample(fresh.points.len(), 40) {
        for then in ways(point) {
            run(async {
                let stage = stage().await;
                assert_eq!(stage.process(&Life::until(point + 1)).deploy(Version::First).await, None);
                let ended = recover_to(Version::First, &stage, &Life::long(), *then).await.unwrap();
                for difference in fresh.wrong(&stage, &ended) {
                    wrong.push(format!("{:?} ({point}), then {then:?}: {ended:?}: {difference}", fresh.points[point]));
                }
            });
        }
    }
    none(&wrong);
}

#[test]
fn a_fault_of_any_call_that_creates_leaves_the_whole_workspace_or_none() {
    let fresh = Fresh::get();
    let mut wrong = Vec::new();
    let changing = fresh.requests.iter().enumerate().filter(|(_, request)| request.mutating);
    for (nth, (index, request)) in changing.enumerate() {
        for (kind, (name, fault)) in kinds().into_iter().enumerate() {
            if !is_full() && !(nth + kind).is_multiple_of(3) {
                continue;
            }
            run(async {
                let stage = stage().await;
                stage.emulator.set_faults(at(index + 1, &fault));
                let ended = stage.process(&Life::long()).deploy(Version::First).await.unwrap();
                let call = request.operation.as_deref().unwrap_or_default();
                for difference in fresh.wrong(&stage, &ended) {
                    wrong.push(format!("{name} at {index} ({call}): {ended:?}: {difference}"));
                }
            });
        }
    }
    none(&wrong);
}
