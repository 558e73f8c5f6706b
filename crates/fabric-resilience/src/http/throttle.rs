//! The gate in front of every request, and the 429 that closes it.

use std::sync::Arc;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::{Common, throttle_key};
use crate::classify::Verdict;
use crate::deadline::Deadline;
use crate::error::ResilienceError;
use crate::throttle::{ThrottleGate, ThrottleKey};

pub(crate) struct ThrottleLayer {
    pub(crate) common: Common,
    pub(crate) gate: Arc<ThrottleGate>,
}

/// Left in the request's extensions for whoever delays the request after it has passed.
#[derive(Clone)]
pub(super) struct Passed {
    gate: Arc<ThrottleGate>,
    key: ThrottleKey,
}

impl Passed {
    /// Whether the class was parked since.
    pub(super) fn is_revoked(&self) -> bool {
        !self.gate.is_clear() && self.gate.parked_until(&self.key).is_some()
    }

    pub(super) async fn again(&self, deadline: Option<Deadline>) -> Result<()> {
        self.gate.pass(&self.key, deadline).await.map_err(ResilienceError::into_middleware)?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl Middleware for ThrottleLayer {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let call = self.common.classify.call(&request, extensions);
        let passed = Passed { gate: Arc::clone(&self.gate), key: throttle_key(&request, &call) };
        passed.again(extensions.get().copied()).await?;
        extensions.insert(passed.clone());
        let result = next.run(request, extensions).await;
        if let Verdict::Throttled { retry_after } = self.common.verdict(&call, &result) {
            self.gate.throttled(&passed.key, retry_after);
        }
        result
    }
}
