//! Where a sign-in is kept: in the system's keyring, or in a file that only its owner may read.

#[cfg(test)]
pub(super) mod double;
mod file;
mod system;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use keyring::CredentialBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a sign-in granted, and with whom it can be renewed.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    /// Seconds since 1970.
    pub(super) expires: Option<i64>,
    pub(super) place: String,
    pub(super) tenant: String,
    pub(super) client: String,
    pub(super) scope: String,
}

/// The same, as it is written. It has no `Debug`.
#[derive(Serialize, Deserialize)]
struct Written {
    access: String,
    refresh: Option<String>,
    expires: Option<i64>,
    place: String,
    tenant: String,
    client: String,
    scope: String,
}

impl From<&Kept> for Written {
    fn from(kept: &Kept) -> Self {
        Self {
            access: kept.access.expose_secret().to_owned(),
            refresh: kept.refresh.as_ref().map(|refresh| refresh.expose_secret().to_owned()),
            expires: kept.expires,
            place: kept.place.clone(),
            tenant: kept.tenant.clone(),
            client: kept.client.clone(),
            scope: kept.scope.clone(),
        }
    }
}

impl From<Written> for Kept {
    fn from(written: Written) -> Self {
        Self {
            access: SecretString::from(written.access),
            refresh: written.refresh.map(SecretString::from),
            expires: written.expires,
            place: written.place,
            tenant: written.tenant,
            client: written.client,
            scope: written.scope,
        }
    }
}

/// Why a sign-in cannot be kept or found again. No error repeats what is kept.
#[derive(Debug, Error)]
pub(crate) enum KeepError {
    /// There is no keyring, or it is closed.
    #[error("there is no keyring: {0}")]
    NoKeyring(String),
    /// The file cannot be used.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Who keeps it.
pub(super) enum Keeper {
    Keyring(Box<CredentialBuilder>),
    File(PathBuf),
}

impl fmt::Display for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring(_) => f.write_str("keyring"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Keeper {
    /// The keyring of this system.
    pub(super) fn of_system() -> Self {
        Self::Keyring(keyring::default::default_credential_builder())
    }

    pub(super) fn put(&self, name: &str, kept: &Kept) -> Result<(), KeepError> {
        match self {
            Self::Keyring(keyring) => {
                let text = serde_json::to_string(&Written::from(kept));
                let text = text.map_err(|error| KeepError::NoKeyring(error.to_string()))?;
                system::put(keyring.as_ref(), name, &text)
            }
            Self::File(path) => {
                let mut all = file::read(path)?;
                all.insert(name.to_owned(), Written::from(kept));
                file::write(path, &all)
            }
        }
    }

    /// A keyring that is not there keeps nothing.
    pub(super) fn get(&self, name: &str) -> Result<Option<Kept>, KeepError> {
        Ok(match self {
            Self::Keyring(keyring) => {
                let text = system::get(keyring.as_ref(), name);
                text.and_then(|text| serde_json::from_str::<Written>(&text).ok()).map(Kept::from)
            }
            Self::File(path) => file::read(path)?.remove(name).map(Kept::from),
        })
    }

    pub(super) fn remove(&self, name: &str) -> Result<bool, KeepError> {
        match self {
            Self::Keyring(keyring) => system::remove(keyring.as_ref(), name),
            Self::File(path) => {
                let mut all = file::read(path)?;
                let was_there = all.remove(name).is_some();
                if was_there {
                    file::write(path, &all)?;
                }
                Ok(was_there)
            }
        }
    }
}
