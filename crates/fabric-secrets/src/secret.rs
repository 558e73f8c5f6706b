//! A secret as a store gives it: the value, and what is known about it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::name::NameError;
use crate::store::Source;
use crate::value::SecretString;

/// A secret. Clones share one value, which is wiped when the last of them is dropped.
#[derive(Debug, Clone)]
pub struct Secret {
    content: Arc<Content>,
    freshness: Freshness,
}

#[derive(Debug)]
struct Content {
    value: SecretString,
    source: Source,
    properties: Properties,
}

/// What a store knows about a secret besides its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Properties {
    /// The version that was given, where the store has versions.
    pub version: Option<String>,
    /// When this version was last changed.
    pub updated: Option<SystemTime>,
    /// When it ends, as whoever set it said. Key Vault gives it out after that too.
    pub expires: Option<SystemTime>,
}

/// Whether a store answered for this value in time.
#[derive(Debug, Clone)]
pub enum Freshness {
    /// The store gave it, at most its time to live ago.
    Fresh,
    /// Its time to live is over and the store gave no answer since.
    Stale {
        /// How long ago the store gave it.
        age: Duration,
        /// Why there is no newer one.
        cause: Arc<Error>,
    },
}

impl Secret {
    /// A fresh secret.
    #[must_use]
    pub fn new(value: SecretString, source: Source, properties: Properties) -> Self {
        Self { content: Arc::new(Content { value, source, properties }), freshness: Freshness::Fresh }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &SecretString {
        &self.content.value
    }

    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.content.source
    }

    /// Version and times.
    #[must_use]
    pub fn properties(&self) -> &Properties {
        &self.content.properties
    }

    /// Whether the store answered for it in time.
    #[must_use]
    pub fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// Whether it is served because nobody could be asked for a newer one.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self.freshness, Freshness::Stale { .. })
    }

    /// The same value, marked.
    pub(crate) fn stale(&self, age: Duration, cause: Arc<Error>) -> Self {
        Self { content: Arc::clone(&self.content), freshness: Freshness::Stale { age, cause } }
    }

    /// Whether both came from one answer of the store.
    pub(crate) fn is_same_answer(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.content, &other.content)
    }
}

/// Which version of a secret is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Version(Option<Arc<str>>);

impl Version {
    /// The newest.
    #[must_use]
    pub const fn latest() -> Self {
        Self(None)
    }

    /// This one and no other.
    ///
    /// # Errors
    /// [`NameError::Version`], if it is not 1 to 64 letters and digits.
    pub fn pinned(id: &str) -> Result<Self, NameError> {
        let is_id = (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_id { Ok(Self(Some(id.into()))) } else { Err(NameError::Version) }
    }

    /// The version, unless it is the newest that is asked for.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.0.as_deref()
    }
}
