//! What is remembered of one secret. One rule: a definite answer replaces what is held, and no answer leaves it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::settings::Schedule;
use crate::error::Error;
use crate::secret::Secret;

/// The memory of one secret, and the turn of whoever asks the store for it.
#[derive(Default)]
pub(super) struct Slot {
    turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    miss: Option<Miss>,
    failures: u32,
    refreshing: bool,
    /// The version that was not accepted, until the store has been asked again.
    rejected: Option<Option<String>>,
    /// Counts invalidations: an answer to a question asked before one says nothing about the time after it.
    generation: u64,
}

/// The last secret that the store gave.
struct Held {
    secret: Secret,
    fetched: Instant,
    refresh_at: Instant,
    expires: Instant,
    /// It came back unchanged after an invalidation.
    confirmed: bool,
}

/// The last time when the store gave none.
struct Miss {
    error: Arc<Error>,
    /// Until then it is not asked again.
    until: Instant,
}

/// What a reader gets.
pub(super) enum Reading {
    /// This; and if `refresh`, it is this reader who starts a fetch in the background.
    Serve { verdict: Result<Secret, Error>, refresh: bool },
    /// Nothing before the store has been asked.
    Fetch,
}

impl Slot {
    /// Waits until nobody else asks the store for this secret.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    pub(super) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// Whether the fetch that a reader started in the background is still wanted.
    pub(super) fn is_refreshing(&self) -> bool {
        self.state().refreshing
    }

    pub(super) fn read(&self, now: Instant, schedule: &Schedule) -> Reading {
        let mut state = self.state();
        let waits = state.miss.as_ref().is_some_and(|miss| now < miss.until);
        if let Some(held) = state.held.as_ref().filter(|held| now < held.expires) {
            let verdict = Ok(held.secret.clone());
            let refresh = now >= held.refresh_at && !waits && !state.refreshing;
            state.refreshing |= refresh;
            return Reading::Serve { verdict, refresh };
        }
        match &state.miss {
            Some(miss) if waits => {
                Reading::Serve { verdict: state.without(Arc::clone(&miss.error), now, schedule), refresh: false }
            }
            _ => Reading::Fetch,
        }
    }

    /// Takes the store's answer in. `None` if the secret was invalidated meanwhile: the answer may be older than that.
    pub(super) fn settle(
        &self,
        generation: u64,
        answer: Result<Secret, Error>,
        now: Instant,
        schedule: &Schedule,
    ) -> Option<Result<Secret, Error>> {
        let mut state = self.state();
        state.refreshing = false;
        if state.generation != generation {
            return None;
        }
        match answer {
            Ok(secret) => {
                let ttl = schedule.ttl();
                let refresh_at = now + ttl.mul_f64(schedule.settings.refresh_at.clamp(0.0, 1.0));
                let rejected = state.rejected.take();
                let confirmed = rejected.is_some_and(|version| version == secret.properties().version);
                let verdict = Ok(secret.clone());
                *state = State {
                    held: Some(Held { secret, fetched: now, refresh_at, expires: now + ttl, confirmed }),
                    generation,
                    ..State::default()
                };
                Some(verdict)
            }
            Err(error) => {
                let error = Arc::new(error);
                state.failures = if error.is_definite() { 0 } else { state.failures.saturating_add(1) };
                let wait = match state.failures {
                    0 => schedule.settings.negative_ttl,
                    failures => schedule.retry_after(failures),
                };
                if error.is_definite() {
                    state.held = None;
                }
                state.miss = Some(Miss { error: Arc::clone(&error), until: now + wait });
                let verdict = state.without(error, now, schedule);
                if verdict.is_err() {
                    state.held = None;
                }
                Some(verdict)
            }
        }
    }

    /// Forgets `rejected` if it is what is held. Returns whether it was forgotten.
    pub(super) fn invalidate(&self, rejected: &Secret, now: Instant, schedule: &Schedule) -> bool {
        let mut state = self.state();
        let Some(held) = state.held.take_if(|held| {
            let settled = held.confirmed && now < held.fetched + schedule.settings.invalidate_pause;
            held.secret.is_same_answer(rejected) && !settled
        }) else {
            return false;
        };
        state.rejected = Some(held.secret.properties().version.clone());
        state.miss = None;
        state.refreshing = false;
        state.generation += 1;
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What there is to give while the store gives nothing because of `error`.
    fn without(&self, error: Arc<Error>, now: Instant, schedule: &Schedule) -> Result<Secret, Error> {
        match &self.held {
            Some(held) if now < held.expires => Ok(held.secret.clone()),
            Some(held) if now < held.expires + schedule.settings.max_stale => {
                Ok(held.secret.stale(now.saturating_duration_since(held.fetched), error))
            }
            _ => Err(Error::clone(&error)),
        }
    }
}
