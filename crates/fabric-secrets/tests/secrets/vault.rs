//! A Key Vault on a socket of this machine, and the transport that leads to it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::{AsyncRawResponse, HttpClient, Request as AzureRequest};
use azure_core::time::{Duration, OffsetDateTime};
use bytes::Bytes;
use fabric_secrets::{KeyVaultStore, SecretName};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

pub(crate) const HOST: &str = "sales.vault.azure.net";
pub(crate) const TOKEN: &str = "canary-bearer-token-7f3d";

/// What the vault does instead of answering.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// Answers with this status, this code, and this inner code.
    Status(u16, &'static str, &'static str),
    /// Closes the connection.
    HangUp,
    /// Answers 200 with this body.
    Body(&'static str),
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) secrets: BTreeMap<String, Vec<(String, String)>>,
    pub(crate) fault: Option<Fault>,
    /// `GET /secrets/db/` and so on, of those that came with a token.
    pub(crate) requests: Vec<String>,
    pub(crate) challenges: usize,
    /// Held answers go on one by one.
    pub(crate) gate: Option<Arc<Semaphore>>,
    pub(crate) next_page: Option<String>,
    pub(crate) resource: Option<&'static str>,
}

#[derive(Clone)]
pub(crate) struct Vault {
    pub(crate) address: SocketAddr,
    world: Arc<Mutex<World>>,
}

impl Vault {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let vault = Self { address: listener.local_addr().unwrap(), world: Arc::default() };
        let served = vault.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let vault = served.clone();
                let service = hyper::service::service_fn(move |request| {
                    let vault = vault.clone();
                    async move { vault.answer(request).await }
                });
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move {
                    let _ = connection.await;
                });
            }
        });
        vault
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Writes a version of a secret: `v1`, `v2`, …
    pub(crate) fn write(&self, name: &str, value: &str) {
        let mut world = self.world();
        let versions = world.secrets.entry(name.to_owned()).or_default();
        versions.push((format!("v{}", versions.len() + 1), value.to_owned()));
    }

    pub(crate) fn fail(&self, fault: impl Into<Option<Fault>>) {
        self.world().fault = fault.into();
    }

    /// How often a secret was asked for with a token.
    pub(crate) fn calls(&self) -> usize {
        self.world().requests.len()
    }

    /// The vault behind its public name.
    pub(crate) fn store(&self) -> KeyVaultStore {
        self.store_with(Arc::new(FixedCredential))
    }

    pub(crate) fn store_with(&self, credential: Arc<dyn TokenCredential>) -> KeyVaultStore {
        let transport = Redirect { to: self.address, http: http() };
        KeyVaultStore::new(&format!("https://{HOST}"), credential, Arc::new(transport)).unwrap()
    }

    /// The vault under its address on this machine.
    pub(crate) fn local_store(&self) -> KeyVaultStore {
        let url = format!("http://{}", self.address);
        KeyVaultStore::new(&url, Arc::new(FixedCredential), Arc::new(http())).unwrap()
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, std::io::Error> {
        let method = request.method().to_string();
        let path = request.uri().path().to_owned();
        assert!(request.uri().query().unwrap_or_default().contains("api-version="));
        let expected = format!("Bearer {TOKEN}");
        if request.headers().get("authorization").is_none_or(|value| value != expected.as_str()) {
            let mut world = self.world();
            world.challenges += 1;
            let resource = world.resource.unwrap_or("https://vault.azure.net");
            let challenge =
                format!("Bearer authorization=\"https://login.microsoftonline.com/tenant\", resource=\"{resource}\"");
            let response = Response::builder().status(401).header("www-authenticate", challenge);
            return Ok(response.body(Full::default()).unwrap());
        }
        let body = request.into_body().collect().await.map_err(std::io::Error::other)?.to_bytes();
        self.world().requests.push(format!("{method} {path}"));
        let gate = self.world().gate.clone();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        let fault = self.world().fault;
        match fault {
            Some(Fault::HangUp) => Err(std::io::Error::other("hung up")),
            Some(Fault::Body(text)) => Ok(Response::new(Full::from(text))),
            Some(Fault::Status(status, code, inner)) => {
                let message = format!("the server repeats itself: {path}");
                Ok(reply(status, &json!({"error": {"code": code, "message": message, "innererror": {"code": inner}}})))
            }
            None => Ok(self.serve(&method, &path, &body).unwrap_or_else(|never| match never {})),
        }
    }

    fn serve(&self, method: &str, path: &str, body: &[u8]) -> Result<Response<Full<Bytes>>, Infallible> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        Ok(match (method, parts.as_slice()) {
            ("GET", ["secrets"]) => self.list(path),
            ("GET", ["secrets", name]) => self.get(name, None),
            ("GET", ["secrets", name, version]) => self.get(name, Some(version)),
            ("PUT", ["secrets", name]) => {
                let body: Value = serde_json::from_slice(body).unwrap();
                self.write(name, body["value"].as_str().unwrap());
                self.get(name, None)
            }
            _ => reply(405, &json!({"error": {"code": "MethodNotAllowed"}})),
        })
    }

    fn get(&self, name: &str, version: Option<&&str>) -> Response<Full<Bytes>> {
        let world = self.world();
        let versions = world.secrets.get(name).map(Vec::as_slice).unwrap_or_default();
        let found = match version {
            Some(wanted) => versions.iter().find(|(version, _)| version == wanted),
            None => versions.last(),
        };
        match found {
            Some((version, value)) => reply(
                200,
                &json!({"value": value, "id": format!("https://{HOST}/secrets/{name}/{version}"),
                        "attributes": {"enabled": true, "created": 1, "updated": 1_700_000_000}}),
            ),
            None => reply(404, &json!({"error": {"code": "SecretNotFound", "message": name}})),
        }
    }

    fn list(&self, path: &str) -> Response<Full<Bytes>> {
        let mut world = self.world();
        let entry = |name: &String| {
            json!({"id": format!("https://{HOST}/secrets/{name}"),
                   "attributes": {"enabled": name != "disabled", "updated": 1_700_000_000, "exp": 1_800_000_000}})
        };
        let entries: Vec<Value> = world.secrets.keys().map(entry).collect();
        let next = world.next_page.take().map(|place| format!("{place}{path}?page=2&api-version=x"));
        reply(200, &json!({"value": entries, "nextLink": next}))
    }
}

fn reply(status: u16, body: &Value) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))
        .unwrap()
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub(crate) fn name(text: &str) -> SecretName {
    SecretName::parse(text).unwrap()
}

/// Leads every request to one address, as a name server would.
#[derive(Debug)]
struct Redirect {
    to: SocketAddr,
    http: reqwest::Client,
}

#[async_trait]
impl HttpClient for Redirect {
    async fn execute_request(&self, request: &AzureRequest) -> azure_core::Result<AsyncRawResponse> {
        assert_eq!(request.url().scheme(), "https");
        let mut request = request.clone();
        let url = request.url_mut();
        url.set_scheme("http").unwrap();
        url.set_ip_host(self.to.ip()).unwrap();
        url.set_port(Some(self.to.port())).unwrap();
        self.http.execute_request(&request).await
    }
}

#[derive(Debug)]
pub(crate) struct FixedCredential;

#[async_trait]
impl TokenCredential for FixedCredential {
    async fn get_token(&self, scopes: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://vault.azure.net/.default"]);
        Ok(AccessToken { token: TOKEN.into(), expires_on: OffsetDateTime::now_utc() + Duration::hours(1) })
    }
}
