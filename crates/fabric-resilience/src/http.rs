//! The layers as `reqwest_middleware::Middleware`.

mod attempt_timeout;
mod body;
mod breaker;
mod concurrency;
mod retry;
mod throttle;
mod total_deadline;

pub(crate) use attempt_timeout::AttemptTimeout;
pub(crate) use body::BodyLayer;
pub(crate) use breaker::BreakerLayer;
pub(crate) use concurrency::ConcurrencyLayer;
pub(crate) use retry::RetryLayer;
pub(crate) use throttle::ThrottleLayer;
pub(crate) use total_deadline::TotalDeadline;

use std::sync::Arc;

use reqwest::{Request, Response};
use reqwest_middleware::Result;
use url::Position;

use crate::call::Call;
use crate::classify::{Classify, Outcome, Verdict};
use crate::clock::Clock;
use crate::throttle::ThrottleKey;
use body::ErrorBody;

/// What the layers of one stack share.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) classify: Arc<dyn Classify>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Common {
    pub(crate) fn verdict(&self, call: &Call, result: &Result<Response>) -> Verdict {
        self.classify.verdict(call, &outcome(result), self.clock.wall())
    }
}

pub(crate) fn outcome(result: &Result<Response>) -> Outcome<'_> {
    match result {
        Ok(response) => Outcome::Answer {
            status: response.status(),
            headers: response.headers(),
            body: response.extensions().get().map(ErrorBody::bytes),
        },
        Err(error) => Outcome::Failed(error),
    }
}

/// Host and port: two servers on one machine are two services. A password in the URL is left out.
pub(crate) fn host(request: &Request) -> &str {
    &request.url()[Position::BeforeHost..Position::AfterPort]
}

pub(crate) fn throttle_key(host: &str, call: &Call) -> ThrottleKey {
    ThrottleKey {
        host: host.to_owned(),
        principal: call.principal.clone().into_owned(),
        class: call.class.clone().into_owned(),
    }
}
