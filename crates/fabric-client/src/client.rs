//! The client: what it is made of, and the first step from it to every resource.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use reqwest_middleware::ClientWithMiddleware;
use uuid::Uuid;

use crate::api::{Capacities, Connections, WorkspaceHandle, Workspaces};
use crate::endpoint::Endpoint;
use crate::operation::{OperationHandle, OperationId};
use crate::pacing::Pacing;
use crate::timer::{Timer, TokioTimer};

/// The scope of tokens for Fabric's public cloud.
pub const FABRIC_SCOPE: &str = "https://api.fabric.microsoft.com/.default";

/// Fabric's REST API. Cheap to clone; all clones share one connection pool.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) http: ClientWithMiddleware,
    pub(crate) credential: Arc<dyn TokenCredential>,
    pub(crate) endpoint: Endpoint,
    pub(crate) scope: String,
    pub(crate) pacing: Pacing,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) refused_before_sending: fn(&reqwest_middleware::Error) -> bool,
    pub(crate) ended_by_layer: fn(&reqwest_middleware::Error) -> bool,
    pub(crate) attempts: fn(&reqwest::Response) -> Option<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { endpoint, scope, pacing, .. } = &*self.inner;
        f.debug_struct("Client")
            .field("endpoint", &format_args!("{endpoint}"))
            .field("scope", scope)
            .field("pacing", pacing)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client that sends through `http`, as who `credential` says.
    ///
    /// `http` must not follow redirects: start from [`Client::http_defaults`], or set
    /// `redirect(reqwest::redirect::Policy::none())` yourself.
    pub fn builder(http: impl Into<ClientWithMiddleware>, credential: Arc<dyn TokenCredential>) -> ClientBuilder {
        ClientBuilder {
            http: http.into(),
            credential,
            endpoint: Endpoint::public(),
            scope: FABRIC_SCOPE.to_owned(),
            pacing: Pacing::default(),
            timer: None,
            refused_before_sending: |_| false,
            ended_by_layer: |_| false,
            attempts: |_| None,
        }
    }

    /// The settings that the HTTP client under this one should have, to be refined and built: no redirects, 10 s to
    /// connect, 100 s without a byte, idle connections kept for 90 s, and a user agent that names this crate.
    ///
    /// There is no limit on a whole request: a bulk export can be large. That limit belongs to the layers above.
    pub fn http_defaults() -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(100))
            .pool_idle_timeout(Duration::from_secs(90))
            .tcp_keepalive(Duration::from_secs(60))
            .user_agent(concat!("fabric-client/", env!("CARGO_PKG_VERSION")))
    }

    /// The host that requests are sent to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    /// All workspaces.
    pub fn workspaces(&self) -> Workspaces {
        Workspaces::new(self.clone())
    }

    /// All capacities.
    pub fn capacities(&self) -> Capacities {
        Capacities::new(self.clone())
    }

    /// All connections.
    pub fn connections(&self) -> Connections {
        Connections::new(self.clone())
    }

    /// One workspace. Nothing is sent, and the workspace need not exist.
    pub fn workspace(&self, id: Uuid) -> WorkspaceHandle {
        WorkspaceHandle::new(self.clone(), id)
    }

    /// A long-running operation that was started before, perhaps by another process.
    pub fn operation(&self, id: impl Into<OperationId>) -> OperationHandle {
        OperationHandle::resumed(self.clone(), id.into())
    }
}

/// How a [`Client`] is made.
#[must_use]
pub struct ClientBuilder {
    http: ClientWithMiddleware,
    credential: Arc<dyn TokenCredential>,
    endpoint: Endpoint,
    scope: String,
    pacing: Pacing,
    timer: Option<Arc<dyn Timer>>,
    refused_before_sending: fn(&reqwest_middleware::Error) -> bool,
    ended_by_layer: fn(&reqwest_middleware::Error) -> bool,
    attempts: fn(&reqwest::Response) -> Option<String>,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("endpoint", &format_args!("{}", self.endpoint)).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// The host to send to, Fabric's public cloud unless said otherwise. The token goes there and nowhere else.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// The scope of the token that the credential is asked for, [`FABRIC_SCOPE`] unless said otherwise.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// When long-running operations are looked at.
    pub fn pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = pacing;
        self
    }

    /// The clock that waiting uses, tokio's unless said otherwise.
    pub fn timer(mut self, timer: Arc<dyn Timer>) -> Self {
        self.timer = Some(timer);
        self
    }

    /// Tells which errors of the HTTP client's layers, such as an open breaker, say that nothing was sent. Failures
    /// to connect are recognised without it; any other error of a write counts as ambiguous.
    pub fn refused_before_sending(mut self, says_so: fn(&reqwest_middleware::Error) -> bool) -> Self {
        self.refused_before_sending = says_so;
        self
    }

    /// Tells which errors of the HTTP client's layers say that the call had no more time, or that the service is not to
    /// be called for now: the same call may work later. Time-outs of reqwest are recognised without it.
    pub fn ended_by_layer(mut self, says_so: fn(&reqwest_middleware::Error) -> bool) -> Self {
        self.ended_by_layer = says_so;
        self
    }

    /// Tells how the attempts at a call went, where a layer of the HTTP client keeps a record of them with the last
    /// answer: an error says it.
    pub fn attempts(mut self, tells: fn(&reqwest::Response) -> Option<String>) -> Self {
        self.attempts = tells;
        self
    }

    /// The client.
    pub fn build(self) -> Client {
        Client {
            inner: Arc::new(Inner {
                http: self.http,
                credential: self.credential,
                endpoint: self.endpoint,
                scope: self.scope,
                pacing: self.pacing,
                timer: self.timer.unwrap_or_else(|| Arc::new(TokioTimer::default())),
                refused_before_sending: self.refused_before_sending,
                ended_by_layer: self.ended_by_layer,
                attempts: self.attempts,
            }),
        }
    }
}
