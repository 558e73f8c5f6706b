//! The time of day, handed in.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::model::UnixNanos;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now. Never before what it said earlier.
    fn now(&self) -> UnixNanos;
}

/// The machine's clock, read once; from then on time passes as the monotonic clock says, so that no span ends before it
/// began when somebody sets the clock.
#[derive(Debug)]
pub struct SystemClock {
    origin: UnixNanos,
    started: Instant,
}

impl SystemClock {
    /// From now on.
    #[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
    pub fn new() -> Self {
        let origin = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { origin: u64::try_from(origin.as_nanos()).unwrap_or_default(), started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> UnixNanos {
        self.origin.saturating_add(u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}
