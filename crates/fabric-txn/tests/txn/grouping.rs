//! Many records become durable in few writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use fabric_txn::store::{MemoryStore, Position};
use fabric_txn::{JournalStore, StoreError, TransactionId};

use crate::support::{begin, clock, options};
use crate::world::{World, create};

/// A store on which a write takes a while.
#[derive(Debug, Default)]
struct Slow {
    inner: MemoryStore,
    writes: AtomicUsize,
}

#[async_trait]
impl JournalStore for Slow {
    async fn read(&self, journal: TransactionId) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.read(journal).await
    }

    async fn append(&self, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        self.inner.append(journal, at, lines).await
    }

    async fn journals(&self) -> Result<Vec<TransactionId>, StoreError> {
        self.inner.journals().await
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.inner.create(key, content).await
    }

    async fn replace(&self, key: &str, content: &[u8]) -> Result<(), StoreError> {
        self.inner.replace(key, content).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.inner.list(folder).await
    }
}

#[tokio::test]
async fn records_that_wait_for_a_write_share_the_next() {
    let (store, world) = (Arc::new(Slow::default()), World::default());
    let mut transaction = begin(&store, &clock()).await;
    let steps = (0..64).map(|i| create(&format!("n{i}"))).collect();
    transaction.execute(steps, &world.registry(), &options()).await.unwrap();
    let (records, writes) = (transaction.state().records, store.writes.load(Ordering::SeqCst));
    assert!(records > 190, "{records}");
    assert!(writes < 40, "{writes} writes for {records} records");
}
