//! Secrets in Azure Key Vault.

mod answer;
mod transport;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, HttpClient, RetryOptions, Transport, Url};
use azure_security_keyvault_secrets::models::{
    SecretAttributes, SecretClientGetSecretOptions, SecretProperties, SetSecretParameters,
};
use azure_security_keyvault_secrets::{ResourceExt, ResourceId, SecretClient, SecretClientOptions};
use futures::TryStreamExt;
use thiserror::Error as ThisError;

use crate::error::{Error, Subject};
use crate::name::SecretName;
use crate::secret::{Properties, Secret, Version};
use crate::store::{SecretStore, Source};
use crate::value::SecretString;
use answer::explain;
use transport::{Loopback, OneVault};

/// How long one call may take, authentication included, unless [`KeyVaultStore::deadline`] says otherwise.
const DEADLINE: Duration = Duration::from_secs(10);

/// One Azure Key Vault, through the official client.
///
/// It sends a request once: retries belong to the HTTP client that it is given, which should not follow redirects
/// either. It keeps nothing: put a [`CachedStore`](crate::CachedStore) in front of it, and make one for the process,
/// because each new one begins with a round trip in which the vault says which tokens it takes.
///
/// The value is wiped from memory when the last [`Secret`] is dropped. The HTTP response that it came in, and the text
/// that [`set`](Self::set) sends, are the client's and are not.
pub struct KeyVaultStore {
    client: SecretClient,
    source: Source,
    deadline: Duration,
}

/// The address of a vault that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum VaultUrlError {
    /// It is no URL, or has more than scheme, host and port.
    #[error("the address of a vault has the form https://NAME.vault.azure.net")]
    Form,
    /// The token would go over the network in the clear.
    #[error("a vault is only talked to over https (http only on this machine)")]
    NotHttps,
}

/// A secret that a vault lists: everything but its value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedSecret {
    /// Its name.
    pub name: SecretName,
    /// Whether the vault gives it out.
    pub enabled: bool,
    /// Its times. The list of a vault names no versions.
    pub properties: Properties,
}

impl KeyVaultStore {
    /// The vault at `url`, such as `https://sales.vault.azure.net`.
    ///
    /// # Errors
    /// [`VaultUrlError`], if no token may be sent there.
    pub fn new(
        url: &str,
        credential: Arc<dyn TokenCredential>,
        http: Arc<dyn HttpClient>,
    ) -> Result<Self, VaultUrlError> {
        let url = parse(url)?;
        let host = url.host_str().ok_or(VaultUrlError::Form)?.into();
        let in_the_clear = url.scheme() == "http";
        let client_options = ClientOptions {
            retry: RetryOptions::none(),
            per_call_policies: if in_the_clear { vec![Arc::new(Loopback)] } else { Vec::new() },
            transport: Some(Transport::new(Arc::new(OneVault::new(url.clone(), http)))),
            ..ClientOptions::default()
        };
        let options = SecretClientOptions {
            client_options,
            // A vault on this machine names the resource of the cloud that it stands for.
            verify_challenge_resource: Some(!is_loopback(&url)),
            ..SecretClientOptions::default()
        };
        let client = SecretClient::new(url.as_str(), credential, Some(options)).map_err(|_| VaultUrlError::Form)?;
        Ok(Self { client, source: Source::KeyVault { host }, deadline: DEADLINE })
    }

    /// How long one call may take, authentication included: 10 s unless this says otherwise.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Writes a new version of the secret, which becomes the newest.
    ///
    /// # Errors
    /// [`Error`]; never [`Error::NotFound`].
    pub async fn set(&self, name: &SecretName, value: &SecretString) -> Result<Properties, Error> {
        let parameters = SetSecretParameters { value: Some(value.expose().to_owned()), ..Default::default() };
        let call = async { self.client.set_secret(name.as_str(), parameters.try_into()?, None).await?.into_model() };
        let written = self.ask(Subject::Secret(name.clone()), call).await?;
        Ok(properties(written.resource_id().ok(), written.attributes.as_ref()))
    }

    /// Every secret that the vault lists, in the vault's order. Needs the permission to list.
    ///
    /// # Errors
    /// [`Error`]; never [`Error::NotFound`].
    pub async fn list(&self) -> Result<Vec<ListedSecret>, Error> {
        let call = async { self.client.list_secret_properties(None)?.try_collect().await };
        let listed: Vec<SecretProperties> = self.ask(Subject::List, call).await?;
        listed.into_iter().map(|entry| self.listed(&entry)).collect()
    }

    fn listed(&self, entry: &SecretProperties) -> Result<ListedSecret, Error> {
        let unusable = |reason: String| Error::Unusable { subject: Subject::List, store: self.source(), reason };
        let id = entry.resource_id().map_err(|_| unusable("an entry has no name".to_owned()))?;
        Ok(ListedSecret {
            name: SecretName::parse(&id.name).map_err(|error| unusable(error.to_string()))?,
            enabled: entry.attributes.as_ref().and_then(|attributes| attributes.enabled).unwrap_or(true),
            properties: properties(Some(id), entry.attributes.as_ref()),
        })
    }

    /// What `call` gives within the deadline.
    async fn ask<T>(&self, subject: Subject, call: impl Future<Output = azure_core::Result<T>>) -> Result<T, Error> {
        match tokio::time::timeout(self.deadline, call).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(explain(&error, subject, self.source())),
            Err(_) => {
                let reason = format!("nothing came within {:?}", self.deadline);
                Err(Error::Unreachable { subject, store: self.source(), reason })
            }
        }
    }
}

impl fmt::Debug for KeyVaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyVaultStore({})", self.source)
    }
}

#[async_trait]
impl SecretStore for KeyVaultStore {
    fn source(&self) -> Source {
        self.source.clone()
    }

    async fn get(&self, name: &SecretName, version: &Version) -> Result<Secret, Error> {
        let subject = Subject::Secret(name.clone());
        let options =
            SecretClientGetSecretOptions { secret_version: version.id().map(str::to_owned), ..Default::default() };
        let call = async { self.client.get_secret(name.as_str(), Some(options)).await?.into_model() };
        let mut found = self.ask(subject.clone(), call).await?;
        let properties = properties(found.resource_id().ok(), found.attributes.as_ref());
        match found.value.take() {
            Some(value) => Ok(Secret::new(SecretString::new(value), self.source(), properties)),
            None => {
                Err(Error::Unusable { subject, store: self.source(), reason: "the answer has no value".to_owned() })
            }
        }
    }
}

/// An address that a token may be sent to.
fn parse(text: &str) -> Result<Url, VaultUrlError> {
    let url = Url::parse(text).map_err(|_| VaultUrlError::Form)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(VaultUrlError::Form);
    }
    match url.scheme() {
        "https" if url.host_str().is_some() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(VaultUrlError::NotHttps),
        _ => Err(VaultUrlError::Form),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn properties(id: Option<ResourceId>, attributes: Option<&SecretAttributes>) -> Properties {
    Properties {
        version: id.and_then(|id| id.version),
        updated: attributes.and_then(|attributes| attributes.updated).map(SystemTime::from),
        expires: attributes.and_then(|attributes| attributes.expires).map(SystemTime::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_https_or_to_this_machine() {
        let taken = |text| parse(text).map(|url| url.to_string());
        assert_eq!(taken("https://sales.vault.azure.net").unwrap(), "https://sales.vault.azure.net/");
        for here in ["http://127.0.0.1:8200", "http://localhost:8200/", "http://[::1]:8200"] {
            assert!(taken(here).is_ok(), "{here}");
        }
        for clear in ["http://sales.vault.azure.net", "http://127.0.0.1.example.org", "http://10.0.0.1"] {
            assert_eq!(taken(clear), Err(VaultUrlError::NotHttps), "{clear}");
        }
        let formless = [
            "",
            "sales",
            "sales.vault.azure.net",
            "ftp://127.0.0.1",
            "https://sales.vault.azure.net/secrets",
            "https://sales.vault.azure.net/?x=1",
            "https://user:password@sales.vault.azure.net",
        ];
        for text in formless {
            assert_eq!(taken(text), Err(VaultUrlError::Form), "{text}");
        }
    }
}
