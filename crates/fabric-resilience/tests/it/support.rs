//! A scripted origin in place of the network, and fixed chance.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fabric_resilience::{Clock, Randomness, Resilience, ResilienceError};
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error, Middleware, Next, Result};

/// Always the same draw.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) f64);

impl Randomness for Fixed {
    fn unit(&self) -> f64 {
        self.0
    }
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What the origin does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Play {
    Answer(u16, Vec<(&'static str, String)>, &'static str),
    TimesOut,
    FailsLocally,
    Hangs,
}

pub(crate) fn status(status: u16) -> Play {
    Play::Answer(status, Vec::new(), "")
}

pub(crate) fn throttled(retry_after: u64) -> Play {
    Play::Answer(429, vec![("retry-after", retry_after.to_string())], "")
}

/// Answers in the order of its script, then with 200; and remembers when it was asked.
#[derive(Clone)]
pub(crate) struct Origin {
    script: Arc<Mutex<VecDeque<Play>>>,
    asked: Arc<Mutex<Vec<(Instant, String)>>>,
    clock: Arc<dyn Clock>,
    takes: Duration,
}

impl Origin {
    pub(crate) fn new(clock: Arc<dyn Clock>, script: impl IntoIterator<Item = Play>) -> Self {
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        Self { script, asked: Arc::default(), clock, takes: Duration::ZERO }
    }

    /// The same, but each answer comes this much later than it was asked for.
    pub(crate) fn that_takes(mut self, takes: Duration) -> Self {
        self.takes = takes;
        self
    }

    pub(crate) fn client(&self, resilience: &Resilience) -> ClientWithMiddleware {
        resilience.apply(ClientBuilder::new(reqwest::Client::new())).with(self.clone()).build()
    }

    /// The time between consecutive requests.
    pub(crate) fn gaps(&self) -> Vec<Duration> {
        self.asked.lock().unwrap().windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub(crate) fn asked(&self) -> Vec<(Instant, String)> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Middleware for Origin {
    async fn handle(&self, request: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
        self.asked.lock().unwrap().push((self.clock.now(), request.url().path().to_owned()));
        let play = self.script.lock().unwrap().pop_front().unwrap_or(status(200));
        if !self.takes.is_zero() {
            self.clock.sleep_until(self.clock.now() + self.takes).await;
        }
        match play {
            Play::Answer(status, headers, body) => {
                let mut answer = http::Response::builder().status(status);
                for (name, value) in headers {
                    answer = answer.header(name, value);
                }
                Ok(Response::from(answer.body(body).unwrap()))
            }
            Play::TimesOut => Err(Error::middleware(ResilienceError::AttemptTimedOut { limit: secs(1) })),
            Play::FailsLocally => Err(Error::Middleware(std::io::Error::other("no token").into())),
            Play::Hangs => std::future::pending().await,
        }
    }
}
