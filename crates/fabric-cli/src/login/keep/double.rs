//! A keyring in memory, which can be taken away.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use keyring::credential::{CredentialApi, CredentialBuilderApi};
use keyring::{Credential, Error, Result};

use super::Keeper;

/// How a keyring answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::login) enum Mood {
    /// It keeps what it is given.
    Open,
    /// It is there, and lets nobody in.
    Locked,
    /// There is none: a container, a service without a session.
    Absent,
    /// It takes what it is given, and does not have it afterwards.
    Forgetful,
}

/// A keyring; clones are the same one.
#[derive(Debug, Clone)]
pub(in crate::login) struct Keyring {
    entries: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    mood: Arc<Mutex<Mood>>,
}

impl Keyring {
    pub(in crate::login) fn new(mood: Mood) -> Self {
        Self { entries: Arc::default(), mood: Arc::new(Mutex::new(mood)) }
    }

    /// Who keeps things in it.
    pub(in crate::login) fn keeper(&self) -> Keeper {
        Keeper::Keyring(Box::new(self.clone()))
    }

    pub(in crate::login) fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// What it holds, by name.
    pub(in crate::login) fn holds(&self) -> Vec<String> {
        self.entries.lock().unwrap().keys().cloned().collect()
    }

    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }
}

impl CredentialBuilderApi for Keyring {
    fn build(&self, target: Option<&str>, service: &str, user: &str) -> Result<Box<Credential>> {
        assert_eq!(target, None);
        match self.mood() {
            Mood::Absent => Err(Error::PlatformFailure("Operation not permitted".into())),
            _ => Ok(Box::new(Entry { keyring: self.clone(), name: format!("{service}/{user}") })),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Entry {
    keyring: Keyring,
    name: String,
}

impl Entry {
    fn entries(&self) -> Result<std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>>> {
        match self.keyring.mood() {
            Mood::Locked => Err(Error::NoStorageAccess("the keyring is locked".into())),
            _ => Ok(self.keyring.entries.lock().unwrap()),
        }
    }
}

impl CredentialApi for Entry {
    fn set_secret(&self, secret: &[u8]) -> Result<()> {
        let mut entries = self.entries()?;
        if self.keyring.mood() != Mood::Forgetful {
            entries.insert(self.name.clone(), secret.to_owned());
        }
        Ok(())
    }

    fn get_secret(&self) -> Result<Vec<u8>> {
        self.entries()?.get(&self.name).cloned().ok_or(Error::NoEntry)
    }

    fn delete_credential(&self) -> Result<()> {
        self.entries()?.remove(&self.name).map(drop).ok_or(Error::NoEntry)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
