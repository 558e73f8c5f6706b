//! Secrets that are variables: of the process, or of an `.env` file. Both are handed in.

use std::collections::HashMap;
use std::fmt;

use async_trait::async_trait;

use crate::error::Error;
use crate::name::SecretName;
use crate::secret::{Properties, Secret, Version};
use crate::store::{SecretStore, Source};
use crate::value::SecretString;

/// Secrets kept in variables: the secret `sales-db-password` is the variable `SALES_DB_PASSWORD`.
///
/// An empty variable counts as not set. Variables have no versions: a pinned version is not found here.
pub struct VariablesStore {
    source: Source,
    look_up: LookUp,
}

type LookUp = Box<dyn Fn(&str) -> Option<SecretString> + Send + Sync>;

impl VariablesStore {
    /// The variables of the process, through `look_up`, which is asked at every read.
    #[must_use]
    pub fn environment(look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { source: Source::Environment, look_up: Box::new(move |name| look_up(name).map(SecretString::new)) }
    }

    /// The values of an `.env` file that somebody else has read.
    #[must_use]
    pub fn env_file(values: impl IntoIterator<Item = (String, String)>) -> Self {
        let values: HashMap<String, SecretString> =
            values.into_iter().map(|(name, value)| (name, SecretString::new(value))).collect();
        Self::env_file_with(move |name| values.get(name).map(|value| value.expose().to_owned()))
    }

    /// The same through `look_up`, for whoever keeps the values already.
    #[must_use]
    pub fn env_file_with(look_up: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { source: Source::EnvironmentFile, look_up: Box::new(move |name| look_up(name).map(SecretString::new)) }
    }
}

impl fmt::Debug for VariablesStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VariablesStore({})", self.source)
    }
}

#[async_trait]
impl SecretStore for VariablesStore {
    fn source(&self) -> Source {
        self.source.clone()
    }

    async fn get(&self, name: &SecretName, version: &Version) -> Result<Secret, Error> {
        let value = match version.id() {
            None => (self.look_up)(&name.variable()).filter(|value| !value.expose().is_empty()),
            Some(_) => None,
        };
        match value {
            Some(value) => Ok(Secret::new(value, self.source(), Properties::default())),
            None => Err(Error::NotFound { name: name.clone(), tried: vec![self.source()] }),
        }
    }
}
