//! OAuth 2.0 device authorisation (RFC 8628): a code here, a person who decides elsewhere.
//!
//! For Entra and for GitHub, which answers refusals with 200. Polling keeps to the server's interval and to `slow_down`;
//! dropping the future is all that cancelling takes.

mod answer;
mod error;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::http::{HttpClient, Method, Request, Url};
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use answer::{Begun, Granted, read};
pub use error::DeviceCodeError;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What a server means that names no interval (RFC 8628, section 3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// What `slow_down` adds (RFC 8628, section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// The longest pause between two questions while the network is down.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// A service that gives codes, and as which application it is asked.
#[derive(Clone)]
pub struct DeviceCodeFlow {
    begin: Url,
    token: Url,
    client: String,
    scope: String,
    transport: Arc<dyn HttpClient>,
}

/// What a person is told, and what the application keeps to itself.
#[derive(Clone)]
pub struct Invitation {
    /// What the person types.
    pub user_code: String,
    /// Where.
    pub page: String,
    /// Until when the code counts, from now.
    pub expires_in: Duration,
    interval: Duration,
    device_code: SecretString,
}

/// What was granted.
#[derive(Clone)]
pub struct Tokens {
    /// The token itself.
    pub access: SecretString,
    /// What a newer one can be had with.
    pub refresh: Option<SecretString>,
    /// For how long the token counts, from now; `None`: until somebody takes it back.
    pub expires_in: Option<Duration>,
}

impl fmt::Debug for DeviceCodeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceCodeFlow({} at {})", self.client, self.begin)
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("page", &self.page).finish_non_exhaustive()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

impl DeviceCodeFlow {
    /// GitHub, or a GitHub server, at `place`.
    ///
    /// # Errors
    /// Where the address cannot be used: it must be https, or http on this machine.
    pub fn github(
        place: &str,
        client: &str,
        scope: &str,
        transport: Arc<dyn HttpClient>,
    ) -> Result<Self, DeviceCodeError> {
        Self::at(place, "login/device/code", "login/oauth/access_token", client, scope, transport)
    }

    /// Entra at `authority`, for a tenant, or for any with `organizations`. With `offline_access` among the scopes the
    /// tokens can be renewed.
    ///
    /// # Errors
    /// Where the address cannot be used: it must be https, or http on this machine.
    pub fn entra(
        authority: &str,
        tenant: &str,
        client: &str,
        scope: &str,
        transport: Arc<dyn HttpClient>,
    ) -> Result<Self, DeviceCodeError> {
        let path = |end: &str| format!("{tenant}/oauth2/v2.0/{end}");
        Self::at(authority, &path("devicecode"), &path("token"), client, scope, transport)
    }

    fn at(
        place: &str,
        begin: &str,
        token: &str,
        client: &str,
        scope: &str,
        transport: Arc<dyn HttpClient>,
    ) -> Result<Self, DeviceCodeError> {
        let address = |path: &str| {
            let url = Url::parse(&format!("{}/{path}", place.trim_end_matches('/'))).ok()?;
            let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            (url.scheme() == "https" || url.scheme() == "http" && is_here).then_some(url)
        };
        let unusable = || DeviceCodeError::Address { place: place.to_owned() };
        Ok(Self {
            begin: address(begin).ok_or_else(unusable)?,
            token: address(token).ok_or_else(unusable)?,
            client: client.to_owned(),
            scope: scope.to_owned(),
            transport,
        })
    }

    /// Asks for a code.
    ///
    /// # Errors
    /// Where the service refuses or cannot be reached.
    pub async fn begin(&self) -> Result<Invitation, DeviceCodeError> {
        let begun: Begun = self.send(&self.begin, &[("scope", &self.scope)]).await?;
        Ok(Invitation {
            user_code: begun.user_code,
            page: begun.verification_uri,
            expires_in: Duration::from_secs(begun.expires_in),
            interval: begun.interval.map_or(INTERVAL, Duration::from_secs).max(Duration::from_secs(1)),
            device_code: begun.device_code,
        })
    }

    /// Asks until the person has decided, or the code has expired.
    ///
    /// # Errors
    /// Where the person declines, the code expires, or the service refuses.
    pub async fn wait(&self, invitation: &Invitation) -> Result<Tokens, DeviceCodeError> {
        let mut interval = invitation.interval;
        let mut waited = Duration::ZERO;
        loop {
            if waited + interval > invitation.expires_in {
                return Err(DeviceCodeError::Expired);
            }
            tokio::time::sleep(interval).await;
            waited += interval;
            let proof = [("grant_type", GRANT), ("device_code", invitation.device_code.expose_secret())];
            match self.send::<Granted>(&self.token, &proof).await {
                Ok(granted) => return Ok(granted.into_tokens()),
                Err(DeviceCodeError::Refused { code, interval: named, .. }) if code == "slow_down" => {
                    interval = named.unwrap_or_default().max(interval + SLOWER);
                }
                Err(DeviceCodeError::Refused { code, .. }) if code == "authorization_pending" => {}
                Err(DeviceCodeError::Refused { code, .. })
                    if matches!(code.as_str(), "access_denied" | "authorization_declined") =>
                {
                    return Err(DeviceCodeError::Declined);
                }
                Err(DeviceCodeError::Refused { code, .. }) if code == "expired_token" => {
                    return Err(DeviceCodeError::Expired);
                }
                // The network may come back before the code expires.
                Err(DeviceCodeError::Unreachable(error)) => {
                    tracing::info!(%error, "no answer while waiting for the sign-in; asking again");
                    interval = (interval * 2).min(LONGEST_INTERVAL.max(interval));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// A newer token. What it was asked with may count no more afterwards.
    ///
    /// # Errors
    /// Where the service refuses or cannot be reached.
    pub async fn refresh(&self, refresh: &SecretString) -> Result<Tokens, DeviceCodeError> {
        let proof = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose_secret()),
            ("scope", self.scope.as_str()),
        ];
        let mut tokens = self.send::<Granted>(&self.token, &proof).await?.into_tokens();
        tokens.refresh = tokens.refresh.or_else(|| Some(refresh.clone()));
        Ok(tokens)
    }

    async fn send<T: serde::de::DeserializeOwned>(
        &self,
        to: &Url,
        fields: &[(&str, &str)],
    ) -> Result<T, DeviceCodeError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.client)
            .extend_pairs(fields)
            .finish();
        let mut request = Request::new(to.clone(), Method::Post);
        request.insert_header("content-type", "application/x-www-form-urlencoded");
        request.insert_header("accept", "application/json");
        request.set_body(form);
        let unreachable = |error: azure_core::Error| DeviceCodeError::Unreachable(error.to_string());
        let answer = self.transport.execute_request(&request).await.map_err(unreachable)?;
        let answer = answer.try_into_raw_response().await.map_err(unreachable)?;
        read(u16::from(answer.status()), answer.body())
    }
}
