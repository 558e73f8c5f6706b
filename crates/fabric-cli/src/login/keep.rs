//! Where a sign-in is kept: in the system's keyring, or in a file that only its owner may read.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What the keyring files entries under.
const SERVICE: &str = "fabric-cli";

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keeper {
    Keyring,
    File(PathBuf),
}

impl fmt::Display for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring => f.write_str("keyring"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Keeper {
    pub(super) fn put(&self, name: &str, kept: &Kept) -> Result<(), KeepError> {
        match self {
            Self::Keyring => {
                let text = serde_json::to_string(&Written::from(kept)).map_err(|error| closed(&error))?;
                entry(name)?.set_password(&text).map_err(|error| closed(&error))
            }
            Self::File(path) => {
                let mut all = read(path)?;
                all.insert(name.to_owned(), Written::from(kept));
                write(path, &all)
            }
        }
    }

    /// A keyring that is not there keeps nothing.
    pub(super) fn get(&self, name: &str) -> Result<Option<Kept>, KeepError> {
        match self {
            Self::Keyring => {
                let text = entry(name).ok().and_then(|entry| entry.get_password().ok());
                Ok(text.and_then(|text| serde_json::from_str::<Written>(&text).ok()).map(Kept::from))
            }
            Self::File(path) => Ok(read(path)?.remove(name).map(Kept::from)),
        }
    }

    pub(super) fn remove(&self, name: &str) -> Result<bool, KeepError> {
        match self {
            Self::Keyring => match entry(name)?.delete_credential() {
                Ok(()) => Ok(true),
                Err(keyring::Error::NoEntry) => Ok(false),
                Err(error) => Err(closed(&error)),
            },
            Self::File(path) => {
                let mut all = read(path)?;
                let was_there = all.remove(name).is_some();
                if was_there {
                    write(path, &all)?;
                }
                Ok(was_there)
            }
        }
    }
}

fn entry(name: &str) -> Result<keyring::Entry, KeepError> {
    keyring::Entry::new(SERVICE, name).map_err(|error| closed(&error))
}

fn closed(error: &dyn fmt::Display) -> KeepError {
    KeepError::NoKeyring(error.to_string())
}

fn unusable(path: &Path, reason: impl Into<String>) -> KeepError {
    KeepError::File { path: path.to_owned(), reason: reason.into() }
}

fn read(path: &Path) -> Result<BTreeMap<String, Written>, KeepError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(unusable(path, error.to_string())),
    };
    check_private(path, &file)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| unusable(path, error.to_string()))?;
    // What serde says may repeat what it read.
    serde_json::from_str(&text).map_err(|_| unusable(path, "it is not a file that `git login` wrote"))
}

#[cfg(unix)]
fn check_private(path: &Path, file: &File) -> Result<(), KeepError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| unusable(path, error.to_string()))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(unusable(path, format!("others may read it (mode {:o}): `chmod 600` it", mode & 0o777)))
}

#[cfg(not(unix))]
fn check_private(_: &Path, _: &File) -> Result<(), KeepError> {
    Ok(())
}

/// Beside it first: a crash leaves the old file or the new one.
fn write(path: &Path, all: &BTreeMap<String, Written>) -> Result<(), KeepError> {
    let fresh = path.with_extension("new");
    let failed = |error: io::Error| unusable(path, error.to_string());
    let text = serde_json::to_vec_pretty(all).map_err(|error| unusable(path, error.to_string()))?;
    let _ = std::fs::remove_file(&fresh);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh).map_err(failed)?;
    file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&fresh, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        Kept {
            access: SecretString::from("the-access"),
            refresh: Some(SecretString::from("the-refresh")),
            expires: Some(7),
            place: "https://github.com".to_owned(),
            tenant: String::new(),
            client: "client".to_owned(),
            scope: "repo".to_owned(),
        }
    }

    #[test]
    fn a_file_keeps_each_sign_in_to_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        let keeper = Keeper::File(path.clone());
        assert!(keeper.get("github").unwrap().is_none() && !keeper.remove("github").unwrap());
        keeper.put("github", &kept()).unwrap();
        keeper.put("entra", &kept()).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let found = keeper.get("github").unwrap().unwrap();
        assert_eq!((found.access.expose_secret(), found.expires), ("the-access", Some(7)));
        assert!(keeper.remove("github").unwrap());
        assert!(keeper.get("github").unwrap().is_none() && keeper.get("entra").unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused_and_not_repeated() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        let keeper = Keeper::File(path.clone());
        keeper.put("github", &kept()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = keeper.get("github").err().unwrap().to_string();
        assert!(error.contains("chmod 600") && !error.contains("the-access"), "{error}");
    }
}
