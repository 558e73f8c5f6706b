//! Tells the step that makes a call how often it was sent, how long it waited, and Fabric's id of the request.

use std::time::Duration;

use fabric_deploy::execute::{StepCalls, current_calls};
use fabric_resilience::{AttemptLog, GaveUp, Verdict};
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
                current_calls(&told(response.extensions().get(), request_id.map(str::to_owned)));
            }
            Err(error) => current_calls(&told(GaveUp::within(error).map(GaveUp::attempts), None)),
        }
        outcome
    }
}

/// Without a retry layer there is no log, and one attempt.
fn told(log: Option<&AttemptLog>, request_id: Option<String>) -> StepCalls {
    let Some(log) = log else { return StepCalls { attempts: 1, request_id, ..StepCalls::default() } };
    let attempts = log.attempts();
    let throttled = attempts.iter().filter(|attempt| matches!(attempt.verdict, Verdict::Throttled { .. })).count();
    StepCalls {
        attempts: u32::try_from(log.sent()).unwrap_or(u32::MAX),
        waited: attempts.iter().map(|attempt| attempt.waited).sum::<Duration>(),
        throttled: u32::try_from(throttled).unwrap_or(u32::MAX),
        request_id,
    }
}
