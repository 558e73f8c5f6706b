//! The bottom of the HTTP stack: requests go to the emulator in this process, in tokio's time, unless the process is
//! dead or may change nothing any more.

use std::sync::{Arc, OnceLock};

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use bytes::Bytes;
use fabric_client::{CallMetadata, Client, Endpoint, Safety};
use fabric_emulator::{BrokenExchange, Emulator};
use fabric_txn::Lease;
use futures::stream;
use http::Extensions;
use reqwest::{Body, Request, Response};
use reqwest_middleware::{ClientBuilder, Error, Middleware, Next};

use super::life::{Life, Point};

/// The lease that a process works under, once it has one.
#[derive(Debug, Clone, Default)]
pub(super) struct Leased(Arc<OnceLock<Lease>>);

impl Leased {
    pub(super) fn by(&self, lease: &Lease) {
        self.0.set(lease.clone()).unwrap();
    }
}

struct Wire {
    emulator: Arc<Emulator>,
    life: Life,
    /// Nothing where the caller works without a lease.
    leased: Option<Leased>,
}

/// What the guard of the command line answers.
#[derive(Debug, thiserror::Error)]
#[error("the lease is over")]
struct NotLeased;

fn is_not_leased(error: &Error) -> bool {
    matches!(error, Error::Middleware(error) if error.is::<NotLeased>())
}

#[async_trait::async_trait]
impl Middleware for Wire {
    async fn handle(&self, request: Request, extensions: &mut Extensions, _: Next<'_>) -> Result<Response, Error> {
        let mut wired = http::Request::builder().method(request.method()).uri(request.url().as_str());
        if let Some(headers) = wired.headers_mut() {
            headers.clone_from(request.headers());
        }
        let body = request.body().and_then(Body::as_bytes).map(Bytes::copy_from_slice).unwrap_or_default();
        self.life.point(Point::BeforeSending).await;
        // As the command line does it, the last look comes right before the sending.
        let changes = extensions.get::<CallMetadata>().is_none_or(|call| call.safety != Safety::Read);
        if changes && self.leased.as_ref().is_some_and(|leased| !leased.0.get().is_some_and(Lease::holds)) {
            return Err(Error::middleware(NotLeased));
        }
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
pub(super) fn client(emulator: &Arc<Emulator>, life: &Life, leased: Option<&Leased>) -> Client {
    static HTTP: OnceLock<reqwest::Client> = OnceLock::new();
    let http = HTTP.get_or_init(reqwest::Client::new).clone();
    let wire = Wire { emulator: Arc::clone(emulator), life: life.clone(), leased: leased.cloned() };
    Client::builder(ClientBuilder::new(http).with(wire).build(), Arc::new(Token(emulator.token())))
        .endpoint(Endpoint::parse(&emulator.endpoint()).unwrap())
        .refused_before_sending(is_not_leased)
        .build()
}
