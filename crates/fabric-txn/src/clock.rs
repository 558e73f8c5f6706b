//! Time is a value that is handed in.

use std::fmt::Debug;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use tokio::sync::watch;

/// Tells the time and waits.
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// Milliseconds since 1970-01-01 UTC.
    fn now_ms(&self) -> u64;
    /// Milliseconds since an instant of its own, by a clock that nobody sets: it never goes back. Only for how long ago
    /// something was in this process.
    fn steady_ms(&self) -> u64 {
        self.now_ms()
    }
    /// Returns after `wait`.
    async fn sleep(&self, wait: Duration);
}

/// The clock of this machine. It sleeps on Tokio's timer, which the runtime must have.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock of this crate; everybody else is given one")]
    fn now_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
    }

    #[expect(clippy::disallowed_methods, reason = "the one clock of this crate; everybody else is given one")]
    fn steady_ms(&self) -> u64 {
        static FIRST: OnceLock<Instant> = OnceLock::new();
        millis(FIRST.get_or_init(Instant::now).elapsed())
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

/// A clock that stands still until it is moved: for tests.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<u64>,
    waits: Mutex<Vec<Duration>>,
}

impl ManualClock {
    /// Shows `now_ms`.
    pub fn new(now_ms: u64) -> Self {
        Self { now: watch::Sender::new(now_ms), waits: Mutex::new(Vec::new()) }
    }

    /// Moves it forward and wakes whoever waits for that.
    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now = now.saturating_add(millis(by)));
    }

    /// Every wait that was asked for, in order.
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().map(|waits| waits.clone()).unwrap_or_default()
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        *self.now.borrow()
    }

    async fn sleep(&self, wait: Duration) {
        let until = self.now_ms().saturating_add(millis(wait));
        if let Ok(mut waits) = self.waits.lock() {
            waits.push(wait);
        }
        // An error means that the sender is gone, and the sender is `self`.
        let _ = self.now.subscribe().wait_for(|now| *now >= until).await;
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
