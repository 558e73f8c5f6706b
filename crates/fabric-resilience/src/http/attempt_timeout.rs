//! One attempt has so long, up to the head of its response.

use std::time::Duration;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::Common;
use crate::clock::{before, later};
use crate::error::ResilienceError;

pub(crate) struct AttemptTimeout {
    pub(crate) common: Common,
    pub(crate) limit: Duration,
}

#[async_trait::async_trait]
impl Middleware for AttemptTimeout {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let clock = &*self.common.clock;
        let limit = self.limit;
        match before(clock, later(clock.now(), limit), next.run(request, extensions)).await {
            Some(result) => result,
            None => Err(ResilienceError::AttemptTimedOut { limit }.into_middleware()),
        }
    }
}
