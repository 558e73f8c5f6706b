//! One parked class: until when, and who leaves next.

use std::time::{Duration, Instant};

use super::ThrottleSettings;
use crate::randomness::Randomness;

/// Gaps go on being kept for this long after the last turn, so that callers who come late do not come all at once.
const COOL_DOWN: Duration = Duration::from_secs(2);

/// A place in a lane's order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) at: Instant,
    epoch: u64,
}

#[derive(Debug)]
pub(super) struct Lane {
    until: Instant,
    last: Instant,
    gap: Duration,
    /// Counts the times that the server moved `until`: turns granted before do not hold after.
    epoch: u64,
}

impl Lane {
    pub(super) fn until_instant(until: Instant, settings: &ThrottleSettings) -> Self {
        Self { until, last: until, gap: settings.first_gap, epoch: 0 }
    }

    pub(super) fn until(&self) -> Instant {
        self.until
    }

    /// The server's latest word counts, unless an earlier one reaches further.
    pub(super) fn park(&mut self, until: Instant, settings: &ThrottleSettings) {
        if until > self.until {
            *self = Self { epoch: self.epoch + 1, ..Self::until_instant(until, settings) };
        }
    }

    pub(super) fn still_grants(&self, turn: Turn) -> bool {
        turn.epoch == self.epoch
    }

    /// The turn that a caller who comes at `now` would get. Each lies half a gap to a whole gap after the one before:
    /// never before `until`, and never two at the same instant.
    pub(super) fn next_turn(&self, now: Instant, settings: &ThrottleSettings, randomness: &dyn Randomness) -> Turn {
        let gap = self.gap.max(settings.least_gap).mul_f64(0.5 + randomness.unit() / 2.0);
        Turn { at: (self.last + gap).max(now), epoch: self.epoch }
    }

    pub(super) fn book(&mut self, turn: Turn, settings: &ThrottleSettings) {
        self.last = turn.at;
        self.gap = self.gap.mul_f64(0.9).max(settings.least_gap);
    }

    pub(super) fn is_finished(&self, now: Instant) -> bool {
        now >= self.last + COOL_DOWN
    }
}
