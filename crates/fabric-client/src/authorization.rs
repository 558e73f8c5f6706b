//! The bearer token of a request, asked for again once where the service says that it has expired.

use azure_core::credentials::{AccessToken, Secret, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientMethodOptions, Context};
use http::header::HeaderValue;

use crate::client::Client;
use crate::error::Error;

/// What the service says of a token whose time is over.
const EXPIRED: &str = "TokenExpired";

/// In the context of a token request: this token was refused as expired, so that a cache must not give it again.
///
/// ```
/// use azure_core::credentials::TokenRequestOptions;
/// use fabric_client::RefusedToken;
///
/// /// Whether a cached token may be given.
/// fn may_give(cached: &str, options: Option<&TokenRequestOptions<'_>>) -> bool {
///     let refused = options.and_then(|options| options.method_options.context.value::<RefusedToken>());
///     refused.is_none_or(|refused| !refused.is(cached))
/// }
/// assert!(may_give("cached", None));
/// ```
#[derive(Debug)]
pub struct RefusedToken(Secret);

impl RefusedToken {
    /// Whether it is this one.
    #[must_use]
    pub fn is(&self, token: &str) -> bool {
        self.0.secret() == token
    }
}

impl Client {
    /// The credential's token.
    pub(crate) async fn token(&self) -> Result<Secret, Error> {
        self.ask(None).await
    }

    /// Another token in the place of one that the service refused with `error`; `None` where it was refused for
    /// another reason than its age, or the credential has no other.
    pub(crate) async fn renewed(&self, refused: &Secret, error: &Error) -> Result<Option<Secret>, Error> {
        if error.status() != Some(401) || error.error_code() != Some(EXPIRED) {
            return Ok(None);
        }
        let context = Context::new().with_value(RefusedToken(refused.clone()));
        let options = TokenRequestOptions { method_options: ClientMethodOptions { context } };
        let token = self.ask(Some(options)).await?;
        Ok((token.secret() != refused.secret()).then_some(token))
    }

    async fn ask(&self, options: Option<TokenRequestOptions<'_>>) -> Result<Secret, Error> {
        let scopes = [self.inner.scope.as_str()];
        let AccessToken { token, .. } =
            self.inner.credential.get_token(&scopes, options).await.map_err(Error::Credential)?;
        Ok(token)
    }
}

/// The header that carries the token.
pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    // The parse error is dropped: it would be a step towards showing the token.
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.secret())).map_err(|_| {
        let reason = "the token cannot stand in an HTTP header";
        Error::Credential(azure_core::Error::with_message(ErrorKind::Credential, reason))
    })?;
    value.set_sensitive(true);
    Ok(value)
}
