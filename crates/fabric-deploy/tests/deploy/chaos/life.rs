//! The life of a process that may end between any two things it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use fabric_txn::store::{MemoryStore, Position};
use fabric_txn::{JournalStore, StoreError, TransactionId};
use tokio::sync::watch;

/// Counts the points at which a process can die, and lets it die at one of them.
#[derive(Debug, Clone)]
pub(super) struct Life(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    passed: AtomicUsize,
    ends_at: usize,
    over: watch::Sender<bool>,
}

impl Life {
    /// Ends at the point of this number, counted from 1.
    pub(super) fn until(point: usize) -> Self {
        Self(Arc::new(Inner { passed: AtomicUsize::new(0), ends_at: point, over: watch::Sender::new(false) }))
    }

    /// Has no end.
    pub(super) fn long() -> Self {
        Self::until(usize::MAX)
    }

    /// How many points were passed.
    pub(super) fn passed(&self) -> usize {
        self.0.passed.load(Ordering::SeqCst)
    }

    /// A point at which the process can die. A dead process does nothing any more.
    pub(super) async fn point(&self) {
        let number = self.0.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if number >= self.0.ends_at {
            self.0.over.send_replace(true);
            std::future::pending::<()>().await;
        }
    }

    /// What `work` returns, or nothing if the process dies before: then it is dropped where it stands.
    pub(super) async fn live<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut over = self.0.over.subscribe();
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => None,
            done = work => Some(done),
        }
    }
}

/// A store whose every write is a point before and a point after.
#[derive(Debug)]
pub(super) struct MortalStore {
    pub store: Arc<MemoryStore>,
    pub life: Life,
}

#[async_trait]
impl JournalStore for MortalStore {
    async fn read(&self, journal: TransactionId) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.read(journal).await
    }

    async fn append(&self, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError> {
        self.life.point().await;
        let appended = self.store.append(journal, at, lines).await;
        self.life.point().await;
        appended
    }

    async fn journals(&self) -> Result<Vec<TransactionId>, StoreError> {
        self.store.journals().await
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.life.point().await;
        let created = self.store.create(key, content).await;
        self.life.point().await;
        created
    }

    async fn replace(&self, key: &str, content: &[u8]) -> Result<(), StoreError> {
        self.store.replace(key, content).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.store.list(folder).await
    }
}
