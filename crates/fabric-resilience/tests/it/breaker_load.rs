//! Many threads at one breaker: nothing is lost, no place is given twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use fabric_resilience::{Breaker, BreakerSettings, BreakerState, Health, ManualClock};

use crate::support::{Fixed, secs};

const THREADS: u64 = 8;
const CALLS: u64 = 20_000;

#[test]
fn every_call_is_counted_once() {
    let breaker = Breaker::new("service", BreakerSettings { failures: u32::MAX, ..BreakerSettings::default() });
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let breaker = &breaker;
            scope.spawn(move || {
                for call in 0..CALLS {
                    let permit = breaker.admit().unwrap();
                    match (call + thread) % 3 {
                        0 => permit.settle(Health::Up),
                        1 => permit.settle(Health::Down),
                        _ => drop(permit),
                    }
                }
            });
        }
    });
    let counters = breaker.counters();
    assert_eq!(counters.successes + counters.failures + counters.no_verdict, THREADS * CALLS);
    assert_eq!((counters.stale, counters.refused, counters.opened), (0, 0, 0));
}

#[test]
fn under_load_it_opens_refuses_everyone_and_recovers_with_three_probes_at_once() {
    let clock = ManualClock::default();
    let breaker = Breaker::with("service", BreakerSettings::default(), Arc::new(clock.clone()), Arc::new(Fixed(0.0)));
    let (sent, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..CALLS {
                    match breaker.admit() {
                        Ok(permit) => {
                            sent.fetch_add(1, Ordering::Relaxed);
                            permit.settle(Health::Down);
                        }
                        Err(_) => _ = refused.fetch_add(1, Ordering::Relaxed),
                    }
                }
            });
        }
    });
    let (sent, refused) = (sent.into_inner(), refused.into_inner());
    assert_eq!(breaker.state(), BreakerState::Open);
    assert!((5..5 + THREADS).contains(&sent), "{sent} calls reached a dead service");
    assert_eq!(sent + refused, THREADS * CALLS);
    assert_eq!(breaker.counters().refused, refused);
    assert_eq!(breaker.counters().opened, 1);

    clock.advance(secs(60));
    let (at_once, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..CALLS {
                    if let Ok(permit) = breaker.admit() {
                        let now = at_once.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        at_once.fetch_sub(1, Ordering::SeqCst);
                        drop(permit);
                    }
                }
            });
        }
    });
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert!((1..=3).contains(&most.into_inner()));
    for _ in 0..2 {
        breaker.admit().unwrap().settle(Health::Up);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}
