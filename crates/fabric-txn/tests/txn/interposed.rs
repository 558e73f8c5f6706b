//! A store in memory that something happens to before it does what it is asked.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use fabric_txn::store::{MemoryStore, Position};
use fabric_txn::{JournalStore, StoreError, TransactionId};

/// What the store is about to do.
pub enum Call<'a> {
    /// Counted from 1.
    Append(usize),
    Create(&'a str, &'a [u8]),
    Replace,
}

/// What it does instead.
pub enum Then {
    Go,
    /// Goes after a while.
    Yield(usize),
    /// Fails. Of what was to be appended to a journal that exists, half arrives.
    Fail,
    /// Fails, though all of it has arrived: what is left where a file cannot be synced.
    FailUnsynced,
}

type Before = dyn Fn(Call<'_>) -> Then + Send + Sync;

pub struct Interposed {
    inner: Arc<MemoryStore>,
    before: Box<Before>,
    appends: AtomicUsize,
}

impl Interposed {
    pub fn new(inner: &Arc<MemoryStore>, before: impl Fn(Call<'_>) -> Then + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), before: Box::new(before), appends: AtomicUsize::new(0) })
    }

    /// Whose append number `number` fails.
    pub fn failing_at(inner: &Arc<MemoryStore>, number: usize) -> Arc<Self> {
        Self::new(inner, move |call| if matches!(call, Call::Append(n) if n == number) { Then::Fail } else { Then::Go })
    }

    /// Whose append number `number` arrives, and is told as one that did not.
    pub fn unsynced_at(inner: &Arc<MemoryStore>, number: usize) -> Arc<Self> {
        Self::new(inner, move |call| match call {
            Call::Append(n) if n == number => Then::FailUnsynced,
            _ => Then::Go,
        })
    }

    /// How many appends there were.
    pub fn appends(&self) -> usize {
        self.appends.load(Ordering::SeqCst)
    }

    /// How much of each two bytes arrives, and the error that is told.
    async fn interfere(&self, call: Call<'_>) -> Result<(), (usize, StoreError)> {
        let failed = |arrives, why| {
            let cause = Arc::new(std::io::Error::other(why));
            Err((arrives, StoreError::Io { action: "write", path: "the disk".to_owned(), cause }))
        };
        match (self.before)(call) {
            Then::Go => Ok(()),
            Then::Yield(times) => {
                for _ in 0..times {
                    tokio::task::yield_now().await;
                }
                Ok(())
            }
            Then::Fail => failed(1, "no space left on device"),
            Then::FailUnsynced => failed(2, "input/output error"),
        }
    }
}

impl fmt::Debug for Interposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interposed")
    }
}

#[async_trait]
impl JournalStore for Interposed {
    async fn read(&self, journal: TransactionId) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.read(journal).await
    }

    async fn append(&self, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError> {
        let number = self.appends.fetch_add(1, Ordering::SeqCst) + 1;
        if let Err((arrives, error)) = self.interfere(Call::Append(number)).await {
            if at.records > 0 {
                self.inner.append(journal, at, &lines[..lines.len() * arrives / 2]).await?;
            }
            return Err(error);
        }
        self.inner.append(journal, at, lines).await
    }

    async fn journals(&self) -> Result<Vec<TransactionId>, StoreError> {
        self.inner.journals().await
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.interfere(Call::Create(key, content)).await.map_err(|(_, error)| error)?;
        self.inner.create(key, content).await
    }

    async fn replace(&self, key: &str, content: &[u8]) -> Result<(), StoreError> {
        self.interfere(Call::Replace).await.map_err(|(_, error)| error)?;
        self.inner.replace(key, content).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.inner.list(folder).await
    }
}
