//! Workload identity federation: a pipeline's or a cluster's own assertion for a token of Entra, fetched on demand.
//!
//! `azure_identity` has no GitHub Actions, and its Azure Pipelines and workload identity credentials read the process's
//! environment themselves.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, fs};

use async_trait::async_trait;
use azure_core::credentials::AccessToken;
use azure_core::http::{HttpClient, Method, Request, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::entra::{Application, DEADLINE};
use crate::error::FailureReason;
use crate::http;
use crate::sign_in::SignIn;

/// Whom an assertion for Entra is addressed to.
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// What Entra calls an assertion in the form of a JSON web token.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who vouches for the application.
pub(crate) enum Voucher {
    /// GitHub, for a workflow that has `permissions: id-token: write`.
    GitHubActions { url: Url, token: SecretString },
    /// Azure DevOps, for a pipeline with a service connection.
    AzureDevOps { url: Url, connection: String, token: SecretString },
    /// Whoever keeps this file up to date, such as Kubernetes. It is read for every sign-in.
    File(PathBuf),
    /// Somebody who made an assertion before: it is valid for minutes.
    Given(SecretString),
}

impl fmt::Debug for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GitHubActions { .. } => f.write_str("GitHubActions"),
            Self::AzureDevOps { connection, .. } => write!(f, "AzureDevOps({connection})"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Given(_) => f.write_str("Given(redacted)"),
        }
    }
}

/// An application that somebody vouches for.
#[derive(Debug)]
pub(crate) struct Federated {
    pub(crate) application: Application,
    pub(crate) voucher: Voucher,
}

#[derive(Deserialize)]
struct GitHubAnswer {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AzureDevOpsAnswer {
    oidc_token: String,
}

impl Voucher {
    async fn assertion(&self, transport: &Arc<dyn HttpClient>) -> Result<SecretString, FailureReason> {
        match self {
            Self::GitHubActions { url, token } => {
                let mut url = url.clone();
                if !url.query_pairs().any(|(name, _)| name == "audience") {
                    url.query_pairs_mut().append_pair("audience", AUDIENCE);
                }
                let request = authorized(url, Method::Get, token);
                http::send(&**transport, &request).await.map(|answer: GitHubAnswer| answer.value.into())
            }
            Self::AzureDevOps { url, connection, token } => {
                let mut url = url.clone();
                let query = [("api-version", "7.1"), ("serviceConnectionId", connection)];
                url.query_pairs_mut().extend_pairs(query);
                let mut request = authorized(url, Method::Post, token);
                // Without it an expired token is answered with a page to sign in at.
                request.insert_header("x-tfs-fedauthredirect", "Suppress");
                request.insert_header("content-length", "0");
                http::send(&**transport, &request).await.map(|answer: AzureDevOpsAnswer| answer.oidc_token.into())
            }
            Self::File(path) => match fs::read_to_string(path) {
                Ok(text) => Ok(SecretString::from(text.trim().to_owned())),
                Err(error) => Err(FailureReason::Unusable(format!("{} cannot be read: {error}", path.display()))),
            },
            Self::Given(assertion) => Ok(assertion.clone()),
        }
    }
}

fn authorized(url: Url, method: Method, token: &SecretString) -> Request {
    let mut request = Request::new(url, method);
    request.insert_header("authorization", format!("Bearer {}", token.expose_secret()));
    request.insert_header("accept", "application/json");
    request
}

/// Exchanges an assertion for a token.
pub(crate) async fn exchange(
    application: &Application,
    assertion: &SecretString,
    scopes: &[&str],
) -> Result<AccessToken, FailureReason> {
    let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.expose_secret())];
    application.token(scopes, &proof).await.map_err(|reason| reason.without(&[assertion]))
}

#[async_trait]
impl SignIn for Federated {
    fn deadline(&self) -> Duration {
        DEADLINE
    }

    fn secrets(&self) -> Vec<&SecretString> {
        match &self.voucher {
            Voucher::GitHubActions { token, .. } | Voucher::AzureDevOps { token, .. } | Voucher::Given(token) => {
                vec![token]
            }
            Voucher::File(_) => Vec::new(),
        }
    }

    async fn sign_in(&self, scopes: &[&str]) -> Result<AccessToken, FailureReason> {
        let assertion = self.voucher.assertion(&self.application.transport).await.map_err(|reason| match reason {
            FailureReason::Refused { status, code, message } => {
                FailureReason::Refused { status, code, message: format!("no assertion: {message}") }
            }
            other => other,
        })?;
        exchange(&self.application, &assertion, scopes).await
    }
}
