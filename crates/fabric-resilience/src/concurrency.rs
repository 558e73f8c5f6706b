//! How many calls may be under way at once, learned from what the server bears.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::clock::{Clock, SystemClock, before};
use crate::deadline::Deadline;
use crate::error::ResilienceError;
use crate::events;

/// The bounds of the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcurrencySettings {
    /// Never fewer at once; zero counts as one.
    pub min: usize,
    /// Where it begins.
    pub start: usize,
    /// Never more at once.
    pub max: usize,
}

impl Default for ConcurrencySettings {
    /// Begins at 16, between 1 and 64.
    fn default() -> Self {
        Self { min: 1, start: 16, max: 64 }
    }
}

/// What a call that held a place says of the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback {
    /// The server bore it.
    Fine,
    /// The server throttled it.
    Throttled,
    /// Nothing.
    Neither,
}

/// A limit that grows by one for every round of calls that went well, and halves when the server throttles (AIMD).
///
/// One burst of throttles halves it once: places that were given before a halving do not move the limit any more.
#[derive(Debug)]
pub struct AdaptiveLimit {
    settings: ConcurrencySettings,
    clock: Arc<dyn Clock>,
    semaphore: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: usize,
    /// Good calls since the limit last moved.
    credit: usize,
    /// Places to be withdrawn as soon as their holders are done.
    owed: usize,
    in_use: usize,
    era: u64,
}

impl AdaptiveLimit {
    /// With tokio's clock.
    #[must_use]
    pub fn new(settings: ConcurrencySettings) -> Self {
        Self::with(settings, Arc::new(SystemClock))
    }

    /// With time handed in.
    #[must_use]
    pub fn with(settings: ConcurrencySettings, clock: Arc<dyn Clock>) -> Self {
        let min = settings.min.clamp(1, Semaphore::MAX_PERMITS);
        let max = settings.max.clamp(min, Semaphore::MAX_PERMITS);
        let limit = settings.start.clamp(min, max);
        let settings = ConcurrencySettings { min, start: limit, max };
        let state = Mutex::new(State { limit, credit: 0, owed: 0, in_use: 0, era: 0 });
        Self { settings, clock, semaphore: Semaphore::new(limit), state }
    }

    /// The limit now.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.lock().limit
    }

    /// The calls under way now.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.lock().in_use
    }

    /// Waits for a place, first come, first served.
    ///
    /// # Errors
    /// [`ResilienceError::NoPlaceInTime`] at the deadline, even if a place becomes free at that very instant.
    pub async fn acquire(self: &Arc<Self>, deadline: Option<Deadline>) -> Result<Place, ResilienceError> {
        // A place that is free now has nobody waiting for it: whoever waits is given the next one that is left.
        let permit = match self.semaphore.try_acquire() {
            Ok(permit) => Some(permit),
            Err(_) => self.wait(deadline).await,
        };
        let too_late = deadline.is_some_and(|deadline| deadline.forbids(self.clock.now()));
        let Some(permit) = permit.filter(|_| !too_late) else {
            return Err(ResilienceError::NoPlaceInTime { limit: self.limit() });
        };
        permit.forget();
        let mut state = self.lock();
        state.in_use += 1;
        Ok(Place { limit: Arc::clone(self), era: state.era, is_left: false })
    }

    async fn wait(&self, deadline: Option<Deadline>) -> Option<SemaphorePermit<'_>> {
        let acquiring = self.semaphore.acquire();
        match deadline {
            None => acquiring.await.ok(),
            Some(deadline) => before(&*self.clock, deadline.at(), acquiring).await.and_then(Result::ok),
        }
    }

    fn learn(&self, state: &mut State, era: u64, feedback: Feedback) {
        if era != state.era {
            return;
        }
        match feedback {
            Feedback::Neither => {}
            // A limit that is not used says nothing of what the server would bear; one that is still shrinking does
            // not grow.
            Feedback::Fine if state.in_use * 2 < state.limit || state.owed > 0 || state.limit >= self.settings.max => {}
            Feedback::Fine => {
                state.credit += 1;
                if state.credit >= state.limit {
                    state.credit = 0;
                    state.limit += 1;
                    self.semaphore.add_permits(1);
                    events::concurrency_limit(state.limit);
                }
            }
            Feedback::Throttled => {
                let limit = (state.limit / 2).max(self.settings.min);
                let fewer = state.limit - limit;
                state.owed += fewer - self.semaphore.forget_permits(fewer);
                state.limit = limit;
                state.credit = 0;
                state.era += 1;
                events::concurrency_limit(limit);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the calls under way. Dropped, it is free again and says nothing.
#[derive(Debug)]
#[must_use = "a place that is dropped is free again"]
pub struct Place {
    limit: Arc<AdaptiveLimit>,
    era: u64,
    is_left: bool,
}

impl Place {
    /// The call has ended.
    pub fn leave(mut self, feedback: Feedback) {
        self.free(feedback);
    }

    fn free(&mut self, feedback: Feedback) {
        if std::mem::replace(&mut self.is_left, true) {
            return;
        }
        let mut state = self.limit.lock();
        self.limit.learn(&mut state, self.era, feedback);
        state.in_use -= 1;
        if state.owed > 0 {
            state.owed -= 1;
        } else {
            self.limit.semaphore.add_permits(1);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.free(Feedback::Neither);
    }
}
