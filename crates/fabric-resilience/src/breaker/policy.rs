//! What failsafe is told, and how it is watched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use failsafe::failure_policy::{self, ConsecutiveFailures};
use failsafe::{FailurePolicy, Instrument};

/// The pause before each next attempt, for as long as the breaker keeps opening. failsafe's own back-offs count in
/// whole seconds, and its jittered one begins with none at all.
#[derive(Clone)]
pub(crate) struct Pauses {
    pub(crate) next: Duration,
    pub(crate) longest: Duration,
    /// Draws from `[0, 1)`: up to a quarter of itself is added to every pause but the first.
    pub(crate) chance: Arc<dyn Fn() -> f64 + Send + Sync>,
    pub(crate) first: bool,
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(self.longest.max(pause));
        if std::mem::replace(&mut self.first, false) {
            return Some(pause);
        }
        Some(pause.saturating_add(pause.mul_f64(0.25 * (self.chance)())))
    }
}

/// What failsafe just did. It has no getter for its state, so that it is watched through its instrument.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch(Arc<Watched>);

#[derive(Debug, Default)]
struct Watched {
    opened: AtomicBool,
    pause_nanos: AtomicU64,
}

impl Watch {
    /// The pause, if failsafe has opened since this was last asked.
    pub(crate) fn opened(&self) -> Option<u64> {
        // The breaker's own lock is held wherever failsafe is called, so that nothing here is ever contended.
        self.0.opened.swap(false, Ordering::Relaxed).then(|| self.0.pause_nanos.load(Ordering::Relaxed))
    }
}

impl Instrument for Watch {
    fn on_call_rejected(&self) {}
    fn on_open(&self) {
        self.0.opened.store(true, Ordering::Relaxed);
    }
    fn on_half_open(&self) {}
    fn on_closed(&self) {}
}

/// failsafe's consecutive failures, with the pause taken out of its hands: it would measure it on a clock that cannot
/// be handed in, so that it is told zero and asked again only when the pause is over.
pub(crate) struct Consecutive {
    inner: ConsecutiveFailures<Pauses>,
    watch: Watch,
}

impl Consecutive {
    pub(crate) fn new(failures: u32, pauses: Pauses, watch: Watch) -> Self {
        Self { inner: failure_policy::consecutive_failures(failures, pauses), watch }
    }
}

impl FailurePolicy for Consecutive {
    fn record_success(&mut self) {
        self.inner.record_success();
    }

    fn mark_dead_on_failure(&mut self) -> Option<Duration> {
        let pause = self.inner.mark_dead_on_failure()?;
        self.watch.0.pause_nanos.store(u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        Some(Duration::ZERO)
    }

    fn revived(&mut self) {
        self.inner.revived();
    }
}
