//! Where journals and what belongs to them are kept.

mod folder;
mod memory;
#[cfg(feature = "object-store")]
mod object;

use std::fmt::Debug;

use async_trait::async_trait;

use crate::digest::Digest;
use crate::error::{Error, StoreError};
use crate::id::TransactionId;

pub use folder::FolderStore;
pub use memory::MemoryStore;
#[cfg(feature = "object-store")]
pub use object::ObjectJournalStore;

/// Where a writer believes a journal to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// How many records there are.
    pub records: u64,
    /// How many bytes they take.
    pub bytes: u64,
    /// How many bytes of an unfinished line follow; the next append removes them.
    pub torn: u64,
}

/// Where journals and what belongs to them are kept.
///
/// Everything rests on two promises. [`append`](Self::append) and [`create`](Self::create) happen completely or not at
/// all, and are durable when they return; and of two writers who append at one position, or create one key, one gets
/// told that it was late. That is what fences a process that was suspended: no clock is involved.
///
/// Keys are made by this crate: segments of `[a-z0-9._-]`, separated by `/`.
#[async_trait]
pub trait JournalStore: Debug + Send + Sync + 'static {
    /// A journal's bytes, or none if nothing was ever appended to it.
    async fn read(&self, journal: TransactionId) -> Result<Option<Vec<u8>>, StoreError>;

    /// Appends whole lines at `at`, durably.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the journal does not end there. After any other error it is not known how much was
    /// written, but nothing else than a prefix of `lines`.
    async fn append(&self, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError>;

    /// All journals, in any order.
    async fn journals(&self) -> Result<Vec<TransactionId>, StoreError>;

    /// Stores `content` under `key` unless that exists; says whether `content` is what is stored there now. Never visible
    /// in part.
    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, StoreError>;

    /// Stores `content` under `key`, whatever was there. Never visible in part.
    async fn replace(&self, key: &str, content: &[u8]) -> Result<(), StoreError>;

    /// What is stored under `key`.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// The last segments of the keys directly under `folder`, in any order.
    async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError>;
}

fn blob_key(digest: &Digest) -> String {
    format!("blobs/{digest}")
}

pub(crate) async fn put_blob(store: &dyn JournalStore, content: &[u8]) -> Result<Digest, Error> {
    let digest = Digest::of(content);
    // It may be there already: then it is the same, for its name says what it holds.
    store.create(&blob_key(&digest), content).await?;
    Ok(digest)
}

pub(crate) async fn get_blob(store: &dyn JournalStore, digest: &Digest) -> Result<Vec<u8>, Error> {
    let content = store.get(&blob_key(digest)).await?;
    let intact = content.filter(|content| Digest::of(content) == *digest);
    intact.ok_or_else(|| Error::BlobDamaged { digest: digest.to_string() })
}
