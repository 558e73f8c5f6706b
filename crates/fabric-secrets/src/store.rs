//! What a store of secrets can do.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Error;
use crate::name::SecretName;
use crate::secret::{Secret, Version};

/// Gives secrets by name.
#[async_trait]
pub trait SecretStore: fmt::Debug + Send + Sync {
    /// What the store is called in events, errors and lists.
    fn source(&self) -> Source;

    /// The secret.
    ///
    /// # Errors
    /// [`Error`]; the variant decides what a cache and a chain do next.
    async fn get(&self, name: &SecretName, version: &Version) -> Result<Secret, Error>;

    /// Says that whoever the newest version was shown to did not accept it, so that the next [`get`](Self::get) asks
    /// again. Returns whether it will: not if `rejected` has been replaced already, nor if asking again has only just
    /// given the same version. A store that remembers nothing has nothing to do.
    async fn invalidate(&self, _name: &SecretName, _rejected: &Secret) -> bool {
        false
    }
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// An Azure Key Vault.
    KeyVault {
        /// Its host name.
        host: Arc<str>,
    },
    /// The variables of the process.
    Environment,
    /// The values of an `.env` file.
    EnvironmentFile,
    /// A store that this crate does not know.
    Other(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyVault { host } => write!(f, "Key Vault {host}"),
            Self::Environment => f.write_str("the environment"),
            Self::EnvironmentFile => f.write_str("the .env file"),
            Self::Other(name) => f.write_str(name),
        }
    }
}
