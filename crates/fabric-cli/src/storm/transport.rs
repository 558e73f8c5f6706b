//! The bottom of the stack: hands requests to the emulator in this process, and remembers when each was sent.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use fabric_client::CallMetadata;
use fabric_emulator::{BrokenExchange, Emulator};
use futures::stream;
use http::{Extensions, StatusCode, header};
use reqwest::{Body, Request, Response};
use reqwest_middleware::{Middleware, Next, Result};
use tokio::time::Instant;

use super::breakage::{Break, Breakage};

pub(super) struct Transport {
    emulator: Arc<Emulator>,
    breakage: Breakage,
    sent: Mutex<Vec<Sent>>,
}

/// One request that reached the emulator.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) class: &'static str,
    pub(super) at: Instant,
    pub(super) answered: Instant,
    /// The status, where an answer arrived whole.
    pub(super) status: Option<u16>,
    /// How long its class is blocked, as the answer said.
    blocked: Option<Duration>,
}

impl Transport {
    pub(super) fn new(emulator: Arc<Emulator>) -> Arc<Self> {
        Arc::new(Self { emulator, breakage: Breakage::new(), sent: Mutex::default() })
    }

    /// Forgets what was sent so far.
    pub(super) fn forget(&self) {
        self.sent.lock().unwrap().clear();
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Whether nothing was sent to a class between a 429 and the instant that it named.
    pub(super) fn kept_every_window(&self) -> std::result::Result<(), String> {
        let sent = self.sent();
        for throttled in &sent {
            let Some(blocked) = throttled.blocked else { continue };
            let window = throttled.answered..throttled.answered + blocked;
            // At the instant of the answer itself nobody can have read it yet.
            let early = sent
                .iter()
                .find(|later| later.class == throttled.class && later.at > window.start && window.contains(&later.at));
            if let Some(early) = early {
                return Err(format!(
                    "{} was sent {:?} after a 429 that blocks it for {blocked:?}",
                    early.class,
                    early.at - window.start
                ));
            }
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Middleware for Transport {
    async fn handle(&self, request: Request, extensions: &mut Extensions, _: Next<'_>) -> Result<Response> {
        let class = extensions.get::<CallMetadata>().map_or("", |metadata| metadata.api_class);
        let at = Instant::now();
        let mut wired = http::Request::builder().method(request.method()).uri(request.url().as_str());
        if let Some(headers) = wired.headers_mut() {
            headers.clone_from(request.headers());
        }
        let body = request.body().and_then(Body::as_bytes).map(Bytes::copy_from_slice).unwrap_or_default();
        let outcome = self.emulator.exchange(wired.body(body).unwrap()).await;
        let answer = outcome.as_ref().ok();
        let blocked = answer.filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).and_then(|answer| {
            let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
            Some(Duration::from_secs(seconds))
        });
        let status = answer.map(|answer| answer.status().as_u16());
        self.sent.lock().unwrap().push(Sent { class, at, answered: Instant::now(), status, blocked });
        match outcome {
            Ok(answer) => Ok(answer.map(Body::from).into()),
            Err(BrokenExchange::Truncated(half)) => Ok(half.map(broken_off).into()),
            Err(BrokenExchange::Closed) => Err(self.breakage.error(Break::Close).into()),
            Err(BrokenExchange::Reset) => Err(self.breakage.error(Break::Reset).into()),
        }
    }
}

/// A body that ends in an error, as one does whose connection closes too early.
fn broken_off(arrived: Bytes) -> Body {
    let end = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    Body::wrap_stream(stream::iter([Ok(arrived), Err(end)]))
}
