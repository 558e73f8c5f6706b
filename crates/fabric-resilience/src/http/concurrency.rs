//! A place among the calls under way, for as long as one attempt lasts.

use std::sync::Arc;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::{Common, host, throttle_key};
use crate::call::Call;
use crate::classify::Verdict;
use crate::concurrency::{AdaptiveLimit, Feedback};
use crate::deadline::Deadline;
use crate::error::ResilienceError;
use crate::throttle::{ThrottleGate, ThrottleKey};

pub(crate) struct ConcurrencyLayer {
    pub(crate) common: Common,
    pub(crate) limit: Arc<AdaptiveLimit>,
    /// The gate that the call has passed on its way here.
    pub(crate) gate: Option<Arc<ThrottleGate>>,
}

impl ConcurrencyLayer {
    /// The gate, and the call's place at it, if the class was parked since it passed.
    fn closed(&self, request: &Request, call: &Call) -> Option<(&ThrottleGate, ThrottleKey)> {
        let gate = self.gate.as_deref().filter(|gate| !gate.is_clear())?;
        let key = throttle_key(host(request), call);
        gate.parked_until(&key).map(|_| (gate, key))
    }
}

#[async_trait::async_trait]
impl Middleware for ConcurrencyLayer {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let call = self.common.classify.call(&request, extensions);
        let deadline: Option<Deadline> = extensions.get().copied();
        let place = loop {
            let place = self.limit.acquire(deadline).await.map_err(ResilienceError::into_middleware)?;
            // Whoever waited here may have passed the gate before it closed. Back to it, without a place: a place held
            // by a parked class would be missing to all others.
            let Some((gate, key)) = self.closed(&request, &call) else { break place };
            drop(place);
            gate.pass(&key, deadline).await.map_err(ResilienceError::into_middleware)?;
        };
        let result = next.run(request, extensions).await;
        place.leave(match self.common.verdict(&call, &result) {
            Verdict::Success => Feedback::Fine,
            Verdict::Throttled { .. } => Feedback::Throttled,
            Verdict::Transient { .. } | Verdict::Permanent | Verdict::UnknownOutcome => Feedback::Neither,
        });
        result
    }
}
