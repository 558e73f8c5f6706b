//! The circuit breaker: stops sending to a service that does not answer, and finds out carefully when it does again.

mod machine;
mod policy;
mod registry;
mod sync;

pub use registry::Breakers;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::classify::Health;
use crate::clock::{Clock, SystemClock, later};
use crate::error::ResilienceError;
use crate::events;
use crate::randomness::{Randomness, SplitMix};
use machine::{Limits, Machine, Moved, State, Ticket};
use policy::Pauses;

/// When a breaker opens, and how it closes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open the first time. Each time that its probes fail it stays open twice as long, and up to a
    /// quarter longer by chance.
    pub recovery: Duration,
    /// The longest that it stays open (before chance).
    pub longest_recovery: Duration,
    /// How many probes may be under way at once while it is half-open.
    pub half_open_places: u32,
    /// Successful probes that close it.
    pub half_open_successes: u32,
}

impl Default for BreakerSettings {
    /// 5 failures; 60 s, growing to 300 s; 3 places; 2 successes.
    fn default() -> Self {
        Self {
            failures: 5,
            recovery: Duration::from_secs(60),
            longest_recovery: Duration::from_secs(300),
            half_open_places: 3,
            half_open_successes: 2,
        }
    }
}

/// The state of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Everyone passes.
    Closed,
    /// Nobody passes until the recovery time is over.
    Open,
    /// A few probes pass.
    HalfOpen,
    /// Nobody passes, by hand.
    ForcedOpen,
    /// Everyone passes and nothing is concluded, by hand.
    ForcedClosed,
}

impl From<State> for BreakerState {
    fn from(state: State) -> Self {
        match state {
            State::Closed => Self::Closed,
            State::Open => Self::Open,
            State::HalfOpen => Self::HalfOpen,
            State::ForcedOpen => Self::ForcedOpen,
            State::ForcedClosed => Self::ForcedClosed,
        }
    }
}

impl fmt::Display for BreakerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
            Self::ForcedOpen => "forced_open",
            Self::ForcedClosed => "forced_closed",
        })
    }
}

/// What a breaker has seen since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Calls after which the service was found up.
    pub successes: u64,
    /// Calls after which it was found down.
    pub failures: u64,
    /// Calls that told nothing, abandoned ones among them.
    pub no_verdict: u64,
    /// Calls that ended in another era than they began in: they counted for nothing.
    pub stale: u64,
    /// Calls that were not let through.
    pub refused: u64,
    /// How often it opened by itself.
    pub opened: u64,
    /// Failures in a row, as of now.
    pub streak: u32,
}

/// A circuit breaker around one service.
pub struct Breaker {
    name: Arc<str>,
    machine: Machine,
    clock: Arc<dyn Clock>,
    origin: Instant,
}

impl Breaker {
    /// With tokio's clock and the system's randomness.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, settings: BreakerSettings) -> Self {
        Self::with(name, settings, Arc::new(SystemClock), Arc::new(SplitMix::from_system()))
    }

    /// With time and chance handed in. Limits of zero count as one.
    #[must_use]
    pub fn with(
        name: impl Into<Arc<str>>,
        settings: BreakerSettings,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        let pauses = Pauses {
            next: settings.recovery,
            longest: settings.longest_recovery,
            chance: Arc::new(move || randomness.unit()),
            first: true,
        };
        let limits = Limits {
            failures: settings.failures.max(1),
            places: settings.half_open_places.max(1),
            successes: settings.half_open_successes.max(1),
            probe_patience: nanos(settings.recovery),
            pauses,
        };
        Self { name: name.into(), machine: Machine::new(limits), origin: clock.now(), clock }
    }

    /// The right to make one call now.
    ///
    /// # Errors
    /// [`ResilienceError::BreakerOpen`]: the call is not to be made.
    pub fn admit(&self) -> Result<Permit<'_>, ResilienceError> {
        let (answer, moved) = self.machine.admit(|| self.now());
        if let Some(moved) = moved {
            self.tell(moved);
        }
        match answer {
            Ok(ticket) => Ok(Permit { breaker: self, ticket: Some(ticket) }),
            Err(refusal) => {
                let retry_in = refusal.wait.map(Duration::from_nanos);
                Err(ResilienceError::BreakerOpen { name: Arc::clone(&self.name), retry_in })
            }
        }
    }

    /// Runs `work` if it may be run, and learns from what `judge` makes of its output.
    ///
    /// # Errors
    /// As [`admit`](Self::admit); `work` is then not started.
    pub async fn call<T, W: Future<Output = T>>(
        &self,
        work: W,
        judge: impl FnOnce(&T) -> Health,
    ) -> Result<T, ResilienceError> {
        let permit = self.admit()?;
        let output = work.await;
        permit.settle(judge(&output));
        Ok(output)
    }

    /// The key under which it is kept.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The state. An open breaker stays so until somebody calls, even if its time is over.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.machine.state().into()
    }

    /// When an open breaker lets a probe through; `None` in every other state.
    #[must_use]
    pub fn next_attempt(&self) -> Option<Instant> {
        Some(later(self.origin, Duration::from_nanos(self.machine.next_attempt()?)))
    }

    /// What it has seen.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let tally = &self.machine.tally;
        Counters {
            successes: tally.successes.load(Ordering::Relaxed),
            failures: tally.failures.load(Ordering::Relaxed),
            no_verdict: tally.no_verdict.load(Ordering::Relaxed),
            stale: tally.stale.load(Ordering::Relaxed),
            refused: tally.refused.load(Ordering::Relaxed),
            opened: tally.opened.load(Ordering::Relaxed),
            streak: self.machine.streak(),
        }
    }

    /// Lets nobody through until [`release`](Self::release).
    pub fn force_open(&self) {
        self.tell(self.machine.force(State::ForcedOpen));
    }

    /// Lets everyone through, whatever comes back, until [`release`](Self::release).
    pub fn force_closed(&self) {
        self.tell(self.machine.force(State::ForcedClosed));
    }

    /// Hands it back to itself: closed, with nothing remembered.
    pub fn release(&self) {
        self.tell(self.machine.force(State::Closed));
    }

    fn settle(&self, ticket: Ticket, verdict: machine::Verdict) {
        if let Some(moved) = self.machine.settle(ticket, verdict, || self.now()) {
            self.tell(moved);
        }
    }

    fn tell(&self, moved: Moved) {
        let retry_in = self.next_attempt().map(|at| at.saturating_duration_since(self.clock.now()));
        events::breaker_transition(&self.name, moved.from.into(), moved.to.into(), retry_in);
    }

    fn now(&self) -> u64 {
        nanos(self.clock.now().saturating_duration_since(self.origin))
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("name", &self.name)
            .field("state", &self.state())
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}

/// The right to make one call. Its outcome counts only as long as the breaker is in the era in which it was given;
/// dropped, it counts for nothing and gives its place back.
#[derive(Debug)]
#[must_use = "a permit that is dropped says nothing of the service"]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    ticket: Option<Ticket>,
}

impl Permit<'_> {
    /// The call has ended.
    pub fn settle(mut self, health: Health) {
        if let Some(ticket) = self.ticket.take() {
            let verdict = match health {
                Health::Up => machine::Verdict::Up,
                Health::Down => machine::Verdict::Down,
                Health::NoVerdict => machine::Verdict::None,
            };
            self.breaker.settle(ticket, verdict);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.settle(ticket, machine::Verdict::None);
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
