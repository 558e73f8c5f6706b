//! The breaker's rules, one at a time.

use std::sync::Arc;

use fabric_resilience::{Breaker, BreakerSettings, BreakerState, Clock, Health, ManualClock, Permit, ResilienceError};

use crate::support::{Fixed, millis, secs};

fn breaker_with(settings: BreakerSettings, draw: f64) -> (Breaker, ManualClock) {
    let clock = ManualClock::default();
    (Breaker::with("service", settings, Arc::new(clock.clone()), Arc::new(Fixed(draw))), clock)
}

fn breaker() -> (Breaker, ManualClock) {
    breaker_with(BreakerSettings::default(), 0.0)
}

fn settle(breaker: &Breaker, health: Health) {
    breaker.admit().unwrap().settle(health);
}

fn open(breaker: &Breaker) {
    for _ in 0..5 {
        settle(breaker, Health::Down);
    }
    assert_eq!(breaker.state(), BreakerState::Open);
}

fn refusal(breaker: &Breaker) -> Option<std::time::Duration> {
    match breaker.admit() {
        Err(ResilienceError::BreakerOpen { retry_in, name }) => {
            assert_eq!(&*name, "service");
            retry_in
        }
        other => panic!("let through: {other:?}"),
    }
}

#[test]
fn opens_at_the_fifth_failure_in_a_row_and_not_before() {
    let (breaker, _) = breaker();
    for failures in 1..=5 {
        assert_eq!(breaker.state(), BreakerState::Closed);
        settle(&breaker, Health::Down);
        assert_eq!(breaker.counters().streak, failures);
    }
    assert_eq!(breaker.state(), BreakerState::Open);
    assert_eq!(breaker.counters().opened, 1);
}

#[test]
fn a_success_ends_the_streak() {
    let (breaker, _) = breaker();
    for _ in 0..100 {
        for _ in 0..4 {
            settle(&breaker, Health::Down);
        }
        settle(&breaker, Health::Up);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.counters().failures, 400);
    assert_eq!(breaker.counters().successes, 100);
}

#[test]
fn no_verdict_neither_counts_nor_ends_the_streak() {
    let (breaker, _) = breaker();
    for _ in 0..4 {
        settle(&breaker, Health::Down);
        settle(&breaker, Health::NoVerdict);
        drop(breaker.admit().unwrap());
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.counters().no_verdict, 8);
    settle(&breaker, Health::Down);
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn refuses_until_the_recovery_time_is_over() {
    let (breaker, clock) = breaker();
    let opened = clock.now();
    open(&breaker);
    assert_eq!(breaker.next_attempt(), Some(opened + secs(60)));
    assert_eq!(refusal(&breaker), Some(secs(60)));
    clock.advance(millis(59_999));
    assert_eq!(refusal(&breaker), Some(millis(1)));
    assert_eq!(breaker.counters().refused, 2);
    clock.advance(millis(1));
    let probe = breaker.admit().unwrap();
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert_eq!(breaker.next_attempt(), None);
    drop(probe);
}

#[test]
fn half_open_lets_three_through_and_closes_after_two_successes() {
    let (breaker, clock) = breaker();
    open(&breaker);
    clock.advance(secs(60));
    let probes: Vec<Permit<'_>> = (0..3).map(|_| breaker.admit().unwrap()).collect();
    assert_eq!(refusal(&breaker), None);
    let mut probes = probes.into_iter();
    probes.next().unwrap().settle(Health::Up);
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    probes.next().unwrap().settle(Health::Up);
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.counters().streak, 0);
}

#[test]
fn a_dropped_probe_gives_its_place_back_and_says_nothing() {
    let (breaker, clock) = breaker();
    open(&breaker);
    clock.advance(secs(60));
    for _ in 0..10 {
        let probes: Vec<Permit<'_>> = (0..3).map(|_| breaker.admit().unwrap()).collect();
        assert_eq!(refusal(&breaker), None);
        drop(probes);
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
    }
}

#[test]
fn probes_that_never_report_lose_their_places_in_time() {
    let (breaker, clock) = breaker();
    open(&breaker);
    clock.advance(secs(60));
    let lost: Vec<Permit<'_>> = (0..3).map(|_| breaker.admit().unwrap()).collect();
    clock.advance(millis(59_999));
    assert_eq!(refusal(&breaker), None);
    clock.advance(millis(1));
    let fresh = breaker.admit().unwrap();
    for permit in lost {
        permit.settle(Health::Up);
    }
    assert_eq!(breaker.state(), BreakerState::HalfOpen, "the lost probes are of an older era");
    assert_eq!(breaker.counters().stale, 3);
    fresh.settle(Health::Up);
    settle(&breaker, Health::Up);
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn the_recovery_time_doubles_up_to_its_longest_and_begins_anew_after_closing() {
    let (breaker, clock) = breaker();
    open(&breaker);
    for expected in [60, 120, 240, 300, 300] {
        assert_eq!(refusal(&breaker), Some(secs(expected)));
        clock.advance(secs(expected));
        settle(&breaker, Health::Down);
        assert_eq!(breaker.state(), BreakerState::Open);
    }
    clock.advance(secs(300));
    settle(&breaker, Health::Up);
    settle(&breaker, Health::Up);
    open(&breaker);
    assert_eq!(refusal(&breaker), Some(secs(60)));
}

#[test]
fn chance_lengthens_every_pause_but_the_first() {
    let (breaker, clock) = breaker_with(BreakerSettings::default(), 0.5);
    open(&breaker);
    assert_eq!(refusal(&breaker), Some(secs(60)));
    clock.advance(secs(60));
    settle(&breaker, Health::Down);
    assert_eq!(refusal(&breaker), Some(secs(135)));
}

#[test]
fn a_late_success_of_the_closed_era_does_not_close_a_half_open_breaker() {
    let (breaker, clock) = breaker();
    let slow: Vec<Permit<'_>> = (0..5).map(|_| breaker.admit().unwrap()).collect();
    open(&breaker);
    clock.advance(secs(60));
    let probe = breaker.admit().unwrap();
    for permit in slow {
        permit.settle(Health::Up);
    }
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert_eq!(breaker.counters().stale, 5);
    drop(probe);
}

#[test]
fn late_failures_neither_lengthen_the_pause_nor_open_the_next_closed_era() {
    let (breaker, clock) = breaker();
    let slow: Vec<Permit<'_>> = (0..20).map(|_| breaker.admit().unwrap()).collect();
    open(&breaker);
    let mut slow = slow.into_iter();
    for permit in slow.by_ref().take(10) {
        permit.settle(Health::Down);
    }
    assert_eq!(refusal(&breaker), Some(secs(60)));
    clock.advance(secs(60));
    settle(&breaker, Health::Up);
    settle(&breaker, Health::Up);
    for permit in slow {
        permit.settle(Health::Down);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.counters().streak, 0);
}

#[test]
fn no_era_ever_returns() {
    let (breaker, clock) = breaker();
    let outage = || {
        open(&breaker);
        clock.advance(secs(60));
        settle(&breaker, Health::Up);
        settle(&breaker, Health::Up);
    };
    for cycle in 1..=100 {
        let late = breaker.admit().unwrap();
        (0..50).for_each(|_| outage());
        late.settle(Health::Down);
        assert_eq!((breaker.counters().stale, breaker.counters().streak), (cycle, 0));
    }
}

#[test]
fn forced_open_refuses_for_ever_and_forced_closed_concludes_nothing() {
    let (breaker, clock) = breaker();
    breaker.force_open();
    clock.advance(secs(100_000));
    assert_eq!(refusal(&breaker), None);
    assert_eq!(breaker.state(), BreakerState::ForcedOpen);
    breaker.force_closed();
    for _ in 0..50 {
        settle(&breaker, Health::Down);
    }
    assert_eq!(breaker.state(), BreakerState::ForcedClosed);
    assert_eq!(breaker.counters().failures, 50);
    breaker.release();
    assert_eq!(breaker.state(), BreakerState::Closed);
    for _ in 0..4 {
        settle(&breaker, Health::Down);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn release_forgets_a_streak_and_a_grown_pause() {
    let (breaker, clock) = breaker();
    for _ in 0..4 {
        settle(&breaker, Health::Down);
    }
    breaker.force_closed();
    breaker.release();
    for _ in 0..4 {
        settle(&breaker, Health::Down);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
    settle(&breaker, Health::Down);
    clock.advance(secs(60));
    settle(&breaker, Health::Down);
    assert_eq!(refusal(&breaker), Some(secs(120)));
    breaker.release();
    open(&breaker);
    assert_eq!(refusal(&breaker), Some(secs(60)));
}

#[test]
fn limits_of_zero_count_as_one() {
    let settings = BreakerSettings {
        failures: 0,
        half_open_places: 0,
        half_open_successes: 0,
        recovery: secs(1),
        longest_recovery: secs(0),
    };
    let (breaker, clock) = breaker_with(settings, 0.0);
    settle(&breaker, Health::Down);
    assert_eq!(refusal(&breaker), Some(secs(1)));
    clock.advance(secs(1));
    let probe = breaker.admit().unwrap();
    assert_eq!(refusal(&breaker), None);
    probe.settle(Health::Down);
    assert_eq!(refusal(&breaker), Some(secs(1)), "a longest pause below the first one cannot shorten it");
    clock.advance(secs(1));
    settle(&breaker, Health::Up);
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[tokio::test]
async fn wraps_any_future_and_does_not_start_it_while_open() {
    let (breaker, _) = breaker();
    for _ in 0..5 {
        let output = breaker.call(async { 7 }, |_| Health::Down).await.unwrap();
        assert_eq!(output, 7);
    }
    let refused = breaker.call(async { panic!("started") }, |(): &()| Health::Up).await.unwrap_err();
    assert!(!refused.was_sent());
    assert_eq!(refused.to_string(), "the circuit breaker for service is open, next attempt in 60s");
}

#[tokio::test]
async fn the_defaults_run_on_the_system_clock() {
    let breaker = Breaker::new("x", BreakerSettings::default());
    assert_eq!(breaker.call(async { 1 }, |_| Health::Up).await, Ok(1));
    assert_eq!(breaker.name(), "x");
    breaker.force_open();
    let shown = format!("{breaker:?}");
    assert!(shown.contains("ForcedOpen") && shown.contains("successes: 1"), "{shown}");
}

#[test]
fn states_have_the_names_that_events_carry() {
    let names = [
        BreakerState::Closed,
        BreakerState::Open,
        BreakerState::HalfOpen,
        BreakerState::ForcedOpen,
        BreakerState::ForcedClosed,
    ]
    .map(|state| state.to_string());
    assert_eq!(names, ["closed", "open", "half_open", "forced_open", "forced_closed"]);
}
