//! The life of a process that may end between any two things it does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use fabric_txn::store::{MemoryStore, Position};
use fabric_txn::{JournalStore, StoreError, TransactionId};
use tokio::sync::watch;

/// Between which two things a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Point {
    BeforeSending,
    BeforeTheAnswer,
    BeforeTheRecord,
    AfterTheRecord,
}

/// How much of its last record a process writes that dies before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Torn {
    Nothing,
    OneByte,
    Half,
    AllButOneByte,
}

/// Counts the points at which a process can die, and lets it die at one of them.
#[derive(Debug, Clone)]
pub(super) struct Life(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    passed: Mutex<Vec<Point>>,
    ends_at: usize,
    torn: Torn,
    /// The process does not die at its last point, but stands still for so long.
    pause: Option<Duration>,
    standing: AtomicBool,
    /// The process does not die at its last point, but can write nothing any more.
    full_disk: bool,
    over: watch::Sender<bool>,
}

impl Life {
    /// Ends at the point of this number, counted from 1.
    pub(super) fn until(point: usize) -> Self {
        Self::torn(point, Torn::Nothing)
    }

    /// Ends at this point, and leaves so much of the record that would have been written next.
    pub(super) fn torn(point: usize, torn: Torn) -> Self {
        Self::new(point, torn, None, false)
    }

    /// Stands still at this point for so long, with everything that the process does.
    pub(super) fn paused(point: usize, pause: Duration) -> Self {
        Self::new(point, Torn::Nothing, Some(pause), false)
    }

    /// Finds the disk full from this point on.
    pub(super) fn on_a_full_disk(point: usize) -> Self {
        Self::new(point, Torn::Half, None, true)
    }

    fn new(ends_at: usize, torn: Torn, pause: Option<Duration>, full_disk: bool) -> Self {
        let (passed, standing, over) = (Mutex::default(), AtomicBool::new(false), watch::Sender::new(false));
        Self(Arc::new(Inner { passed, ends_at, torn, pause, standing, full_disk, over }))
    }

    /// Has no end.
    pub(super) fn long() -> Self {
        Self::until(usize::MAX)
    }

    /// The points that were passed.
    pub(super) fn passed(&self) -> Vec<Point> {
        self.0.passed.lock().unwrap().clone()
    }

    /// A point at which the process can die. A dead process does nothing any more.
    pub(super) async fn point(&self, point: Point) {
        let number = {
            let mut passed = self.0.passed.lock().unwrap();
            passed.push(point);
            passed.len()
        };
        if self.0.pause.is_some() {
            if number == self.0.ends_at {
                self.0.standing.store(true, Ordering::SeqCst);
            }
            while self.0.standing.load(Ordering::SeqCst) {
                tokio::task::yield_now().await;
            }
        } else if number >= self.0.ends_at && !self.0.full_disk {
            self.0.over.send_replace(true);
            std::future::pending::<()>().await;
        }
    }

    fn space(&self) -> Result<(), StoreError> {
        if !self.0.full_disk || self.0.passed.lock().unwrap().len() < self.0.ends_at {
            return Ok(());
        }
        let cause = Arc::new(std::io::Error::other("no space is left"));
        Err(StoreError::Io { action: "write", path: "the journal".to_owned(), cause })
    }

    /// How many of the next bytes that are written still arrive, if the next point is the last one.
    fn last_bytes(&self, of: usize) -> Option<usize> {
        let is_last = self.0.passed.lock().unwrap().len() + 1 == self.0.ends_at;
        let bytes = match self.0.torn {
            Torn::Nothing => return None,
            Torn::OneByte => 1,
            Torn::Half => of / 2,
            Torn::AllButOneByte => of - 1,
        };
        is_last.then_some(bytes)
    }

    /// What `work` returns, or nothing if the process dies before: then it is dropped where it stands.
    pub(super) async fn live<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut over = self.0.over.subscribe();
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => None,
            done = self.stand_still(work) => Some(done),
        }
    }

    /// Does not go on with `work` at all while the process stands still: neither with its steps nor with its lease.
    async fn stand_still<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            let done = std::future::poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if self.0.standing.load(Ordering::SeqCst) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            });
            if let Some(done) = done.await {
                return done;
            }
            tokio::time::sleep(self.0.pause.unwrap_or_default()).await;
            self.0.standing.store(false, Ordering::SeqCst);
        }
    }
}

/// A store whose every write is a point before and a point after.
#[derive(Debug)]
pub(super) struct MortalStore {
    pub(super) store: Arc<MemoryStore>,
    pub(super) life: Life,
}

#[async_trait]
impl JournalStore for MortalStore {
    async fn read(&self, journal: TransactionId) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.read(journal).await
    }

    async fn append(&self, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError> {
        if let Some(bytes) = self.life.last_bytes(lines.len()) {
            let mut found = self.store.read(journal).await?.unwrap_or_default();
            found.truncate(usize::try_from(at.bytes).unwrap());
            found.extend_from_slice(&lines[..bytes]);
            self.store.set_journal(journal, found);
        }
        self.life.point(Point::BeforeTheRecord).await;
        self.life.space()?;
        let appended = self.store.append(journal, at, lines).await;
        self.life.point(Point::AfterTheRecord).await;
        appended
    }

    async fn journals(&self) -> Result<Vec<TransactionId>, StoreError> {
        self.store.journals().await
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.life.point(Point::BeforeTheRecord).await;
        self.life.space()?;
        let created = self.store.create(key, content).await;
        self.life.point(Point::AfterTheRecord).await;
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
