//! A deployment that deletes items that hold data, which nothing brings back.

use std::sync::OnceLock;

use super::crashes::{Then, recover_to};
use super::life::{Life, Point};
use super::product::Version;
use super::scenario::{FIRST_AGE, Scenario, none, run, sample};
use super::session::{Ended, Stage};
use super::world::World;

/// The items that hold data and are not in the product.
const DATA: [&str; 2] = ["Sales/Archive/Silver/Score.Eventhouse", "Sales/Archive/Silver/Daily.Lakehouse"];

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// What was found once, by deploying with `--prune-data` and without any disturbance.
pub(super) struct Data {
    after: World,
    pub(super) points: Vec<Point>,
}

async fn stage() -> Stage {
    Stage { prune_data: true, ..Stage::aged(Scenario::get().first.clone(), FIRST_AGE).await }
}

impl Data {
    pub(super) fn get() -> &'static Self {
        static DATA: OnceLock<Data> = OnceLock::new();
        DATA.get_or_init(|| std::thread::spawn(|| run(Self::find())).join().unwrap())
    }

    async fn find() -> Self {
        let stage = stage().await;
        let life = Life::long();
        assert_eq!(stage.process(&life).deploy(Version::Second).await, Some(Ended::Committed));
        let after = World::of(&stage.emulator, &Scenario::get().kept);
        for item in DATA {
            assert!(!after.keys().any(|key| key == item), "{item} is still there");
        }
        Self { after, points: life.passed() }
    }
}

#[test]
fn data_is_deleted_last_and_until_then_all_is_brought_back() {
    let (scenario, data) = (Scenario::get(), Data::get());
    let (mut wrong, mut stuck, mut undone) = (Vec::new(), 0, 0);
    let mut say = |point: usize, what: String| wrong.push(format!("{:?} ({point}): {what}", data.points[point]));
    // The end is where data goes, so that it is tried more closely there.
    let last = data.points.len().saturating_sub(24);
    for point in sample(data.points.len(), 30).chain(last..data.points.len()) {
        for then in [Then::Resume, Then::Rollback] {
            run(async {
                let stage = stage().await;
                assert_eq!(stage.process(&Life::until(point + 1)).deploy(Version::Second).await, None);
                let ended = recover_to(Version::Second, &stage, &Life::long(), then).await.unwrap();
                let differences = match &ended {
                    Ended::Committed => World::of(&stage.emulator, &scenario.kept).differences(&data.after),
                    Ended::RolledBack => {
                        undone += 1;
                        World::of(&stage.emulator, &scenario.kept).differences(&scenario.before)
                    }
                    Ended::Stuck(left) => {
                        stuck += 1;
                        let is_why =
                            |left: &&String| left.contains("cannot be undone") || left.contains("still needed by");
                        assert!(left.iter().any(|left| DATA.iter().any(|data| left.contains(name(data)))), "{left:?}");
                        left.iter().filter(|left| !is_why(left)).cloned().collect()
                    }
                    Ended::NotBegun(_) | Ended::Broken(_) => vec![String::new()],
                };
                for difference in differences {
                    say(point, format!("then {then:?}: {ended:?}: {difference}"));
                }
            });
        }
    }
    none(&wrong);
    assert!(stuck > 0 && undone > 0, "{stuck} were stuck and {undone} undone");
}
