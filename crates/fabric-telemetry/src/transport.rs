//! How records are sent, handed in.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use thiserror::Error;
use url::Url;

/// How long one request may take. At the end of the process less is left for all of them.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// A request: always a POST, always compressed.
#[derive(Debug, Clone)]
pub struct Post {
    /// Where to.
    pub url: Url,
    /// The type of the body before it was compressed.
    pub content_type: &'static str,
    /// Further headers. They may hold credentials of the receiver.
    pub headers: HeaderMap,
    /// The body, compressed with gzip.
    pub body: Vec<u8>,
}

/// What the receiver answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// There was no answer.
#[derive(Debug, Clone, Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// Sends requests.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends one.
    ///
    /// # Errors
    /// There was no answer.
    async fn post(&self, post: Post) -> Result<Answer, TransportError>;
}

/// Over the network.
#[derive(Debug, Clone)]
pub struct HttpTransport(reqwest::Client);

impl HttpTransport {
    /// With connections of its own.
    ///
    /// # Errors
    /// The machine's certificates or proxies cannot be used.
    pub fn new() -> Result<Self, TransportError> {
        let client = reqwest::Client::builder().timeout(REQUEST_TIMEOUT).redirect(Policy::none()).build();
        client.map(Self).map_err(|error| TransportError(chain(&error)))
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn post(&self, post: Post) -> Result<Answer, TransportError> {
        let request = self
            .0
            .post(post.url)
            .headers(post.headers)
            .header(CONTENT_TYPE, post.content_type)
            .header(CONTENT_ENCODING, "gzip")
            .body(post.body);
        // The address may hold a key of the receiver.
        let lost = |error: reqwest::Error| TransportError(chain(&error.without_url()));
        let response = request.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response.bytes().await.map_err(lost)?.to_vec();
        Ok(Answer { status, retry_after: seconds.map(Duration::from_secs), body })
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
