//! One parked class: until when, and who leaves next.

use std::time::{Duration, Instant};

use super::ThrottleSettings;
use crate::randomness::Randomness;

/// Gaps go on being kept for this long after the last turn, so that callers who come late do not come all at once.
const COOL_DOWN: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Lane {
    until: Instant,
    /// The last turn that was given.
    last: Instant,
    gap: Duration,
}

impl Lane {
    pub(super) fn new(until: Instant, settings: &ThrottleSettings) -> Self {
        Self { until, last: until, gap: settings.first_gap }
    }

    pub(super) fn until(&self) -> Instant {
        self.until
    }

    /// The server has spoken again: what it said before is never shortened.
    pub(super) fn park(&mut self, until: Instant, settings: &ThrottleSettings) {
        if until > self.until {
            self.until = until;
            self.last = self.last.max(until);
            self.gap = settings.first_gap;
        }
    }

    /// Whether a turn still holds; the server may have moved `until` since it was given, or the lane may be another.
    pub(super) fn honours(&self, turn: Instant) -> bool {
        turn >= self.until
    }

    /// The turn that a caller who comes at `now` would get. Each lies half a gap to a whole gap after the one before:
    /// never before `until`, and never two at the same instant.
    pub(super) fn next_turn(&self, now: Instant, settings: &ThrottleSettings, randomness: &dyn Randomness) -> Instant {
        let gap = self.gap.max(settings.least_gap).mul_f64(0.5 + randomness.unit() / 2.0);
        (self.last + gap).max(now)
    }

    pub(super) fn give(&mut self, turn: Instant, settings: &ThrottleSettings) {
        self.last = turn;
        self.gap = self.gap.mul_f64(0.9).max(settings.least_gap);
    }

    pub(super) fn is_finished(&self, now: Instant) -> bool {
        now >= self.last + COOL_DOWN
    }
}
