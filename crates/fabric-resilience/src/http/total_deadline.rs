//! The whole call has so long: all attempts, all waits.

use std::time::Duration;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

use super::Common;
use crate::attempts::AttemptLog;
use crate::clock::before;
use crate::deadline::Deadline;
use crate::error::{GaveUp, ResilienceError};

pub(crate) struct TotalDeadline {
    pub(crate) common: Common,
    pub(crate) limit: Duration,
}

#[async_trait::async_trait]
impl Middleware for TotalDeadline {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let clock = &*self.common.clock;
        let deadline = Deadline::after(self.limit, clock).or_earlier(extensions.get().copied());
        extensions.insert(deadline);
        let answered = before(clock, deadline.at(), next.run(request, extensions)).await;
        if let Some(result) = answered {
            return result;
        }
        let log = extensions.get::<AttemptLog>().cloned();
        let attempt_in_flight = log.as_ref().is_none_or(AttemptLog::in_flight);
        let error = ResilienceError::DeadlineExceeded { limit: deadline.limit(), attempt_in_flight }.into_middleware();
        Err(match log {
            Some(log) => Error::middleware(GaveUp::new(log, error)),
            None => error,
        })
    }
}
