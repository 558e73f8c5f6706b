//! Tokens in memory: one caller signs in, whatever the number that wait, and a token that is valid is never withheld.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use azure_core::credentials::AccessToken;
use azure_core::time::{Duration, OffsetDateTime};

use crate::error::ChainError;

/// The time, so that tests can tell it.
pub(crate) type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// A token is renewed this long before it expires, as the Azure SDKs do.
pub(crate) const AHEAD: Duration = Duration::minutes(5);

/// After a renewal that failed or gave nothing newer, the next one waits this long.
pub(crate) const PAUSE: Duration = Duration::seconds(30);

pub(crate) struct TokenCache {
    clock: Clock,
    entries: Mutex<HashMap<String, Arc<Entry>>>,
}

/// What is known for one set of scopes.
#[derive(Default)]
struct Entry {
    held: Mutex<Held>,
    signing_in: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Held {
    token: Option<AccessToken>,
    /// No renewal before this.
    renew_after: Option<OffsetDateTime>,
    /// How often signing in has ended.
    attempts: u64,
    /// How it ended last, if badly.
    failure: Option<ChainError>,
}

/// What a held token is good for.
enum State {
    Fresh(AccessToken),
    Due(AccessToken),
    Gone,
}

impl TokenCache {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, entries: Mutex::default() }
    }

    /// The token for `scopes`: the one that is held, or the one that `sign_in` gives.
    ///
    /// # Errors
    /// What `sign_in` answered, where no valid token is held. Callers that waited for one attempt share its answer.
    pub(crate) async fn get<F, Fut>(&self, scopes: &[&str], sign_in: F) -> Result<AccessToken, ChainError>
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<AccessToken, ChainError>> + Send,
    {
        let entry = Arc::clone(lock(&self.entries).entry(scopes.join(" ")).or_default());
        match self.state(&entry) {
            State::Fresh(token) => Ok(token),
            State::Due(token) => {
                let Ok(_signing_in) = entry.signing_in.try_lock() else { return Ok(token) };
                match sign_in().await {
                    Ok(newer) => Ok(self.keep(&entry, newer)),
                    Err(error) => {
                        tracing::warn!(reason = %error.reason, "the token could not be renewed; it is still valid");
                        self.note(&entry, error);
                        Ok(token)
                    }
                }
            }
            State::Gone => {
                let seen = lock(&entry.held).attempts;
                let _signing_in = entry.signing_in.lock().await;
                if let State::Fresh(token) | State::Due(token) = self.state(&entry) {
                    return Ok(token);
                }
                {
                    let held = lock(&entry.held);
                    if let Some(failure) = held.failure.as_ref().filter(|_| held.attempts != seen) {
                        return Err(failure.clone());
                    }
                }
                match sign_in().await {
                    Ok(token) => Ok(self.keep(&entry, token)),
                    Err(error) => {
                        self.note(&entry, error.clone());
                        Err(error)
                    }
                }
            }
        }
    }

    /// Forgets the tokens that `refused` knows.
    pub(crate) fn forget(&self, refused: impl Fn(&str) -> bool) {
        for entry in lock(&self.entries).values() {
            let mut held = lock(&entry.held);
            if held.token.as_ref().is_some_and(|held| refused(held.token.secret())) {
                held.token = None;
            }
        }
    }

    fn state(&self, entry: &Entry) -> State {
        let now = (self.clock)();
        let held = lock(&entry.held);
        match &held.token {
            Some(token) if now < token.expires_on - AHEAD => State::Fresh(token.clone()),
            Some(token) if now < token.expires_on => match held.renew_after {
                Some(instant) if now < instant => State::Fresh(token.clone()),
                _ => State::Due(token.clone()),
            },
            _ => State::Gone,
        }
    }

    fn keep(&self, entry: &Entry, token: AccessToken) -> AccessToken {
        let now = (self.clock)();
        let mut held = lock(&entry.held);
        *held = Held {
            token: Some(token.clone()),
            renew_after: Some(now + PAUSE),
            attempts: held.attempts.wrapping_add(1),
            failure: None,
        };
        token
    }

    fn note(&self, entry: &Entry, failure: ChainError) {
        let now = (self.clock)();
        let mut held = lock(&entry.held);
        held.renew_after = Some(now + PAUSE);
        held.attempts = held.attempts.wrapping_add(1);
        held.failure = Some(failure);
    }
}

/// A panic elsewhere does not make what is held wrong: every write is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
