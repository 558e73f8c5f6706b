//! The throttle gate: what one caller learned from a 429, every caller of that class respects.

mod lane;

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::classify::Verdict;
use crate::clock::{Clock, SystemClock};
use crate::deadline::Deadline;
use crate::error::ResilienceError;
use crate::events;
use crate::randomness::{Randomness, SplitMix};
use lane::Lane;

/// What the server throttles together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ThrottleKey {
    /// The host that answered.
    pub host: String,
    /// On whose behalf the call is made.
    pub principal: String,
    /// The API class.
    pub class: String,
}

/// How callers leave the gate once the server lets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleSettings {
    /// Added to every instant that the server names. Both recorded `RequestBlocked` answers of Fabric name, in their
    /// body, an instant one second after `Date` + `Retry-After`: whole seconds are cut off, twice.
    pub grace: Duration,
    /// How long to park a class whose 429 does not say.
    pub unstated: Duration,
    /// The first two callers leave up to this far apart; each further gap is a tenth shorter …
    pub first_gap: Duration,
    /// … down to this one.
    pub least_gap: Duration,
    /// How many classes may be parked at once. Beyond it, a further class shares one lane with all classes: late, but
    /// never early.
    pub max_classes: usize,
}

impl Default for ThrottleSettings {
    /// 1 s grace, 2 s unstated, gaps from 250 ms down to 20 ms (100 callers leave within 4 s), 256 classes.
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(1),
            unstated: Duration::from_secs(2),
            first_gap: Duration::from_millis(250),
            least_gap: Duration::from_millis(20),
            max_classes: 256,
        }
    }
}

/// The gate. Share one among all workers of a process.
#[derive(Debug)]
pub struct ThrottleGate {
    settings: ThrottleSettings,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    /// The number of parked classes: while it is zero, passing costs one atomic load.
    parked: AtomicUsize,
    lanes: Mutex<Lanes>,
}

#[derive(Debug, Default)]
struct Lanes {
    by_key: HashMap<ThrottleKey, Lane>,
    everyone: Option<Lane>,
}

impl ThrottleGate {
    /// With tokio's clock and the system's randomness.
    #[must_use]
    pub fn new(settings: ThrottleSettings) -> Self {
        Self::with(settings, Arc::new(SystemClock), Arc::new(SplitMix::from_system()))
    }

    /// With time and chance handed in.
    #[must_use]
    pub fn with(settings: ThrottleSettings, clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self { settings, clock, randomness, parked: AtomicUsize::new(0), lanes: Mutex::default() }
    }

    /// Whether some class is parked. While none is, [`pass`](Self::pass) lets everyone through.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.parked.load(Ordering::Acquire) == 0
    }

    /// The instant before which nobody of this class sends; `None` if it is not parked.
    #[must_use]
    pub fn parked_until(&self, key: &ThrottleKey) -> Option<Instant> {
        let now = self.clock.now();
        let lanes = self.lock();
        let until = [lanes.by_key.get(key), lanes.everyone.as_ref()].into_iter().flatten().map(Lane::until).max();
        until.filter(|until| *until > now)
    }

    /// Waits for this caller's turn, and returns how long that took. Callers leave in the order in which they came.
    ///
    /// # Errors
    /// [`ResilienceError::ThrottledPastDeadline`], at once, if the turn comes too late.
    pub async fn pass(&self, key: &ThrottleKey, deadline: Option<Deadline>) -> Result<Duration, ResilienceError> {
        if self.is_clear() {
            return Ok(Duration::ZERO);
        }
        let arrived = self.clock.now();
        let mut booked: Option<Instant> = None;
        loop {
            let Some(turn) = self.turn(key, booked, deadline)? else {
                return Ok(self.clock.now().saturating_duration_since(arrived));
            };
            if booked.is_none() {
                events::throttle_wait(&key.class, turn.saturating_duration_since(arrived));
            }
            booked = Some(turn);
            self.clock.sleep_until(turn).await;
        }
    }

    /// The server throttled a call of this class: nobody of it sends before `retry_after` from now.
    pub fn throttled(&self, key: &ThrottleKey, retry_after: Option<Duration>) {
        let wait = retry_after.unwrap_or(self.settings.unstated).saturating_add(self.settings.grace);
        let until = crate::clock::later(self.clock.now(), wait);
        let settings = &self.settings;
        let mut lanes = self.lock();
        if lanes.by_key.len() >= settings.max_classes.max(1) && !lanes.by_key.contains_key(key) {
            self.drop_finished(&mut lanes);
        }
        let lanes = &mut *lanes;
        let lane = if lanes.by_key.len() < settings.max_classes.max(1) || lanes.by_key.contains_key(key) {
            lanes.by_key.entry(key.clone()).or_insert_with(|| Lane::new(until, settings))
        } else {
            lanes.everyone.get_or_insert_with(|| Lane::new(until, settings))
        };
        lane.park(until, settings);
        self.count(lanes);
        events::throttle_parked(&key.class, wait);
    }

    /// Passes, runs `work`, and parks the class if `judge` says that it was throttled.
    ///
    /// # Errors
    /// As [`pass`](Self::pass); `work` is then not started.
    pub async fn call<T, W: Future<Output = T>>(
        &self,
        key: &ThrottleKey,
        deadline: Option<Deadline>,
        work: W,
        judge: impl FnOnce(&T) -> Verdict,
    ) -> Result<T, ResilienceError> {
        self.pass(key, deadline).await?;
        let output = work.await;
        if let Verdict::Throttled { retry_after } = judge(&output) {
            self.throttled(key, retry_after);
        }
        Ok(output)
    }

    /// The turn that must still be waited for, or `None` if the caller may go.
    fn turn(
        &self,
        key: &ThrottleKey,
        booked: Option<Instant>,
        deadline: Option<Deadline>,
    ) -> Result<Option<Instant>, ResilienceError> {
        let now = self.clock.now();
        let mut lanes = self.lock();
        if booked.is_none() {
            self.drop_finished(&mut lanes);
        }
        let lanes = &mut *lanes;
        let mut lane = lanes.by_key.get_mut(key);
        if let Some(everyone) = &mut lanes.everyone
            && lane.as_ref().is_none_or(|own| own.until() < everyone.until())
        {
            lane = Some(everyone);
        }
        let Some(lane) = lane else { return Ok(None) };
        if booked.is_some_and(|turn| lane.honours(turn) && turn <= now) {
            return Ok(None);
        }
        let turn = lane.next_turn(now, &self.settings, &*self.randomness);
        if let Some(deadline) = deadline.filter(|deadline| deadline.forbids(turn)) {
            return Err(ResilienceError::ThrottledPastDeadline {
                class: key.class.clone(),
                needed: turn.saturating_duration_since(now),
                left: deadline.left(now),
            });
        }
        lane.give(turn, &self.settings);
        Ok((turn > now).then_some(turn))
    }

    fn drop_finished(&self, lanes: &mut Lanes) {
        let now = self.clock.now();
        lanes.by_key.retain(|_, lane| !lane.is_finished(now));
        lanes.everyone.take_if(|lane| lane.is_finished(now));
        self.count(lanes);
    }

    fn count(&self, lanes: &Lanes) {
        let parked = lanes.by_key.len() + usize::from(lanes.everyone.is_some());
        self.parked.store(parked, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
