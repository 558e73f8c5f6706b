//! One breaker per host, or per host and API class.

use std::borrow::Cow;
use std::sync::Arc;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::{Common, host, outcome};
use crate::breaker::Breakers;
use crate::error::ResilienceError;
use crate::stack::BreakerScope;

pub(crate) struct BreakerLayer {
    pub(crate) common: Common,
    pub(crate) breakers: Arc<Breakers>,
    pub(crate) scope: BreakerScope,
}

impl BreakerLayer {
    fn key<'a>(&self, request: &'a Request, extensions: &Extensions) -> Cow<'a, str> {
        match self.scope {
            BreakerScope::Host => Cow::Borrowed(host(request)),
            BreakerScope::HostAndClass => {
                let call = self.common.classify.call(request, extensions);
                Cow::Owned(format!("{} {}", host(request), call.class))
            }
        }
    }
}

#[async_trait::async_trait]
impl Middleware for BreakerLayer {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let breaker = self.breakers.get(&self.key(&request, extensions));
        let permit = breaker.admit().map_err(ResilienceError::into_middleware)?;
        let result = next.run(request, extensions).await;
        permit.settle(self.common.classify.health(&outcome(&result)));
        result
    }
}
