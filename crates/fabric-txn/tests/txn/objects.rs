//! The object store passes the same suite as the others.

use std::sync::Arc;

use fabric_txn::store::{ObjectJournalStore, Position};
use fabric_txn::{JournalStore, StoreError, TransactionId};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;

use crate::conformance;

#[tokio::test]
async fn objects_in_memory() {
    let objects = Arc::new(InMemory::new());
    conformance::all(Arc::new(ObjectJournalStore::new(objects, "state/dev".into()))).await;
}

#[tokio::test]
async fn objects_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    conformance::all(Arc::new(ObjectJournalStore::new(objects, "state".into()))).await;
}

#[tokio::test]
async fn an_object_that_is_incomplete_is_not_appended_to() {
    let objects = Arc::new(InMemory::new());
    let store = ObjectJournalStore::new(objects, "".into());
    let at = Position { records: 1, bytes: 4, torn: 3 };
    assert!(matches!(store.append(TransactionId::new(0), at, b"x\n").await, Err(StoreError::Remote { .. })));
}
