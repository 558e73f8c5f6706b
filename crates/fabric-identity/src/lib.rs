//! Who we are: credentials for Microsoft Fabric, as `azure_core`'s `TokenCredential`.
//!
//! Today there is one: [`FixedToken`], a token that somebody else got. The credential chain (service principal,
//! workload identity federation, managed identity, Azure CLI, device code) is this crate's charter and not here yet.
//!
//! ```
//! use fabric_identity::FixedToken;
//!
//! let credential = FixedToken::new("eyJ0eXAiOiJKV1Qi…".to_owned());
//! assert_eq!(format!("{credential:?}"), "FixedToken(redacted)");
//! ```

use std::fmt;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::time::{Duration, OffsetDateTime};

/// How long a fixed token is said to be valid: the service decides, so that callers ask again now and then.
const SAID_TO_BE_VALID: Duration = Duration::hours(1);

/// A token that was obtained elsewhere, such as `FABRIC_TOKEN` of a pipeline. It is never renewed: when the service
/// answers `TokenExpired`, a new one has to be given.
#[derive(Clone)]
pub struct FixedToken(Secret);

impl FixedToken {
    /// This token, without the word `Bearer`.
    pub fn new(token: String) -> Self {
        Self(Secret::new(token))
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
        Ok(AccessToken { token: self.0.clone(), expires_on: OffsetDateTime::now_utc() + SAID_TO_BE_VALID })
    }
}
