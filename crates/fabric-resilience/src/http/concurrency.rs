//! A place among the calls under way, for as long as one attempt lasts.

use std::sync::Arc;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::Common;
use super::throttle::Passed;
use crate::classify::Verdict;
use crate::concurrency::{AdaptiveLimit, Feedback};
use crate::deadline::Deadline;
use crate::error::ResilienceError;

pub(crate) struct ConcurrencyLayer {
    pub(crate) common: Common,
    pub(crate) limit: Arc<AdaptiveLimit>,
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
            match extensions.get::<Passed>().filter(|passed| passed.is_revoked()) {
                None => break place,
                Some(passed) => {
                    drop(place);
                    passed.again(deadline).await?;
                }
            }
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
