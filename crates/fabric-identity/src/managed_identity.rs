//! The identity of the machine in Azure that this runs on.
//!
//! `azure_identity`'s credential reads the process's environment itself, and asks a metadata service that is not there
//! seven times within 101 s, whatever its retry options say.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret};
use azure_core::http::{HttpClient, Method, Request, Url};
use azure_core::time::OffsetDateTime;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::error::FailureReason;
use crate::http;
use crate::sign_in::SignIn;

/// The metadata service is on the machine's own host; a first token takes it some seconds.
const DEADLINE: Duration = Duration::from_secs(20);

/// How long the metadata service may take to show that it is there.
const CONNECT: Duration = Duration::from_secs(1);

/// Where a virtual machine finds the metadata service
/// (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>).
const METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// Who gives the token.
pub(crate) enum Host {
    /// App Service, Functions, Container Apps: what `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` say.
    Announced { endpoint: Url, header: SecretString },
    /// The metadata service of a virtual machine.
    VirtualMachine,
}

pub(crate) struct ManagedIdentity {
    pub(crate) host: Host,
    /// The identity that was assigned, where it is not the machine's own.
    pub(crate) client: Option<String>,
    pub(crate) transport: Arc<dyn HttpClient>,
}

impl fmt::Debug for ManagedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match &self.host {
            Host::Announced { endpoint, .. } => endpoint.as_str(),
            Host::VirtualMachine => METADATA,
        };
        write!(f, "ManagedIdentity({} at {host})", self.client.as_deref().unwrap_or("the machine's own"))
    }
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    expires_on: Instant,
}

/// Seconds since 1970, which the hosts write as text or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Instant {
    Number(i64),
    Text(String),
}

impl Instant {
    fn time(&self) -> Option<OffsetDateTime> {
        let seconds = match self {
            Self::Number(seconds) => *seconds,
            Self::Text(text) => text.parse().ok()?,
        };
        OffsetDateTime::from_unix_timestamp(seconds).ok()
    }
}

impl ManagedIdentity {
    fn request(&self, scopes: &[&str]) -> Result<Request, FailureReason> {
        let scope = scopes.first().copied().unwrap_or_default();
        let resource = scope.strip_suffix("/.default").unwrap_or(scope);
        let (url, version) = match &self.host {
            Host::Announced { endpoint, .. } => (endpoint.clone(), "2019-08-01"),
            Host::VirtualMachine => (metadata()?, "2018-02-01"),
        };
        let mut request = Request::new(url, Method::Get);
        let mut query = request.url_mut().query_pairs_mut();
        query.append_pair("api-version", version).append_pair("resource", resource);
        query.extend_pairs(self.client.as_deref().map(|client| ("client_id", client)));
        drop(query);
        match &self.host {
            Host::Announced { header, .. } => {
                request.insert_header("x-identity-header", header.expose_secret().to_owned());
            }
            Host::VirtualMachine => request.insert_header("metadata", "true"),
        }
        Ok(request)
    }

    /// Whether anybody answers at the metadata service's address: without the header it refuses at once, and elsewhere
    /// nobody does.
    async fn find_metadata_service(&self) -> Result<(), FailureReason> {
        let request = Request::new(metadata()?, Method::Get);
        match tokio::time::timeout(CONNECT, self.transport.execute_request(&request)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(FailureReason::Unreachable(
                "no metadata service answers at 169.254.169.254: this is no machine in Azure, or it has no identity"
                    .to_owned(),
            )),
        }
    }
}

fn metadata() -> Result<Url, FailureReason> {
    Url::parse(METADATA).map_err(|error| FailureReason::Unusable(error.to_string()))
}

#[async_trait]
impl SignIn for ManagedIdentity {
    fn deadline(&self) -> Duration {
        DEADLINE
    }

    fn secrets(&self) -> Vec<&SecretString> {
        match &self.host {
            Host::Announced { header, .. } => vec![header],
            Host::VirtualMachine => Vec::new(),
        }
    }

    async fn sign_in(&self, scopes: &[&str]) -> Result<AccessToken, FailureReason> {
        if matches!(self.host, Host::VirtualMachine) {
            self.find_metadata_service().await?;
        }
        let Token { access_token, expires_on } = http::send(&*self.transport, &self.request(scopes)?).await?;
        let unusable = || FailureReason::Unusable("the answer does not tell when the token expires".to_owned());
        Ok(AccessToken { token: Secret::new(access_token), expires_on: expires_on.time().ok_or_else(unusable)? })
    }
}
