//! A server on this machine, and a transport that sends everything to it while the caller keeps its https address.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use azure_core::time::{Duration, OffsetDateTime};
use bytes::Bytes;
use fabric_identity::CredentialChain;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

pub(crate) const SCOPE: &str = "https://api.fabric.microsoft.com/.default";

/// What the server was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// The host that the caller meant.
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Asked {
    /// The fields of a form.
    pub(crate) fn form(&self) -> HashMap<String, String> {
        let address = format!("https://form.example/?{}", self.body);
        let url = reqwest::Url::parse(&address).unwrap();
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }
}

type Answer = dyn Fn(&Asked) -> (u16, String) + Send + Sync;

pub(crate) struct Double {
    asked: Arc<Mutex<Vec<Asked>>>,
    port: u16,
}

impl Double {
    /// A server that answers what `answer` says.
    pub(crate) async fn start(answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let answer: Arc<Answer> = Arc::new(answer);
        let record = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (record, answer) = (Arc::clone(&record), Arc::clone(&answer));
                tokio::spawn(async move {
                    let service = service_fn(|request| serve(request, &record, &*answer));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { asked, port }
    }

    /// An Entra that gives `token-1`, `token-2` and so on.
    pub(crate) async fn entra() -> Self {
        let given = AtomicI64::new(0);
        Self::start(move |_| (200, token(given.fetch_add(1, Ordering::Relaxed) + 1))).await
    }

    pub(crate) fn transport(&self) -> Arc<dyn HttpClient> {
        Arc::new(Redirect { http: reqwest::Client::new(), port: self.port })
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// Entra's answer.
pub(crate) fn token(number: i64) -> String {
    format!(r#"{{"token_type":"Bearer","expires_in":3600,"ext_expires_in":3600,"access_token":"token-{number}"}}"#)
}

async fn serve(
    request: hyper::Request<Incoming>,
    record: &Mutex<Vec<Asked>>,
    answer: &Answer,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let headers: HashMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let asked = Asked {
        method: parts.method.to_string(),
        host: headers.get("x-meant-for").cloned().unwrap_or_default(),
        path: parts.uri.to_string(),
        headers,

        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let (status, body) = answer(&asked);
    record.lock().unwrap().push(asked);
    Ok(hyper::Response::builder().status(status).body(Full::from(body)).unwrap())
}

#[derive(Debug)]
struct Redirect {
    http: reqwest::Client,
    port: u16,
}

#[async_trait]
impl HttpClient for Redirect {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        let url = request.url_mut();
        let origin = url.origin().ascii_serialization();
        url.set_scheme("http").unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.port)).unwrap();
        request.insert_header("x-meant-for", origin);
        self.http.execute_request(&request).await
    }
}

/// A clock that a test moves.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// It starts at the time that it really is, from which `azure_identity` counts the life of a token.
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(OffsetDateTime::now_utc().unix_timestamp())))
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }
}

/// The variables of a test.
pub(crate) fn lookup<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

pub(crate) const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const CLIENT: &str = "aaaaaaaa-0000-4000-8000-000000000002";

/// A chain of these variables that talks to the double.
pub(crate) fn chain(double: &Double, variables: &[(&str, &str)]) -> CredentialChain {
    let lookup = lookup(variables);
    CredentialChain::builder(&lookup).transport(double.transport()).build().unwrap()
}
