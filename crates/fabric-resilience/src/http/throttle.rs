//! The gate in front of every request, and the 429 that closes it.

use std::sync::Arc;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::{Common, host, throttle_key};
use crate::classify::Verdict;
use crate::error::ResilienceError;
use crate::throttle::ThrottleGate;

pub(crate) struct ThrottleLayer {
    pub(crate) common: Common,
    pub(crate) gate: Arc<ThrottleGate>,
}

#[async_trait::async_trait]
impl Middleware for ThrottleLayer {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let call = self.common.classify.call(&request, extensions);
        let host = host(&request).to_owned();
        if !self.gate.is_clear() {
            let passed = self.gate.pass(&throttle_key(&host, &call), extensions.get().copied()).await;
            passed.map_err(ResilienceError::into_middleware)?;
        }
        let result = next.run(request, extensions).await;
        if let Verdict::Throttled { retry_after } = self.common.verdict(&call, &result) {
            self.gate.throttled(&throttle_key(&host, &call), retry_after);
        }
        result
    }
}
