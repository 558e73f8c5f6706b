//! Every interleaving of two or three threads at the breaker's state machine, by loom.
//!
//! The machine is compiled here a second time, on loom's atomics: it depends on nothing but its two neighbours.

#[path = "../../src/breaker/machine.rs"]
#[allow(dead_code, unreachable_pub)]
mod machine;
#[path = "../../src/breaker/policy.rs"]
#[allow(dead_code, unreachable_pub)]
mod policy;

mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use machine::{Limits, Machine, State, Verdict};

fn machine(failures: u32, places: u32, successes: u32) -> Arc<Machine> {
    let pauses = policy::Pauses {
        next: Duration::from_nanos(10),
        longest: Duration::from_nanos(10),
        chance: std::sync::Arc::new(|| 0.0),
        first: true,
    };
    Arc::new(Machine::new(Limits { failures, places, successes, probe_patience: 1_000, pauses }))
}

fn model(check: impl Fn() + Sync + Send + 'static) {
    let explored = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&explored);
    loom::model(move || {
        count.fetch_add(1, Ordering::Relaxed);
        check();
    });
    assert!(explored.load(Ordering::Relaxed) > 2, "loom found next to no orders");
}

fn open(machine: &Machine, failures: u32) {
    for _ in 0..failures {
        let ticket = machine.admit(|| 0).0.unwrap();
        machine.settle(ticket, Verdict::Down, || 0);
    }
    assert_eq!(machine.state(), State::Open);
}

#[test]
fn no_failure_of_one_era_is_lost() {
    model(|| {
        let machine = machine(2, 1, 1);
        let other = Arc::clone(&machine);
        let fail = |machine: &Machine| {
            let ticket = machine.admit(|| 0).0.expect("closed, or opened by both together");
            machine.settle(ticket, Verdict::Down, || 0);
        };
        let thread = thread::spawn(move || fail(&other));
        fail(&machine);
        thread.join().unwrap();
        assert_eq!(machine.state(), State::Open);
        assert_eq!(machine.tally.opened.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_success_beside_failures_leaves_a_streak_that_some_order_explains() {
    model(|| {
        let machine = machine(3, 1, 1);
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || {
            let ticket = other.admit(|| 0).0.unwrap();
            other.settle(ticket, Verdict::Up, || 0);
        });
        for _ in 0..2 {
            let ticket = machine.admit(|| 0).0.unwrap();
            machine.settle(ticket, Verdict::Down, || 0);
        }
        thread.join().unwrap();
        assert_eq!(machine.state(), State::Closed);
        let streak = machine.streak();
        assert!(streak <= 2);
        // failsafe's own count must agree with its mirror: the missing failures open it, and not one fewer.
        for missing in (0..3 - streak).rev() {
            assert_eq!(machine.state(), State::Closed);
            let ticket = machine.admit(|| 0).0.unwrap();
            machine.settle(ticket, Verdict::Down, || 0);
            assert_eq!(machine.state() == State::Open, missing == 0);
        }
    });
}

#[test]
fn one_probe_place_is_never_given_twice() {
    model(|| {
        let machine = machine(1, 1, 1);
        open(&machine, 1);
        let at_once = Arc::new(AtomicU32::new(0));
        let probe = |machine: &Machine, at_once: &AtomicU32| {
            if let (Ok(ticket), _) = machine.admit(|| 20) {
                assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "two probes at once");
                at_once.fetch_sub(1, Ordering::SeqCst);
                machine.settle(ticket, Verdict::None, || 20);
            }
        };
        let (other, other_at_once) = (Arc::clone(&machine), Arc::clone(&at_once));
        let thread = thread::spawn(move || probe(&other, &other_at_once));
        probe(&machine, &at_once);
        thread.join().unwrap();
        assert_eq!(machine.state(), State::HalfOpen);
        assert!(machine.admit(|| 20).0.is_ok(), "the place is free again");
    });
}

#[test]
fn a_late_outcome_never_moves_a_later_state() {
    model(|| {
        let machine = machine(1, 1, 1);
        let late = machine.admit(|| 0).0.unwrap();
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || other.settle(late, Verdict::Up, || 0));
        let ticket = machine.admit(|| 0).0.unwrap();
        machine.settle(ticket, Verdict::Down, || 0);
        let probe = machine.admit(|| 20).0;
        thread.join().unwrap();
        assert!(probe.is_ok());
        assert_eq!(machine.state(), State::HalfOpen, "only the probe may close it");
    });
}

#[test]
fn a_caller_beside_the_closing_probe_is_refused_or_finds_it_closed() {
    model(|| {
        let machine = machine(1, 1, 1);
        open(&machine, 1);
        let probe = machine.admit(|| 20).0.unwrap();
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || other.settle(probe, Verdict::Up, || 20));
        let admitted = machine.admit(|| 20).0.ok();
        thread.join().unwrap();
        assert_eq!(machine.state(), State::Closed);
        if let Some(ticket) = admitted {
            machine.settle(ticket, Verdict::Down, || 20);
            assert_eq!(machine.state(), State::Open, "the failure counts: it was admitted in this very era");
        }
    });
}

#[test]
fn a_caller_beside_the_failing_probe_is_refused() {
    model(|| {
        let machine = machine(1, 1, 1);
        open(&machine, 1);
        let probe = machine.admit(|| 20).0.unwrap();
        let other = Arc::clone(&machine);
        // The place is taken, or it is open again until 30: there is no order in which 29 may pass.
        let thread = thread::spawn(move || {
            let refusal = other.admit(|| 29).0.unwrap_err();
            assert!(matches!(refusal.wait, None | Some(1)));
        });
        machine.settle(probe, Verdict::Down, || 20);
        thread.join().unwrap();
        assert_eq!(machine.state(), State::Open);
        assert!(machine.admit(|| 30).0.is_ok());
    });
}

#[test]
fn an_open_machine_refuses_before_its_time_whoever_opens_it() {
    model(|| {
        let machine = machine(1, 1, 1);
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || {
            // Either it is not open yet, or it is open until 110: never is 109 late enough for a probe.
            let (answer, moved) = other.admit(|| 109);
            assert!(moved.is_none());
            if let Err(refusal) = answer {
                assert_eq!(refusal.wait, Some(1));
            }
        });
        let ticket = machine.admit(|| 0).0.unwrap();
        machine.settle(ticket, Verdict::Down, || 100);
        thread.join().unwrap();
    });
}

#[test]
fn forcing_wins_over_whatever_happens_beside_it() {
    model(|| {
        let machine = machine(1, 1, 1);
        let other = Arc::clone(&machine);
        let thread = thread::spawn(move || {
            if let (Ok(ticket), _) = other.admit(|| 0) {
                other.settle(ticket, Verdict::Down, || 0);
            }
        });
        machine.force(State::ForcedOpen);
        thread.join().unwrap();
        assert_eq!(machine.state(), State::ForcedOpen);
        machine.force(State::Closed);
        assert_eq!((machine.state(), machine.streak()), (State::Closed, 0));
    });
}
