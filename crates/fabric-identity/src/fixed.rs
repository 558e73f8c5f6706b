//! A token that somebody else got.

use std::fmt;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::time::{Duration, OffsetDateTime};
use secrecy::{ExposeSecret, SecretString};

use crate::cache::Clock;
use crate::error::FailureReason;
use crate::sign_in::SignIn;

/// How long a fixed token is said to be valid: the service decides, so that callers ask again now and then.
const SAID_TO_BE_VALID: Duration = Duration::hours(1);

/// A token that was obtained elsewhere, such as `FABRIC_TOKEN` of a pipeline. It is never renewed: when the service
/// answers `TokenExpired`, a new one has to be given.
///
/// ```
/// use fabric_identity::FixedToken;
///
/// let credential = FixedToken::new("eyJ0eXAiOiJKV1Qi…".to_owned());
/// assert_eq!(format!("{credential:?}"), "FixedToken(redacted)");
/// ```
#[derive(Clone)]
pub struct FixedToken(SecretString);

impl FixedToken {
    /// This token, without the word `Bearer`.
    pub fn new(token: String) -> Self {
        Self(SecretString::from(token))
    }

    fn until(&self, expires_on: OffsetDateTime) -> AccessToken {
        AccessToken { token: Secret::new(self.0.expose_secret().to_owned()), expires_on }
    }
}

impl fmt::Debug for FixedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FixedToken(redacted)")
    }
}

#[async_trait]
impl TokenCredential for FixedToken {
    async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        Ok(self.until(OffsetDateTime::now_utc() + SAID_TO_BE_VALID))
    }
}

/// The same as a link of the chain, whose clock it shares.
pub(crate) struct Given {
    pub(crate) token: FixedToken,
    pub(crate) clock: Clock,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.token.fmt(f)
    }
}

#[async_trait]
impl SignIn for Given {
    fn deadline(&self) -> std::time::Duration {
        std::time::Duration::MAX
    }

    async fn sign_in(&self, _: &[&str]) -> Result<AccessToken, FailureReason> {
        Ok(self.token.until((self.clock)() + SAID_TO_BE_VALID))
    }
}
