//! A layer that answers in the network's place, and remembers what was asked.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use fabric_client::{CallMetadata, Client, ClientBuilder};
use http::{Extensions, HeaderMap, Method};
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder as Layers, Middleware, Next};
use serde_json::Value;

pub(crate) const TOKEN: &str = "the-token-that-nobody-may-see";

pub(crate) type Answer = Result<http::Response<Vec<u8>>, reqwest_middleware::Error>;

/// A request as it would have gone out.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Value>,
    pub(crate) metadata: CallMetadata,
}

impl Seen {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Stub {
    seen: Mutex<Vec<Seen>>,
    answer: Box<dyn Fn(&Seen) -> Answer + Send + Sync>,
    latency: Duration,
}

impl Stub {
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

struct Layer(Arc<Stub>);

#[async_trait]
impl Middleware for Layer {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        if !self.0.latency.is_zero() {
            tokio::time::advance(self.0.latency).await;
        }
        let bytes = request.body().and_then(reqwest::Body::as_bytes);
        let seen = Seen {
            method: request.method().clone(),
            path: request.url().path().to_owned(),
            query: request.url().query_pairs().into_owned().collect(),
            headers: request.headers().clone(),
            body: bytes.map(|bytes| serde_json::from_slice(bytes).unwrap()),
            metadata: *extensions.get::<CallMetadata>().expect("every request carries its metadata"),
        };
        let answer = (self.0.answer)(&seen);
        self.0.seen.lock().unwrap().push(seen);
        answer.map(Response::from)
    }
}

#[derive(Debug)]
struct FixedCredential;

#[async_trait]
impl TokenCredential for FixedCredential {
    async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        Ok(AccessToken::new(TOKEN, OffsetDateTime::UNIX_EPOCH))
    }
}

pub(crate) fn credential() -> Arc<dyn TokenCredential> {
    Arc::new(FixedCredential)
}

/// A client whose requests, each `latency` long on a clock that must stand still, are answered by `answer`, and what it asked.
pub(crate) fn slow(
    latency: Duration,
    answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
) -> (ClientBuilder, Arc<Stub>) {
    let stub = Arc::new(Stub { seen: Mutex::default(), answer: Box::new(answer), latency });
    // Never reached, and slow to make: it reads the machine's certificates.
    static UNREACHED: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);
    let http = Layers::new(UNREACHED.clone()).with(Layer(Arc::clone(&stub))).build();
    (Client::builder(http, credential()), stub)
}

/// The same without latency.
pub(crate) fn client(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> (Client, Arc<Stub>) {
    let (builder, stub) = slow(Duration::ZERO, answer);
    (builder.build(), stub)
}

pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let mut answer = http::Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    Ok(answer.body(body.into()).unwrap())
}

pub(crate) fn json(status: u16, body: &Value) -> Answer {
    answer(status, &[("content-type", "application/json; charset=utf-8")], body.to_string())
}
