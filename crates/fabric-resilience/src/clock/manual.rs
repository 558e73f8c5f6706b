//! A clock that moves only when it is told to, for tests of this crate and of its users.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use super::{Clock, Sleep, SystemClock};

/// A clock for tests. Clones share one time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    now: Instant,
    wall: SystemTime,
    advances_itself: bool,
    sleepers: Vec<(Instant, Waker)>,
}

impl ManualClock {
    /// A clock that stands still until [`advance`](Self::advance) is called. `wall` is its calendar time at the start.
    #[must_use]
    pub fn starting_at(wall: SystemTime) -> Self {
        let shared = Shared { now: SystemClock.now(), wall, advances_itself: false, sleepers: Vec::new() };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    /// A clock that leaps to the end of every sleep as soon as the sleep is awaited. For one task at a time: with
    /// several, whoever is polled first moves the time of all.
    #[must_use]
    pub fn leaping() -> Self {
        let clock = Self::starting_at(SystemTime::UNIX_EPOCH);
        clock.lock().advances_itself = true;
        clock
    }

    /// Moves both times on by `by` and wakes whoever has slept enough.
    pub fn advance(&self, by: Duration) {
        let due = {
            let mut shared = self.lock();
            shared.now += by;
            shared.wall += by;
            let now = shared.now;
            let (due, asleep) = shared.sleepers.drain(..).partition(|(at, _)| *at <= now);
            shared.sleepers = asleep;
            due
        };
        let due: Vec<(Instant, Waker)> = due;
        for (_, waker) in due {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::starting_at(SystemTime::UNIX_EPOCH)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.lock().now
    }

    fn wall(&self) -> SystemTime {
        self.lock().wall
    }

    fn sleep_until(&self, at: Instant) -> Sleep {
        let clock = self.clone();
        Box::pin(poll_fn(move |context| {
            let mut shared = clock.lock();
            if shared.advances_itself && at > shared.now {
                let by = at - shared.now;
                shared.now += by;
                shared.wall += by;
            }
            if shared.now >= at {
                return Poll::Ready(());
            }
            shared.sleepers.push((at, context.waker().clone()));
            Poll::Pending
        }))
    }
}
