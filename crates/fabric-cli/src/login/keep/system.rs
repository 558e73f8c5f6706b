//! The system's keyring: of the kernel on Linux, of the user's account on macOS and Windows.

use std::fmt::Display;

use keyring::{CredentialBuilder, Entry, Error};

use super::KeepError;

/// What entries are filed under.
const SERVICE: &str = "fabric-cli";

fn entry(keyring: &CredentialBuilder, name: &str) -> Result<Entry, KeepError> {
    let credential = keyring.build(None, SERVICE, name).map_err(|error| closed(&error))?;
    Ok(Entry::new_with_credential(credential))
}

fn closed(why: &dyn Display) -> KeepError {
    KeepError::NoKeyring(why.to_string())
}

/// Puts the text in, and looks that it is there for whoever asks next.
pub(super) fn put(keyring: &CredentialBuilder, name: &str, text: &str) -> Result<(), KeepError> {
    entry(keyring, name)?.set_password(text).map_err(|error| closed(&error))?;
    if get(keyring, name).as_deref() == Some(text) {
        return Ok(());
    }
    Err(closed(&"it does not hold what was put in"))
}

/// What was put in. A keyring that is not there, or that is locked, gives nothing.
pub(super) fn get(keyring: &CredentialBuilder, name: &str) -> Option<String> {
    match entry(keyring, name).map(|entry| entry.get_password()) {
        Ok(Ok(text)) => Some(text),
        Ok(Err(Error::NoEntry)) => None,
        Ok(Err(error)) => {
            tracing::info!(%error, "the keyring gives nothing");
            None
        }
        Err(error) => {
            tracing::info!(%error, "nothing can be kept in a keyring");
            None
        }
    }
}

/// Takes it out. Says whether there was anything.
pub(super) fn remove(keyring: &CredentialBuilder, name: &str) -> Result<bool, KeepError> {
    match entry(keyring, name)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(Error::NoEntry) => Ok(false),
        Err(error) => Err(closed(&error)),
    }
}
