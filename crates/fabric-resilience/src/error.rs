//! What the layers themselves can answer instead of the server.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::attempts::AttemptLog;

/// A layer ended the call. [`was_sent`](Self::was_sent) tells whether the server can know of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResilienceError {
    /// The circuit breaker does not let the call through. Nothing was sent.
    #[error("the circuit breaker for {name} is open{}", next_attempt(*.retry_in))]
    BreakerOpen {
        /// The breaker's key.
        name: Arc<str>,
        /// Time until it lets a probe through; `None` if it is forced open or its probes are under way.
        retry_in: Option<Duration>,
    },
    /// The server asked callers of this class to wait until after the deadline. Nothing was sent.
    #[error("throttled: {class} may be called again in {needed:?}, but only {left:?} are left")]
    ThrottledPastDeadline {
        /// The API class that is parked.
        class: String,
        /// Time until this caller's turn.
        needed: Duration,
        /// Time until the deadline.
        left: Duration,
    },
    /// No place under the concurrency limit became free before the deadline. Nothing was sent.
    #[error("no place among {limit} concurrent calls became free in time")]
    NoPlaceInTime {
        /// The limit at that moment.
        limit: usize,
    },
    /// The total deadline passed.
    #[error("no answer within {limit:?}{}", if *.attempt_in_flight { ", the last attempt may have taken effect" } else { "" })]
    DeadlineExceeded {
        /// The time that was given.
        limit: Duration,
        /// Whether an attempt was on its way: then its outcome is unknown.
        attempt_in_flight: bool,
    },
    /// One attempt took too long. It may have taken effect.
    #[error("no answer to this attempt within {limit:?}")]
    AttemptTimedOut {
        /// The time that one attempt has.
        limit: Duration,
    },
}

fn next_attempt(retry_in: Option<Duration>) -> String {
    retry_in.map(|wait| format!(", next attempt in {wait:?}")).unwrap_or_default()
}

impl ResilienceError {
    /// Whether the server may have seen the call.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        match self {
            Self::BreakerOpen { .. } | Self::ThrottledPastDeadline { .. } | Self::NoPlaceInTime { .. } => false,
            Self::DeadlineExceeded { attempt_in_flight, .. } => *attempt_in_flight,
            Self::AttemptTimedOut { .. } => true,
        }
    }

    /// The layer's error within a middleware error, however wrapped.
    #[must_use]
    pub fn within(error: &reqwest_middleware::Error) -> Option<&Self> {
        find(error)
    }

    pub(crate) fn into_middleware(self) -> reqwest_middleware::Error {
        reqwest_middleware::Error::middleware(self)
    }
}

/// The final error of a call that the retry layer carried, with every attempt on record. Its `source` is the last
/// attempt's own error, so that a walk along the chain finds the `reqwest::Error` or [`ResilienceError`].
#[derive(Debug)]
pub struct GaveUp {
    attempts: AttemptLog,
    cause: reqwest_middleware::Error,
}

impl GaveUp {
    pub(crate) fn new(attempts: AttemptLog, cause: reqwest_middleware::Error) -> Self {
        Self { attempts, cause }
    }

    /// Every attempt, oldest first.
    #[must_use]
    pub fn attempts(&self) -> &AttemptLog {
        &self.attempts
    }

    /// The last attempt's error.
    #[must_use]
    pub fn cause(&self) -> &reqwest_middleware::Error {
        &self.cause
    }

    /// The record within a middleware error, however wrapped.
    #[must_use]
    pub fn within(error: &reqwest_middleware::Error) -> Option<&Self> {
        find(error)
    }
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.cause, self.attempts)
    }
}

impl StdError for GaveUp {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // The middleware error is transparent: named as the source itself, it would hide the error it stands for.
        match &self.cause {
            reqwest_middleware::Error::Reqwest(error) => Some(error),
            reqwest_middleware::Error::Middleware(error) => Some(error.as_ref()),
        }
    }
}

fn find<E: StdError + 'static>(error: &reqwest_middleware::Error) -> Option<&E> {
    let reqwest_middleware::Error::Middleware(error) = error else { return None };
    error.chain().find_map(|cause| cause.downcast_ref())
}
