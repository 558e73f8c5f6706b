//! Time, injected, so that tests of polling never wait.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

/// A monotonic clock that one can also sleep on.
#[async_trait]
pub trait Timer: fmt::Debug + Send + Sync {
    /// The time since a fixed, arbitrary moment.
    fn now(&self) -> Duration;

    /// Returns once `duration` has passed.
    async fn sleep(&self, duration: Duration);
}

/// Tokio's timer. It stands still and advances with `tokio::time::pause`.
#[derive(Debug, Clone, Copy)]
pub struct TokioTimer {
    origin: Instant,
}

impl Default for TokioTimer {
    fn default() -> Self {
        Self { origin: Instant::now() }
    }
}

#[async_trait]
impl Timer for TokioTimer {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
