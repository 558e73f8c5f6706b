//! Tells the step that makes a call how often it was sent, and Fabric's id of the request.

use fabric_deploy::execute::current_calls;
use fabric_resilience::{AttemptLog, GaveUp};
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next};

pub(super) struct Record;

#[async_trait::async_trait]
impl Middleware for Record {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response, Error> {
        let outcome = next.run(request, extensions).await;
        match &outcome {
            Ok(response) => {
                let request_id = response.headers().get(&super::REQUEST_ID).and_then(|id| id.to_str().ok());
                current_calls(attempts(response.extensions().get()), request_id);
            }
            Err(error) => current_calls(attempts(GaveUp::within(error).map(GaveUp::attempts)), None),
        }
        outcome
    }
}

/// Without a retry layer there is no log, and one attempt.
fn attempts(log: Option<&AttemptLog>) -> u32 {
    log.map_or(1, |log| u32::try_from(log.sent()).unwrap_or(u32::MAX))
}
