//! How long to wait before which retry.

use std::time::Duration;

use retry_policies::policies::ExponentialBackoff;

use crate::randomness::Randomness;

/// Exponential waits, each lengthened by a random part of itself.
///
/// The shape is `retry_policies::ExponentialBackoff`, taken as data. Its own `should_retry` is not called: it reads
/// the wall clock, knows no `Retry-After`, and its jitter shortens the waits that it is given; here a wait is only
/// ever lengthened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    shape: ExponentialBackoff,
    jitter: f64,
}

impl Schedule {
    /// `retries` waits: `first`, then each twice the one before, none above `longest`; each lengthened by up to a
    /// quarter.
    #[must_use]
    pub fn doubling(first: Duration, longest: Duration, retries: u32) -> Self {
        // The builder asserts an order that the caller has no way to be told about.
        let shape = ExponentialBackoff::builder()
            .retry_bounds(first.min(longest), longest)
            .base(2)
            .build_with_max_retries(retries);
        Self::from(shape)
    }

    /// The same waits, each lengthened by up to `share` of itself. Negative and non-finite shares count as none.
    #[must_use]
    pub fn with_jitter(mut self, share: f64) -> Self {
        self.jitter = if share.is_finite() { share.clamp(0.0, 10.0) } else { 0.0 };
        self
    }

    /// The number of retries; `None` means that only a deadline or a budget ends them.
    #[must_use]
    pub fn retries(&self) -> Option<u32> {
        self.shape.max_n_retries
    }

    /// The wait before retry number `past + 1`, without its jitter; `None` if there is none left.
    #[must_use]
    pub fn step(&self, past: u32) -> Option<Duration> {
        if self.shape.max_n_retries.is_some_and(|retries| past >= retries) {
            return None;
        }
        let factor = self.shape.base.checked_pow(past).unwrap_or(u32::MAX);
        let step = self.shape.min_retry_interval.checked_mul(factor).unwrap_or(Duration::MAX);
        Some(step.min(self.shape.max_retry_interval))
    }

    /// What jitter adds to a wait of `step`.
    #[must_use]
    pub fn lengthening(&self, step: Duration, randomness: &dyn Randomness) -> Duration {
        Duration::try_from_secs_f64(step.as_secs_f64() * self.jitter * randomness.unit()).unwrap_or(step)
    }
}

impl Default for Schedule {
    /// 2 s, 4 s, 8 s.
    fn default() -> Self {
        Self::doubling(Duration::from_secs(2), Duration::from_secs(8), 3)
    }
}

impl From<ExponentialBackoff> for Schedule {
    /// Takes bounds, base and number of retries; the crate's own jitter is replaced.
    fn from(shape: ExponentialBackoff) -> Self {
        Self { shape, jitter: 0.25 }
    }
}
