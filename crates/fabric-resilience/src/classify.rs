//! What an outcome means: for the caller (retry or not), and for the service (up or down).

use std::time::{Duration, SystemTime};

use http::{Extensions, HeaderMap, StatusCode};
use reqwest::Request;
use reqwest_middleware::Error;
use reqwest_retry::{Retryable, default_on_request_failure};

use crate::call::{Call, Safety};
use crate::error::ResilienceError;
use crate::retry_after::retry_after;

/// What came back from one attempt.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// The server answered.
    Answer {
        /// The status.
        status: StatusCode,
        /// The headers.
        headers: &'a HeaderMap,
        /// The body, if it is an error's and the stack was built with `read_bodies`.
        body: Option<&'a [u8]>,
    },
    /// No answer: the transport failed, or a layer ended the call.
    Failed(&'a Error),
}

/// What the caller may do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The call did what it should.
    Success,
    /// It failed, sending it again does no harm, and may help.
    Transient {
        /// The server's own wish, as a floor for the wait.
        retry_after: Option<Duration>,
    },
    /// The server refuses calls of this class for a while.
    Throttled {
        /// Until when, counted from now.
        retry_after: Option<Duration>,
    },
    /// It failed and would fail again.
    Permanent,
    /// It may have taken effect, and must not take effect twice. Only a look-up can tell.
    UnknownOutcome,
}

/// What an outcome says of the service behind a circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers, if only to refuse.
    Up,
    /// It does not answer, or answers that it cannot.
    Down,
    /// Nothing: a throttle, or an error of our own making.
    NoVerdict,
}

/// The one place where an application's knowledge of its calls meets the layers. Every method has a default that goes
/// by method and status alone.
pub trait Classify: Send + Sync + 'static {
    /// What is known of the call before it is sent; usually read from the request's extensions.
    fn call(&self, request: &Request, extensions: &Extensions) -> Call {
        let _ = extensions;
        Call::new(Safety::of_method(request.method()))
    }

    /// What the caller may do next. `now` is the calendar's time, for `Retry-After` as a date.
    ///
    /// [`Verdict::Transient`] for an [`Safety::Ambiguous`] call is a promise that it took no effect: it will be re-sent.
    fn verdict(&self, call: &Call, outcome: &Outcome<'_>, now: SystemTime) -> Verdict {
        verdict(call.safety, outcome, now)
    }

    /// What the outcome says of the service.
    fn health(&self, outcome: &Outcome<'_>) -> Health {
        health(outcome)
    }
}

/// The defaults of [`Classify`]: by method and status alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct ByStatus;

impl Classify for ByStatus {}

fn verdict(safety: Safety, outcome: &Outcome<'_>, now: SystemTime) -> Verdict {
    match *outcome {
        Outcome::Answer { status: StatusCode::TOO_MANY_REQUESTS, headers, .. } => {
            Verdict::Throttled { retry_after: retry_after(headers, now) }
        }
        Outcome::Answer { status, headers, .. }
            if status == StatusCode::REQUEST_TIMEOUT || status.is_server_error() =>
        {
            perhaps_applied(safety, retry_after(headers, now))
        }
        Outcome::Answer { status, .. } if status.is_client_error() => Verdict::Permanent,
        Outcome::Answer { .. } => Verdict::Success,
        Outcome::Failed(error) => match (ResilienceError::within(error), error) {
            (Some(ResilienceError::BreakerOpen { retry_in, .. }), _) => Verdict::Transient { retry_after: *retry_in },
            (Some(own), _) if own.was_sent() => perhaps_applied(safety, None),
            (Some(_), _) => Verdict::Permanent,
            // Without a connection nothing was sent, so that even a create may be sent again.
            (None, Error::Reqwest(error)) if error.is_connect() => Verdict::Transient { retry_after: None },
            (None, error) if is_transport_fault(error) => perhaps_applied(safety, None),
            (None, _) => Verdict::Permanent,
        },
    }
}

fn perhaps_applied(safety: Safety, retry_after: Option<Duration>) -> Verdict {
    match safety {
        Safety::Read | Safety::Idempotent => Verdict::Transient { retry_after },
        Safety::Ambiguous => Verdict::UnknownOutcome,
    }
}

fn health(outcome: &Outcome<'_>) -> Health {
    match *outcome {
        Outcome::Answer { status, .. } if status.is_server_error() => Health::Down,
        Outcome::Answer { status: StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, .. } => {
            Health::NoVerdict
        }
        Outcome::Answer { .. } => Health::Up,
        Outcome::Failed(error) => match ResilienceError::within(error) {
            Some(ResilienceError::AttemptTimedOut { .. }) => Health::Down,
            Some(_) => Health::NoVerdict,
            None if is_transport_fault(error) => Health::Down,
            None => Health::NoVerdict,
        },
    }
}

/// `reqwest-retry` knows which of reqwest's errors are passing ones, with two gaps: it calls a request fatal when hyper
/// failed for a reason that it has no case for, such as an HTTP/2 stream that the server reset, and it calls an answer
/// fatal whose body broke off. Whatever broke between the first byte of the request and the last one of the response is
/// the network's doing, so it counts here.
fn is_transport_fault(error: &Error) -> bool {
    matches!(default_on_request_failure(error), Some(Retryable::Transient))
        || matches!(error, Error::Reqwest(error) if error.is_request() || error.is_body() || error.is_decode())
}
