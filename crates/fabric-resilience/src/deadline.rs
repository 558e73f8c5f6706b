//! The instant after which nobody waits for the answer.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::clock::{Clock, before, later};
use crate::error::ResilienceError;

/// A total deadline: every attempt and every wait of one call ends before it. Put one into a request's extensions to
/// give that request less time than its client allows. Without the total-deadline layer it still bounds every wait, but
/// cuts off no attempt that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    /// `limit` from now.
    #[must_use]
    pub fn after(limit: Duration, clock: &dyn Clock) -> Self {
        Self { at: later(clock.now(), limit), limit }
    }

    /// The instant itself.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The time that was given, for messages.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// What is left of it at `now`; zero once it is over.
    #[must_use]
    pub fn left(&self, now: Instant) -> Duration {
        self.at.saturating_duration_since(now)
    }

    /// Whether `until` is too late.
    #[must_use]
    pub fn forbids(&self, until: Instant) -> bool {
        until >= self.at
    }

    /// The stricter of the two.
    #[must_use]
    pub fn or_earlier(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.at < self.at => other,
            _ => self,
        }
    }

    /// Runs `work` until the deadline.
    ///
    /// # Errors
    /// [`ResilienceError::DeadlineExceeded`]: `work` was dropped where it stood. What it had already sent may have
    /// taken effect.
    pub async fn enforce<W: Future>(&self, clock: &dyn Clock, work: W) -> Result<W::Output, ResilienceError> {
        before(clock, self.at, work)
            .await
            .ok_or(ResilienceError::DeadlineExceeded { limit: self.limit, attempt_in_flight: true })
    }
}
