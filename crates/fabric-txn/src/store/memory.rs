//! A store that ends with the process: for tests, and for roll-back without crash safety.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{JournalStore, Position};
use crate::error::StoreError;
use crate::id::TransactionId;

/// A store that ends with the process.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Content>);

#[derive(Debug, Default, Clone)]
struct Content {
    journals: BTreeMap<TransactionId, Vec<u8>>,
    keys: BTreeMap<String, Vec<u8>>,
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy as it is now, that goes its own way from here.
    pub fn snapshot(&self) -> Self {
        Self(Mutex::new(self.content().clone()))
    }

    /// Puts `bytes` in place of a journal, as a crash or a damaged disk would.
    pub fn set_journal(&self, journal: TransactionId, bytes: Vec<u8>) {
        self.content().journals.insert(journal, bytes);
    }

    /// A journal's length in bytes; 0 if there is none.
    pub fn journal_len(&self, journal: TransactionId) -> usize {
        self.content().journals.get(&journal).map_or(0, Vec::len)
    }

    /// The value of every key, and every journal, one after the other: to search for what must not be there.
    pub fn dump(&self) -> Vec<u8> {
        let content = self.content();
        content.keys.values().chain(content.journals.values()).flatten().copied().collect()
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl JournalStore for MemoryStore {
    async fn read(&self, journal: TransactionId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.content().journals.get(&journal).cloned())
    }

    async fn append(&self, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError> {
        let mut content = self.content();
        let bytes = content.journals.get(&journal).map_or(0, Vec::len) as u64;
        if bytes != at.bytes + at.torn {
            return Err(StoreError::Conflict(journal));
        }
        let stored = content.journals.entry(journal).or_default();
        stored.truncate(usize::try_from(at.bytes).unwrap_or(usize::MAX));
        stored.extend_from_slice(lines);
        Ok(())
    }

    async fn journals(&self) -> Result<Vec<TransactionId>, StoreError> {
        Ok(self.content().journals.keys().copied().collect())
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, StoreError> {
        let mut stored = self.content();
        if let Some(present) = stored.keys.get(key) {
            return Ok(present == content);
        }
        stored.keys.insert(key.to_owned(), content.to_vec());
        Ok(true)
    }

    async fn replace(&self, key: &str, content: &[u8]) -> Result<(), StoreError> {
        self.content().keys.insert(key.to_owned(), content.to_vec());
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.content().keys.get(key).cloned())
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let prefix = format!("{folder}/");
        let content = self.content();
        let below = content.keys.keys().filter_map(|key| key.strip_prefix(&prefix));
        Ok(below.filter(|name| !name.contains('/')).map(str::to_owned).collect())
    }
}
