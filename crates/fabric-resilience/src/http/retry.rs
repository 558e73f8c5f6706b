//! The retry decisions, applied to requests.

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

use super::{Common, outcome};
use crate::classify::Outcome;
use crate::error::{GaveUp, ResilienceError};
use crate::retry::{self, Retry, Retrying, Seen};

pub(crate) struct RetryLayer {
    pub(crate) common: Common,
    pub(crate) retry: Retry,
}

impl RetryLayer {
    fn seen(&self, retrying: &Retrying, result: &Result<Response>) -> Seen {
        let verdict = self.common.verdict(retrying.call(), result);
        match outcome(result) {
            Outcome::Answer { status, headers, .. } => {
                let header = self.retry.settings().request_id_header.as_ref();
                let request_id = header.and_then(|name| headers.get(name)?.to_str().ok()).map(str::to_owned);
                Seen { verdict, status: Some(status.as_u16()), request_id, turned_away: false }
            }
            Outcome::Failed(error) => {
                let turned_away = matches!(ResilienceError::within(error), Some(ResilienceError::BreakerOpen { .. }));
                Seen { verdict, status: None, request_id: None, turned_away }
            }
        }
    }
}

#[async_trait::async_trait]
impl Middleware for RetryLayer {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let call = self.common.classify.call(&request, extensions);
        let mut retrying = self.retry.start(call, extensions.get().copied());
        let log = retrying.log().clone();
        extensions.insert(log.clone());
        let mut current = request;
        let result = loop {
            let again = current.try_clone();
            if again.is_none() {
                retrying.body_is_not_repeatable();
            }
            retrying.attempt_begins();
            let result = next.clone().run(current, extensions).await;
            let decision = retrying.attempt_ends(self.seen(&retrying, &result));
            let (retry::Next::At(instant), Some(again)) = (decision, again) else { break result };
            drop(result);
            self.retry.clock().sleep_until(instant).await;
            current = again;
        };
        match result {
            Ok(mut response) => {
                response.extensions_mut().insert(log);
                Ok(response)
            }
            Err(error) => Err(Error::middleware(GaveUp::new(log, error))),
        }
    }
}
