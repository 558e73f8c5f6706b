//! The breaker's state machine: failsafe's, with eras, probe places and a lock-free way through while all is well.
//!
//! failsafe holds where it counts consecutive failures and moves between closed, open and half-open. Around it is
//! built what it lacks: it lets everyone through when half-open, closes on one success, credits a late success of an
//! older state to the present one, gives a cancelled probe's place back to nobody, and cannot be asked for its state.
//!
//! One atomic word holds state and era. A ticket remembers the word under which it was given, and an outcome counts
//! only under that same word. Every transition takes the lock and raises the era, so that no word ever returns.

use std::sync::PoisonError;

use failsafe::StateMachine;

use super::policy::{Consecutive, Pauses, Watch};
use super::sync::{AtomicU32, AtomicU64, Mutex, MutexGuard, Ordering};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Closed,
    Open,
    HalfOpen,
    ForcedOpen,
    ForcedClosed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Up,
    Down,
    None,
}

/// The right to one call, and the word under which it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// A call is not let through; `wait` is the nanoseconds until the next attempt, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) wait: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) from: State,
    pub(crate) to: State,
}

#[derive(Clone)]
pub(crate) struct Limits {
    pub(crate) failures: u32,
    pub(crate) places: u32,
    pub(crate) successes: u32,
    /// Nanoseconds after which probes that never reported are given up, and their places given out again.
    pub(crate) probe_patience: u64,
    pub(crate) pauses: Pauses,
}

#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) successes: AtomicU64,
    pub(crate) failures: AtomicU64,
    pub(crate) no_verdict: AtomicU64,
    pub(crate) stale: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) opened: AtomicU64,
}

pub(crate) struct Machine {
    word: AtomicU64,
    /// Failures in a row; mirrors failsafe's count, so that a success that changes nothing needs no lock.
    streak: AtomicU32,
    /// Nanoseconds; meaningful while open, and while half-open (the end of the probes' patience).
    next_attempt: AtomicU64,
    limits: Limits,
    inner: Mutex<Inner>,
    pub(crate) tally: Tally,
}

struct Inner {
    failsafe: StateMachine<Consecutive, Watch>,
    watch: Watch,
    probes: u32,
    probe_successes: u32,
}

const STATE_BITS: u32 = 3;

fn word(state: State, era: u64) -> u64 {
    era << STATE_BITS | state as u64
}

fn state_of(word: u64) -> State {
    match word & ((1 << STATE_BITS) - 1) {
        0 => State::Closed,
        1 => State::Open,
        2 => State::HalfOpen,
        3 => State::ForcedOpen,
        _ => State::ForcedClosed,
    }
}

impl Machine {
    pub(crate) fn new(limits: Limits) -> Self {
        let watch = Watch::default();
        let policy = Consecutive::new(limits.failures, limits.pauses.clone(), watch.clone());
        let inner = Inner { failsafe: StateMachine::new(policy, watch.clone()), watch, probes: 0, probe_successes: 0 };
        Self {
            word: AtomicU64::new(word(State::Closed, 0)),
            streak: AtomicU32::new(0),
            next_attempt: AtomicU64::new(0),
            limits,
            inner: Mutex::new(inner),
            tally: Tally::default(),
        }
    }

    pub(crate) fn state(&self) -> State {
        state_of(self.word.load(Ordering::Acquire))
    }

    pub(crate) fn streak(&self) -> u32 {
        self.streak.load(Ordering::Relaxed)
    }

    /// When an open machine lets a probe through.
    pub(crate) fn next_attempt(&self) -> Option<u64> {
        (self.state() == State::Open).then(|| self.next_attempt.load(Ordering::Relaxed))
    }

    /// `now` is asked only where the answer depends on it.
    pub(crate) fn admit(&self, now: impl FnOnce() -> u64) -> (Result<Ticket, Refusal>, Option<Moved>) {
        let seen = self.word.load(Ordering::Acquire);
        match state_of(seen) {
            State::Closed | State::ForcedClosed => (Ok(Ticket(seen)), None),
            State::ForcedOpen => (Err(self.refuse(None)), None),
            State::Open => {
                let now = now();
                // Stored before the word that says "open" was: a reader of that word reads this instant or a later one.
                let next = self.next_attempt.load(Ordering::Relaxed);
                if now < next { (Err(self.refuse(Some(next - now))), None) } else { self.admit_probe(now) }
            }
            State::HalfOpen => self.admit_probe(now()),
        }
    }

    fn admit_probe(&self, now: u64) -> (Result<Ticket, Refusal>, Option<Moved>) {
        let mut inner = self.lock();
        let seen = self.word.load(Ordering::Acquire);
        let next = self.next_attempt.load(Ordering::Relaxed);
        match state_of(seen) {
            State::Closed | State::ForcedClosed => (Ok(Ticket(seen)), None),
            State::ForcedOpen => (Err(self.refuse(None)), None),
            State::Open if now < next => (Err(self.refuse(Some(next - now))), None),
            State::Open => {
                // The pause that failsafe knows of is zero, yet it wants a later reading of its clock than the one at
                // which it opened: on a coarse clock that takes a tick.
                while !inner.failsafe.is_call_permitted() {
                    std::hint::spin_loop();
                }
                let moved = self.probing(&mut inner, seen, now);
                (Ok(self.take_place(&mut inner)), Some(moved))
            }
            State::HalfOpen if inner.probes < self.limits.places => (Ok(self.take_place(&mut inner)), None),
            State::HalfOpen if now >= next => {
                self.probing(&mut inner, seen, now);
                (Ok(self.take_place(&mut inner)), None)
            }
            State::HalfOpen => (Err(self.refuse(None)), None),
        }
    }

    /// Begins an era of probes.
    fn probing(&self, inner: &mut Inner, seen: u64, now: u64) -> Moved {
        inner.probes = 0;
        inner.probe_successes = 0;
        self.next_attempt.store(now.saturating_add(self.limits.probe_patience), Ordering::Relaxed);
        self.enter(seen, State::HalfOpen)
    }

    fn take_place(&self, inner: &mut Inner) -> Ticket {
        inner.probes += 1;
        Ticket(self.word.load(Ordering::Acquire))
    }

    pub(crate) fn settle(&self, ticket: Ticket, verdict: Verdict, now: impl FnOnce() -> u64) -> Option<Moved> {
        if self.word.load(Ordering::Acquire) != ticket.0 {
            add(&self.tally.stale);
            return None;
        }
        let state = state_of(ticket.0);
        let changes_nothing = match state {
            State::Closed => match verdict {
                Verdict::Up => self.streak.load(Ordering::Acquire) == 0,
                Verdict::Down => false,
                Verdict::None => true,
            },
            State::HalfOpen => false,
            State::Open | State::ForcedOpen | State::ForcedClosed => true,
        };
        let moved = if changes_nothing { None } else { self.settle_locked(ticket, verdict, now)? };
        match verdict {
            Verdict::Up => add(&self.tally.successes),
            Verdict::Down => add(&self.tally.failures),
            Verdict::None => add(&self.tally.no_verdict),
        }
        moved
    }

    /// `None` if the state moved on before the lock was had.
    fn settle_locked(&self, ticket: Ticket, verdict: Verdict, now: impl FnOnce() -> u64) -> Option<Option<Moved>> {
        let mut inner = self.lock();
        if self.word.load(Ordering::Acquire) != ticket.0 {
            add(&self.tally.stale);
            return None;
        }
        let probing = state_of(ticket.0) == State::HalfOpen;
        inner.probes = inner.probes.saturating_sub(u32::from(probing));
        match verdict {
            Verdict::None => Some(None),
            Verdict::Down => {
                inner.failsafe.on_error();
                self.streak.fetch_add(1, Ordering::AcqRel);
                let Some(pause) = inner.watch.opened() else { return Some(None) };
                add(&self.tally.opened);
                self.next_attempt.store(now().saturating_add(pause), Ordering::Relaxed);
                Some(Some(self.enter(ticket.0, State::Open)))
            }
            Verdict::Up => {
                if probing {
                    inner.probe_successes += 1;
                    if inner.probe_successes < self.limits.successes {
                        return Some(None);
                    }
                }
                inner.failsafe.on_success();
                self.streak.store(0, Ordering::Release);
                Some(probing.then(|| self.enter(ticket.0, State::Closed)))
            }
        }
    }

    /// Puts the machine into a state by hand; `Closed` hands it back to itself, with nothing remembered.
    pub(crate) fn force(&self, state: State) -> Moved {
        let inner = self.lock();
        inner.failsafe.reset();
        // failsafe resets nothing while it is closed, so that a streak is ended the way a success ends it.
        inner.failsafe.on_success();
        self.streak.store(0, Ordering::Release);
        let seen = self.word.load(Ordering::Acquire);
        self.enter(seen, state)
    }

    /// Raises the era. Only under the lock.
    fn enter(&self, seen: u64, to: State) -> Moved {
        self.word.store(word(to, (seen >> STATE_BITS) + 1), Ordering::Release);
        Moved { from: state_of(seen), to }
    }

    fn refuse(&self, wait: Option<u64>) -> Refusal {
        add(&self.tally.refused);
        Refusal { wait }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
