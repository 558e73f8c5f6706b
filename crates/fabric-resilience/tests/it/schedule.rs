//! The waits.

use std::time::Duration;

use fabric_resilience::{Schedule, SplitMix};
use retry_policies::policies::ExponentialBackoff;

use crate::support::{Fixed, millis, secs};

fn steps(schedule: &Schedule) -> Vec<Duration> {
    (0..10).map_while(|past| schedule.step(past)).collect()
}

#[test]
fn two_four_eight() {
    assert_eq!(steps(&Schedule::default()), [secs(2), secs(4), secs(8)]);
    assert_eq!(Schedule::default().retries(), Some(3));
}

#[test]
fn none_is_longer_than_the_longest() {
    assert_eq!(steps(&Schedule::doubling(secs(3), secs(10), 4)), [secs(3), secs(6), secs(10), secs(10)]);
    assert_eq!(steps(&Schedule::doubling(secs(30), secs(10), 2)), [secs(10), secs(10)]);
}

#[test]
fn no_retries_no_waits() {
    assert_eq!(Schedule::doubling(secs(1), secs(1), 0).step(0), None);
}

#[test]
fn the_ecosystems_own_value_can_be_handed_in() {
    let shape = ExponentialBackoff::builder().retry_bounds(millis(100), secs(1)).base(3).build_with_max_retries(4);
    assert_eq!(steps(&Schedule::from(shape)), [millis(100), millis(300), millis(900), secs(1)]);
}

#[test]
fn far_steps_do_not_overflow() {
    let schedule = Schedule::doubling(secs(1), Duration::MAX, u32::MAX);
    assert_eq!(schedule.step(31), Some(secs(1 << 31)));
    assert_eq!(schedule.step(500), Some(secs(u64::from(u32::MAX))));
    assert_eq!(Schedule::doubling(Duration::MAX, Duration::MAX, 9).step(8), Some(Duration::MAX));
    assert!(schedule.lengthening(Duration::MAX, &Fixed(1.0)) > secs(1));
}

#[test]
fn jitter_is_even_and_stays_within_its_share() {
    let (schedule, chance) = (Schedule::default(), SplitMix::seeded(3));
    let mut draws: Vec<f64> =
        (0..100_000).map(|_| schedule.lengthening(secs(8), &chance).as_secs_f64() / 2.0).collect();
    draws.sort_by(f64::total_cmp);
    assert!(draws[0] >= 0.0 && draws[draws.len() - 1] <= 1.0);
    let count = draws.len() as f64;
    let furthest = draws.iter().enumerate().map(|(rank, draw)| (draw - rank as f64 / count).abs()).fold(0.0, f64::max);
    assert!(furthest < 1.95 / count.sqrt(), "{furthest}");
}

#[test]
fn jitter_can_be_set_and_senseless_shares_are_none() {
    let lengthening = |share| Schedule::default().with_jitter(share).lengthening(secs(8), &Fixed(0.5));
    assert_eq!(lengthening(1.0), secs(4));
    assert_eq!(lengthening(0.0), Duration::ZERO);
    assert_eq!(lengthening(-1.0), Duration::ZERO);
    assert_eq!(lengthening(f64::NAN), Duration::ZERO);
}
