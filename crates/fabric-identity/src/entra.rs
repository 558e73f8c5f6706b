//! Microsoft Entra as a service principal reaches it: a secret or an assertion for a token.
//!
//! `azure_identity` 1.0 has credentials for both. They are not used, because they read the description of a refusal as
//! JSON without escapes, which Entra's never is (there is a line break in it), so that every refusal ends as an error of
//! the parser; because their cache can neither be told the time nor be emptied; and because they keep a copy of the
//! secret that is not wiped.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret};
use azure_core::http::{HttpClient, Method, Request, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded;

use crate::cache::Clock;
use crate::error::FailureReason;
use crate::http;
use crate::sign_in::SignIn;

/// How long Entra may take: it answers within a second, and a proxy that hangs is told soon.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What its most frequent refusals ask for, by their codes
/// (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
const REMEDIES: [(&str, &str); 8] = [
    ("AADSTS7000215", "set the secret's value, not its id, and check that it belongs to this application"),
    ("AADSTS7000222", "the secret has expired: add a new one to the application and set that"),
    ("AADSTS700016", "check the client id and that the application exists in this tenant"),
    ("AADSTS90002", "check the tenant id, and FABRIC_ENVIRONMENT if the tenant is in a sovereign cloud"),
    ("AADSTS900023", "the tenant must be an id or a domain name"),
    ("AADSTS700027", "upload the certificate to the application: Entra does not know it"),
    (
        NO_FEDERATION,
        "add a federated credential to the application whose issuer and subject are those of this pipeline",
    ),
    ("AADSTS53003", "a conditional access policy refuses this sign-in: ask an administrator of the tenant"),
];

/// 700211 to 700213 say which part of a federated credential does not match.
const NO_FEDERATION: &str = "AADSTS70021";

/// What a refusal asks for, where that is known.
pub(crate) fn remedy(code: &str) -> Option<&'static str> {
    let known = REMEDIES.iter().find(|(known, _)| *known == code);
    let known = known.or_else(|| REMEDIES.iter().find(|(known, _)| *known == NO_FEDERATION && code.starts_with(known)));
    known.map(|(_, remedy)| *remedy)
}

/// Where and as which application to sign in.
#[derive(Clone)]
pub(crate) struct Application {
    /// The address that gives tokens.
    pub(crate) endpoint: Url,
    pub(crate) client: String,
    pub(crate) transport: Arc<dyn HttpClient>,
    pub(crate) clock: Clock,
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({} at {})", self.client, self.endpoint)
    }
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    /// In seconds.
    expires_in: u32,
}

impl Application {
    /// Asks for a token with these fields, which prove who asks.
    pub(crate) async fn token(&self, scopes: &[&str], proof: &[(&str, &str)]) -> Result<AccessToken, FailureReason> {
        let fields = [("client_id", &*self.client), ("grant_type", "client_credentials"), ("scope", &scopes.join(" "))];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).extend_pairs(proof).finish();
        let mut request = Request::new(self.endpoint.clone(), Method::Post);
        request.insert_header("content-type", "application/x-www-form-urlencoded");
        request.insert_header("accept", "application/json");
        request.set_body(form);
        let asked_at = (self.clock)();
        let Token { access_token, expires_in } = http::send(&*self.transport, &request).await?;
        let expires_on = asked_at + Duration::from_secs(expires_in.into());
        Ok(AccessToken { token: Secret::new(access_token), expires_on })
    }
}

/// A service principal with a secret.
#[derive(Debug)]
pub(crate) struct ClientSecret {
    pub(crate) application: Application,
    pub(crate) secret: SecretString,
}

#[async_trait]
impl SignIn for ClientSecret {
    fn deadline(&self) -> Duration {
        DEADLINE
    }

    fn secrets(&self) -> Vec<&SecretString> {
        vec![&self.secret]
    }

    async fn sign_in(&self, scopes: &[&str]) -> Result<AccessToken, FailureReason> {
        self.application.token(scopes, &[("client_secret", self.secret.expose_secret())]).await
    }
}
