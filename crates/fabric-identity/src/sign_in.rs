//! What every way of signing in has in common: a deadline, an answer, and an error that keeps secrets.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::AccessToken;
use secrecy::{ExposeSecret, SecretString};

use crate::error::FailureReason;

/// A way of signing in that has all it needs.
#[async_trait]
pub(crate) trait SignIn: fmt::Debug + Send + Sync {
    /// How long it may take.
    fn deadline(&self) -> Duration;

    /// The values that no message may repeat.
    fn secrets(&self) -> Vec<&SecretString> {
        Vec::new()
    }

    /// A token, never one from a cache of its own.
    async fn sign_in(&self, scopes: &[&str]) -> Result<AccessToken, FailureReason>;
}

/// Signs in within the deadline.
pub(crate) async fn run(link: &dyn SignIn, scopes: &[&str]) -> Result<AccessToken, FailureReason> {
    let deadline = link.deadline();
    match tokio::time::timeout(deadline, link.sign_in(scopes)).await {
        Ok(outcome) => outcome.map_err(|reason| reason.without(&link.secrets())),
        Err(_) => Err(FailureReason::TimedOut(deadline)),
    }
}

impl FailureReason {
    /// The same, where the service repeated what it was sent.
    pub(crate) fn without(self, secrets: &[&SecretString]) -> Self {
        match self {
            Self::TimedOut(after) => Self::TimedOut(after),
            Self::Refused { status, code, message } => {
                let code = code.map(|code| redact(code, secrets));
                Self::Refused { status, code, message: redact(message, secrets) }
            }
            Self::Unreachable(message) => Self::Unreachable(redact(message, secrets)),
            Self::Unusable(message) => Self::Unusable(redact(message, secrets)),
        }
    }
}

fn redact(message: String, secrets: &[&SecretString]) -> String {
    let known = secrets.iter().map(|secret| secret.expose_secret()).filter(|secret| !secret.is_empty());
    known.fold(message, |message, secret| {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        message.replace(secret, "(redacted)").replace(&encoded, "(redacted)")
    })
}
