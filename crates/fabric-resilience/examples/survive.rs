//! A deployment's calls through a bad quarter of an hour, on a clock that leaps: `cargo run -p fabric-resilience
//! --example survive`.
#![allow(clippy::print_stdout, reason = "an example speaks to the terminal")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fabric_resilience::{
    AttemptLog, BreakerSettings, Clock, ManualClock, Resilience, RetrySettings, SplitMix, ThrottleSettings,
};
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, Middleware, Next, Result};

/// Stands where the network would be, and answers from a list.
struct Service(Mutex<VecDeque<(u16, Option<u64>)>>);

#[async_trait::async_trait]
impl Middleware for Service {
    async fn handle(&self, _: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, retry_after) = answers.pop_front().unwrap_or((200, None));
        let mut answer = http::Response::new("");
        *answer.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
        if let Some(seconds) = retry_after {
            answer.headers_mut().insert("retry-after", seconds.into());
        }
        Ok(Response::from(answer))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let clock = Arc::new(ManualClock::leaping());
    let begin = clock.now();

    // Deadlines are left out here: a clock that leaps would leap to them.
    let resilience = Resilience::builder()
        .clock(clock.clone())
        .randomness(Arc::new(SplitMix::seeded(1)))
        .retry(RetrySettings::default())
        .throttle_gate(ThrottleSettings::default())
        .breaker(BreakerSettings::default())
        .build();

    let weather = [(503, None), (200, None), (429, Some(44)), (200, None), (500, None)];
    let outage = std::iter::repeat_n((502, None), 4);
    let service = Service(Mutex::new(weather.into_iter().chain(outage).collect()));
    let client = resilience.apply(ClientBuilder::new(reqwest::Client::new())).with(service).build();

    for (what, call) in [
        ("a read while the service restarts", client.get("http://fabric.test/v1/workspaces")),
        ("a read that is throttled", client.get("http://fabric.test/v1/workspaces")),
        ("a create whose outcome is unknown", client.post("http://fabric.test/v1/items")),
        ("a read in an outage", client.get("http://fabric.test/v1/items")),
        ("a create at the open breaker", client.post("http://fabric.test/v1/items")),
    ] {
        let response = call.send().await?;
        let at = clock.now().duration_since(begin);
        println!("{:>6.1} s  {what}: {}", Duration::as_secs_f64(&at), response.status());
        if let Some(log) = response.extensions().get::<AttemptLog>() {
            println!("          {log}");
        }
    }
    for breaker in resilience.breakers().map(|breakers| breakers.all()).unwrap_or_default() {
        println!("breaker {}: {}, {:?}", breaker.name(), breaker.state(), breaker.counters());
    }
    Ok(())
}
