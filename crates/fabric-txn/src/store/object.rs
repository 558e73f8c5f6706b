//! A store in an object store: Azure Blob, S3, Google Cloud Storage and others.
//!
//! A journal is a sequence of objects, each named by the number of its first record, holding what one append wrote, and
//! created only if it does not exist: of two writers, the store itself tells one that it was late.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error as ObjectError, GetOptions, ObjectStore, PutMode};

use super::{JournalStore, Position};
use crate::error::StoreError;
use crate::id::TransactionId;

/// How many objects of one journal are fetched at a time.
const FETCHES: usize = 16;

/// A store in an object store, under a prefix.
#[derive(Debug, Clone)]
pub struct ObjectJournalStore {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl ObjectJournalStore {
    /// Keeps everything under `prefix`.
    pub fn new(objects: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self { objects, prefix }
    }

    fn path(&self, key: &str) -> Path {
        key.split('/').fold(self.prefix.clone(), |path, segment| path.join(segment))
    }

    fn journal(&self, journal: TransactionId) -> Path {
        self.path(&format!("journals/{journal}"))
    }

    async fn fetch(&self, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        let found = match self.objects.get_opts(path, GetOptions::default()).await {
            Err(ObjectError::NotFound { .. }) => return Ok(None),
            found => found.map_err(failed("read", path))?,
        };
        let content = found.bytes().await.map_err(failed("read", path))?;
        Ok(Some(content.to_vec()))
    }

    /// Creates an object; says whether it holds `content` now.
    async fn put_new(&self, path: &Path, content: &[u8]) -> Result<bool, StoreError> {
        match self.objects.put_opts(path, content.to_vec().into(), PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            // The answer to an earlier try may have been lost on its way. Journals and leases say who wrote them, so only
            // the same writer can have written the very same bytes.
            Err(ObjectError::AlreadyExists { .. } | ObjectError::Precondition { .. }) => {
                Ok(self.fetch(path).await?.is_some_and(|present| present == content))
            }
            Err(error) => Err(failed("create", path)(error)),
        }
    }
}

#[async_trait]
impl JournalStore for ObjectJournalStore {
    async fn read(&self, journal: TransactionId) -> Result<Option<Vec<u8>>, StoreError> {
        let folder = self.journal(journal);
        let listed = self.objects.list(Some(&folder)).map_ok(|object| object.location);
        let mut parts: Vec<Path> = listed.try_collect().await.map_err(failed("list", &folder))?;
        if parts.is_empty() {
            return Ok(None);
        }
        parts.sort();
        let contents = stream::iter(parts).map(|part| async move { self.fetch(&part).await }).buffered(FETCHES);
        let contents: Vec<Option<Vec<u8>>> = contents.try_collect().await?;
        Ok(Some(contents.into_iter().flatten().flatten().collect()))
    }

    async fn append(&self, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError> {
        let path = self.journal(journal).join(format!("{:010}", at.records));
        if at.torn > 0 {
            let message = "the object before is incomplete".to_owned();
            return Err(StoreError::Remote { action: "append after", key: path.to_string(), message });
        }
        if self.put_new(&path, lines).await? { Ok(()) } else { Err(StoreError::Conflict(journal)) }
    }

    async fn journals(&self) -> Result<Vec<TransactionId>, StoreError> {
        let folder = self.path("journals");
        let listed = self.objects.list_with_delimiter(Some(&folder)).await.map_err(failed("list", &folder))?;
        Ok(listed.common_prefixes.iter().filter_map(|prefix| prefix.filename()?.parse().ok()).collect())
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.put_new(&self.path(key), content).await
    }

    async fn replace(&self, key: &str, content: &[u8]) -> Result<(), StoreError> {
        let path = self.path(key);
        let put = self.objects.put_opts(&path, content.to_vec().into(), PutMode::Overwrite.into()).await;
        put.map(|_| ()).map_err(failed("write", &path))
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.fetch(&self.path(key)).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let folder = self.path(folder);
        let listed = self.objects.list_with_delimiter(Some(&folder)).await.map_err(failed("list", &folder))?;
        Ok(listed.objects.iter().filter_map(|object| object.location.filename().map(str::to_owned)).collect())
    }
}

fn failed(action: &'static str, key: &Path) -> impl FnOnce(ObjectError) -> StoreError {
    let key = key.to_string();
    move |error| StoreError::Remote { action, key, message: crate::Failure::from(error).message }
}
