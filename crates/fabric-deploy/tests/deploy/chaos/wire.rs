//! The bottom of the HTTP stack: requests go to the emulator in this process, in tokio's time, unless the process is dead.

use std::sync::Arc;

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use bytes::Bytes;
use fabric_client::{Client, Endpoint};
use fabric_emulator::{BrokenExchange, Emulator};
use futures::stream;
use http::Extensions;
use reqwest::{Body, Request, Response};
use reqwest_middleware::{ClientBuilder, Error, Middleware, Next};

use super::life::{Life, Point};

struct Wire {
    emulator: Arc<Emulator>,
    life: Life,
}

#[async_trait::async_trait]
impl Middleware for Wire {
    async fn handle(&self, request: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response, Error> {
        let mut wired = http::Request::builder().method(request.method()).uri(request.url().as_str());
        if let Some(headers) = wired.headers_mut() {
            headers.clone_from(request.headers());
        }
        let body = request.body().and_then(Body::as_bytes).map(Bytes::copy_from_slice).unwrap_or_default();
        self.life.point(Point::BeforeSending).await;
        // What was sent is carried out, whether or not anybody still waits for the answer.
        let (emulator, wired) = (Arc::clone(&self.emulator), wired.body(body).unwrap());
        let outcome = tokio::spawn(async move { emulator.exchange(wired).await }).await.unwrap();
        self.life.point(Point::BeforeTheAnswer).await;
        let broken = |kind: std::io::ErrorKind| Error::middleware(std::io::Error::from(kind));
        match outcome {
            Ok(answer) => Ok(answer.map(Body::from).into()),
            Err(BrokenExchange::Truncated(half)) => Ok(half.map(broken_off).into()),
            Err(BrokenExchange::Closed) => Err(broken(std::io::ErrorKind::UnexpectedEof)),
            Err(BrokenExchange::Reset) => Err(broken(std::io::ErrorKind::ConnectionReset)),
        }
    }
}

/// A body that ends in an error, as one does whose connection closes too early.
fn broken_off(arrived: Bytes) -> Body {
    let end = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    Body::wrap_stream(stream::iter([Ok(arrived), Err(end)]))
}

#[derive(Debug)]
struct Token(String);

#[async_trait::async_trait]
impl TokenCredential for Token {
    async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        Ok(AccessToken::new(self.0.clone(), OffsetDateTime::now_utc() + std::time::Duration::from_secs(3_600)))
    }
}

/// A client of a process with this life. No layer retries anything: every fault reaches the steps.
pub(super) fn client(emulator: &Arc<Emulator>, life: &Life) -> Client {
    static HTTP: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    let http = HTTP.get_or_init(reqwest::Client::new).clone();
    let wire = Wire { emulator: Arc::clone(emulator), life: life.clone() };
    Client::builder(ClientBuilder::new(http).with(wire).build(), Arc::new(Token(emulator.token())))
        .endpoint(Endpoint::parse(&emulator.endpoint()).unwrap())
        .build()
}
