//! Several stores in order, and when the next one may be asked.

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Error;
use crate::name::SecretName;
use crate::secret::{Secret, Version};
use crate::store::{SecretStore, Source};

/// Stores that are asked in order.
///
/// The next store is asked only if the one before has no such secret or gave no answer. A store that refuses ends the
/// search: what somebody may not have is never replaced by a value from elsewhere. Neither is an answer that makes no
/// sense.
#[derive(Debug, Clone)]
pub struct Chain {
    first: Arc<dyn SecretStore>,
    others: Vec<Arc<dyn SecretStore>>,
}

impl Chain {
    /// A chain that asks this store first.
    #[must_use]
    pub fn new(first: Arc<dyn SecretStore>) -> Self {
        Self { first, others: Vec::new() }
    }

    /// And then this one.
    #[must_use]
    pub fn or(mut self, next: Arc<dyn SecretStore>) -> Self {
        self.others.push(next);
        self
    }

    fn stores(&self) -> impl Iterator<Item = &Arc<dyn SecretStore>> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

#[async_trait]
impl SecretStore for Chain {
    fn source(&self) -> Source {
        self.first.source()
    }

    async fn get(&self, name: &SecretName, version: &Version) -> Result<Secret, Error> {
        let mut tried = Vec::new();
        let mut without_answer = None;
        let mut stores = self.stores().peekable();
        while let Some(store) = stores.next() {
            match store.get(name, version).await {
                Ok(secret) => return Ok(secret),
                Err(error) if !matches!(error, Error::NotFound { .. } | Error::Unreachable { .. }) => {
                    return Err(error);
                }
                Err(error) => {
                    if let Some(next) = stores.peek() {
                        tell(name, &store.source(), &next.source(), &error);
                    }
                    if matches!(error, Error::Unreachable { .. }) {
                        without_answer.get_or_insert(error);
                    }
                    tried.push(store.source());
                }
            }
        }
        Err(without_answer.unwrap_or_else(|| Error::NotFound { name: name.clone(), tried }))
    }

    async fn invalidate(&self, name: &SecretName, rejected: &Secret) -> bool {
        let mut asks_again = false;
        for store in self.stores() {
            asks_again |= store.invalidate(name, rejected).await;
        }
        asks_again
    }
}

/// Says that a store was passed over. Variables are passed over in the ordinary course of things; a vault is not.
fn tell(name: &SecretName, from: &Source, to: &Source, error: &Error) {
    match from {
        Source::Environment | Source::EnvironmentFile => {
            tracing::debug!(secret = %name, %from, %to, reason = %error, "a secret is looked for in the next store");
        }
        _ => tracing::warn!(secret = %name, %from, %to, reason = %error, "a secret is looked for in the next store"),
    }
}
