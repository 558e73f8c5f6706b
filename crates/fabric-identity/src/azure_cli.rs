//! Whoever is signed in to the Azure CLI.

use std::error::Error;
use std::ffi::OsStr;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_identity::{AzureCliCredential, AzureCliCredentialOptions, Executor};

use crate::error::FailureReason;
use crate::sign_in::SignIn;

/// A cold start of `az` takes several seconds, and it may have to ask Entra.
const DEADLINE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct AzureCli {
    pub(crate) tenant: Option<String>,
    pub(crate) executor: Arc<dyn Executor>,
}

#[async_trait]
impl SignIn for AzureCli {
    fn deadline(&self) -> Duration {
        DEADLINE
    }

    async fn sign_in(&self, scopes: &[&str]) -> Result<AccessToken, FailureReason> {
        let options = AzureCliCredentialOptions {
            tenant_id: self.tenant.clone(),
            executor: Some(Arc::clone(&self.executor)),
            ..AzureCliCredentialOptions::default()
        };
        let unusable = |error: azure_core::Error| FailureReason::Unusable(said(&error));
        AzureCliCredential::new(Some(options)).map_err(unusable)?.get_token(scopes, None).await.map_err(unusable)
    }
}

/// What `az` says: the line that it marks as its error, or else the first that says something.
fn said(error: &azure_core::Error) -> String {
    let cause = error.source().map(ToString::to_string);
    let text = cause.unwrap_or_else(|| error.to_string());
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let marked = lines.clone().find(|line| line.starts_with("ERROR:"));
    marked.or_else(|| lines.next()).unwrap_or("it says nothing").to_owned()
}

/// Runs programs and ends them when nobody waits any more, which `azure_identity`'s own executor does not.
pub(crate) struct Programs;

impl fmt::Debug for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Programs")
    }
}

#[async_trait]
impl Executor for Programs {
    async fn run(&self, program: &OsStr, arguments: &[&OsStr]) -> io::Result<Output> {
        tokio::process::Command::new(program).args(arguments).kill_on_drop(true).output().await
    }
}
