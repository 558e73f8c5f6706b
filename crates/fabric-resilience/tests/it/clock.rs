//! The manual clock, on which the other tests rely, and the deadline.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fabric_resilience::{Clock, Deadline, ManualClock, Randomness, ResilienceError, SplitMix, SystemClock};
use futures::poll;

use crate::support::{millis, secs};

#[tokio::test]
async fn a_sleep_ends_at_its_instant_and_not_before() {
    let clock = ManualClock::starting_at(SystemTime::UNIX_EPOCH);
    let mut sleep = clock.sleep_until(clock.now() + secs(10));
    assert!(poll!(&mut sleep).is_pending());
    clock.advance(millis(9_999));
    assert!(poll!(&mut sleep).is_pending());
    clock.advance(millis(1));
    assert!(poll!(&mut sleep).is_ready());
    assert_eq!(clock.wall(), SystemTime::UNIX_EPOCH + secs(10));
}

#[tokio::test]
async fn advancing_wakes_whoever_is_due() {
    let clock = ManualClock::default();
    let (first, second) = (clock.sleep_until(clock.now() + secs(1)), clock.sleep_until(clock.now() + secs(2)));
    let first = tokio::spawn(first);
    let second = tokio::spawn(second);
    tokio::task::yield_now().await;
    clock.advance(secs(1));
    first.await.unwrap();
    assert!(!second.is_finished());
    clock.advance(secs(1));
    second.await.unwrap();
}

#[tokio::test]
async fn a_leaping_clock_is_where_the_sleep_ends() {
    let clock = ManualClock::leaping();
    let start = clock.now();
    clock.sleep_until(start + secs(30)).await;
    assert_eq!(clock.now(), start + secs(30));
    assert_eq!(clock.wall(), SystemTime::UNIX_EPOCH + secs(30));
    clock.sleep_until(start).await;
    assert_eq!(clock.now(), start + secs(30));
}

#[tokio::test(start_paused = true)]
async fn the_system_clock_is_tokios() {
    let start = SystemClock.now();
    SystemClock.sleep_until(start + secs(3_600)).await;
    assert_eq!(SystemClock.now() - start, secs(3_600));
    assert!(SystemClock.wall() > SystemTime::UNIX_EPOCH);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_cuts_off_what_is_late_and_nothing_else() {
    let clock = SystemClock;
    let deadline = Deadline::after(secs(10), &clock);
    let on_time = deadline.enforce(&clock, async { tokio::time::sleep(secs(9)).await }).await;
    assert_eq!(on_time, Ok(()));
    assert_eq!(deadline.left(clock.now()), secs(1));
    let late = deadline.enforce(&clock, std::future::pending::<()>()).await;
    assert_eq!(late, Err(ResilienceError::DeadlineExceeded { limit: secs(10), attempt_in_flight: true }));
    assert_eq!(deadline.left(clock.now()), Duration::ZERO);
    assert_eq!(deadline.enforce(&clock, async { 5 }).await, Ok(5), "an answer that is there is not thrown away");
}

#[test]
fn the_stricter_deadline_wins() {
    let clock = ManualClock::default();
    let (short, long) = (Deadline::after(secs(1), &clock), Deadline::after(secs(2), &clock));
    assert_eq!(long.or_earlier(Some(short)), short);
    assert_eq!(short.or_earlier(Some(long)), short);
    assert_eq!(short.or_earlier(None), short);
    assert!(short.forbids(short.at()) && !short.forbids(short.at() - millis(1)));
    assert_eq!(short.limit(), secs(1));
    let never = Deadline::after(Duration::MAX, &clock);
    assert!(!never.forbids(clock.now() + secs(50 * 365 * 24 * 3_600)), "nobody sees the end of it");
}

#[test]
fn draws_are_even_within_the_unit_interval() {
    let mut draws: Vec<f64> = {
        let chance: Arc<dyn Randomness> = Arc::new(SplitMix::seeded(7));
        (0..100_000).map(|_| chance.unit()).collect()
    };
    draws.sort_by(f64::total_cmp);
    assert!(draws[0] >= 0.0 && draws[draws.len() - 1] < 1.0);
    // Kolmogorov–Smirnov: 1.95 / √n is the 0.1 % bound, and the seed is fixed.
    let count = draws.len() as f64;
    let furthest =
        draws.iter().enumerate().map(|(rank, draw)| (draw - (rank as f64 + 0.5) / count).abs()).fold(0.0, f64::max);
    assert!(furthest < 1.95 / count.sqrt(), "{furthest}");
    assert_ne!(SplitMix::from_system().unit(), SplitMix::from_system().unit());
}
