//! The credential chain: one identity, chosen from variables, and its tokens.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::{HttpClient, Url, new_http_client};
use azure_core::time::OffsetDateTime;
use azure_identity::Executor;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::azure_cli::{AzureCli, Programs};
use crate::cache::{Clock, TokenCache};
use crate::certificate::{Certificate, ClientCertificate};
use crate::choice::{self, Choice};
use crate::cloud::Cloud;
use crate::entra::{Application, ClientSecret};
use crate::error::{ChainError, SettingsError, Skipped};
use crate::federation::{Federated, Voucher};
use crate::fixed::{FixedToken, Given};
use crate::managed_identity::{Host, ManagedIdentity};
use crate::method::Method;
use crate::sign_in::{self, SignIn};
use crate::variables::{self as names, Names, Variables};

/// One identity, chosen from variables, and its tokens, which are kept in memory and renewed ahead of their expiry.
///
/// The choice is made when the chain is built, from the variables alone: an identity that fails to sign in is never
/// replaced by another, which might be somebody else.
pub struct CredentialChain {
    method: Method,
    skipped: Vec<Skipped>,
    link: Box<dyn SignIn>,
    tokens: TokenCache,
}

/// What a chain is built from.
pub struct CredentialChainBuilder<'a> {
    variables: Variables<'a>,
    transport: Option<Arc<dyn HttpClient>>,
    executor: Arc<dyn Executor>,
    clock: Clock,
}

impl CredentialChain {
    /// A chain for the variables that `lookup` knows; this crate never reads the environment itself.
    pub fn builder(lookup: &dyn Fn(&str) -> Option<String>) -> CredentialChainBuilder<'_> {
        CredentialChainBuilder {
            variables: Variables(lookup),
            transport: None,
            executor: Arc::new(Programs),
            clock: Arc::new(OffsetDateTime::now_utc),
        }
    }

    /// How it signs in.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The ways that come before it, and what they lack.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The token for these scopes.
    ///
    /// # Errors
    /// Nobody could sign in: how it was tried, why it failed, and what the other ways lack.
    pub async fn token(&self, scopes: &[&str]) -> Result<AccessToken, ChainError> {
        self.tokens.get(scopes, || self.sign_in(scopes)).await
    }

    /// Forgets the tokens that `refused` knows, so that the next caller signs in again: for a service that says that a
    /// token has expired before its time.
    pub fn forget(&self, refused: impl Fn(&str) -> bool) {
        self.tokens.forget(refused);
    }

    async fn sign_in(&self, scopes: &[&str]) -> Result<AccessToken, ChainError> {
        tracing::debug!(method = %self.method, "signing in");
        sign_in::run(&*self.link, scopes).await.map_err(|reason| ChainError {
            method: self.method,
            reason,
            skipped: self.skipped.clone(),
        })
    }
}

impl fmt::Debug for CredentialChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialChain").field("link", &self.link).field("skipped", &self.skipped).finish()
    }
}

#[async_trait]
impl TokenCredential for CredentialChain {
    async fn get_token(&self, scopes: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        Ok(self.token(scopes).await?)
    }
}

impl CredentialChainBuilder<'_> {
    /// Sends through this client. It should neither follow redirects nor wait for ever; retries, if any, are its own.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn HttpClient>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Runs the Azure CLI with this.
    #[must_use]
    pub fn executor(mut self, executor: Arc<dyn Executor>) -> Self {
        self.executor = executor;
        self
    }

    /// Tells the time by this clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The chain. Nothing is sent.
    ///
    /// # Errors
    /// The variables contradict each other, or something that they ask for is missing or cannot be read.
    pub fn build(self) -> Result<CredentialChain, SettingsError> {
        Cloud::read(&self.variables)?;
        let Choice { method, skipped } = choice::choose(&self.variables)?;
        let link = self.link(method)?;
        Ok(CredentialChain { method, skipped, link, tokens: TokenCache::new(self.clock) })
    }

    fn link(&self, method: Method) -> Result<Box<dyn SignIn>, SettingsError> {
        let variables = &self.variables;
        Ok(match method {
            Method::Token => {
                let token = FixedToken::new(variables.value(names::TOKEN).unwrap_or_default());
                Box::new(Given { token, clock: Arc::clone(&self.clock) })
            }
            Method::ClientSecret => {
                Box::new(ClientSecret { application: self.application()?, secret: self.client_secret()? })
            }
            Method::Certificate => {
                Box::new(ClientCertificate { application: self.application()?, certificate: self.certificate()? })
            }
            Method::FederatedToken => {
                let voucher = match variables.get(names::ASSERTION_FILE) {
                    Some((_, path)) => Voucher::File(path.into()),
                    None => Voucher::Given(variables.secret(names::ASSERTION).unwrap_or_default()),
                };
                Box::new(Federated { application: self.application()?, voucher })
            }
            Method::AzureDevOps => {
                let voucher = Voucher::AzureDevOps {
                    url: variables.address(names::AZURE_DEVOPS_URL)?,
                    connection: variables.value(names::SERVICE_CONNECTION).unwrap_or_default(),
                    token: variables.secret(names::AZURE_DEVOPS_TOKEN).unwrap_or_default(),
                };
                Box::new(Federated { application: self.application()?, voucher })
            }
            Method::GitHubActions => {
                let voucher = Voucher::GitHubActions {
                    url: variables.address(names::GITHUB_URL)?,
                    token: variables.secret(names::GITHUB_TOKEN).unwrap_or_default(),
                };
                Box::new(Federated { application: self.application()?, voucher })
            }
            Method::ManagedIdentity => {
                let host = match variables.get(names::IDENTITY_ENDPOINT) {
                    Some(_) => Host::Announced {
                        endpoint: variables.address(names::IDENTITY_ENDPOINT)?,
                        header: variables.secret(names::IDENTITY_HEADER).unwrap_or_default(),
                    },
                    None => Host::VirtualMachine,
                };
                let client = variables.value(names::CLIENT);
                Box::new(ManagedIdentity { host, client, transport: self.client() })
            }
            Method::AzureCli => {
                let tenant = variables.value(names::TENANT);
                Box::new(AzureCli { tenant, executor: Arc::clone(&self.executor) })
            }
        })
    }

    fn application(&self) -> Result<Application, SettingsError> {
        let (variable, tenant) = self.variables.get(names::TENANT).unwrap_or_default();
        // The tenant becomes part of an address.
        if !tenant.chars().all(|character| character.is_ascii_alphanumeric() || ".-".contains(character)) {
            let reason = "a tenant is an id or a domain name".to_owned();
            return Err(SettingsError::Value { variable, reason });
        }
        let authority = match self.variables.https(names::AUTHORITY)? {
            Some(authority) => authority.to_string(),
            None => Cloud::read(&self.variables)?.authority().to_owned(),
        };
        let endpoint = format!("{}/{tenant}/oauth2/v2.0/token", authority.trim_end_matches('/'));
        let unusable = |_| SettingsError::Value { variable, reason: "it gives no address to sign in at".to_owned() };
        Ok(Application {
            endpoint: Url::parse(&endpoint).map_err(unusable)?,
            client: self.variables.value(names::CLIENT).unwrap_or_default(),
            transport: self.client(),
            clock: Arc::clone(&self.clock),
        })
    }

    fn client(&self) -> Arc<dyn HttpClient> {
        self.transport.clone().unwrap_or_else(|| new_http_client(None))
    }

    fn client_secret(&self) -> Result<SecretString, SettingsError> {
        match self.variables.secret(names::SECRET) {
            Some(secret) => Ok(secret),
            None => {
                let bytes = self.bytes(names::SECRET_FILE)?;
                Ok(SecretString::from(String::from_utf8_lossy(&bytes).trim().to_owned()))
            }
        }
    }

    /// The certificate in the file that a variable names, or in the variable itself: PEM, or PEM in base64.
    fn certificate(&self) -> Result<Certificate, SettingsError> {
        let (variable, text) = match self.variables.get(names::CERTIFICATE_FILE) {
            Some((variable, _)) => (variable, self.bytes(names::CERTIFICATE_FILE)?),
            None => {
                let (variable, value) = self.variables.get(names::CERTIFICATE).unwrap_or_default();
                let value = Zeroizing::new(value);
                (variable, Zeroizing::new(STANDARD.decode(&*value).unwrap_or_else(|_| value.as_bytes().to_vec())))
            }
        };
        Certificate::parse(&text).map_err(|reason| SettingsError::Certificate { variable, reason })
    }

    /// What is in the file that a variable names.
    fn bytes(&self, names: Names) -> Result<Zeroizing<Vec<u8>>, SettingsError> {
        let (variable, path) = self.variables.get(names).unwrap_or_default();
        std::fs::read(&path).map(Zeroizing::new).map_err(|error| SettingsError::File {
            variable,
            path: path.into(),
            reason: error.to_string(),
        })
    }
}
