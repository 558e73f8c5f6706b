//! The one writer of one journal: records go in one by one and become durable in groups.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use crate::error::{Error, StoreError};
use crate::event::{Event, Record};
use crate::id::TransactionId;
use crate::lease::Lease;
use crate::line::{self, Chain};
use crate::state::State;
use crate::store::{JournalStore, Position};

/// Is told of every record, in order, once it is durable.
pub trait Observer: Send + Sync {
    /// A record became durable.
    fn recorded(&self, record: &Record);
}

/// A journal as it was found.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) records: Vec<Record>,
    pub(crate) state: State,
    pub(crate) position: Position,
    chain: Chain,
    exists: bool,
}

/// Reads a journal. One that does not exist is one that never began.
pub(crate) async fn load(store: &dyn JournalStore, transaction: TransactionId) -> Result<Loaded, Error> {
    let bytes = store.read(transaction).await?;
    let exists = bytes.is_some();
    let decoded = line::decode(transaction, &bytes.unwrap_or_default())?;
    let damaged = |record, why: String| Error::Damaged { transaction, record, why };
    let state = State::fold(&decoded.records).map_err(|illegal| damaged(illegal.seq, illegal.why))?;
    if state.transaction.is_some_and(|id| id != transaction) {
        return Err(damaged(0, "it is the journal of another transaction".to_owned()));
    }
    let position = Position { records: state.records, bytes: decoded.bytes, torn: decoded.torn };
    Ok(Loaded { records: decoded.records, state, position, chain: decoded.chain, exists })
}

impl Loaded {
    /// Whether anything was ever written.
    pub(crate) fn exists(&self) -> bool {
        self.exists
    }
}

/// Writes the only record of a journal that nobody will open.
pub(crate) async fn append_first(
    store: &dyn JournalStore,
    lease: &Lease,
    transaction: TransactionId,
    at: Position,
    event: Event,
) -> Result<(), Error> {
    let record = Record { seq: 0, fence: lease.fence(), at_ms: lease.clock().now_ms(), event };
    let mut lines = Vec::new();
    encode(transaction, &record, &mut Chain::default(), &mut lines)?;
    Ok(store.append(transaction, at, &lines).await?)
}

pub(crate) struct Journal {
    store: Arc<dyn JournalStore>,
    lease: Lease,
    transaction: TransactionId,
    queue: Mutex<Queue>,
    /// Held by whoever writes to the store.
    turn: tokio::sync::Mutex<()>,
}

struct Queue {
    state: State,
    position: Position,
    chain: Chain,
    lines: Vec<u8>,
    pending: Vec<Record>,
    observer: Option<Arc<dyn Observer>>,
    writing: bool,
    broken: Option<Error>,
}

impl Journal {
    pub(crate) fn new(store: Arc<dyn JournalStore>, lease: Lease, transaction: TransactionId, loaded: Loaded) -> Self {
        let Loaded { state, position, chain, .. } = loaded;
        let queue = Queue {
            state,
            position,
            chain,
            lines: Vec::new(),
            pending: Vec::new(),
            observer: None,
            writing: false,
            broken: None,
        };
        Self { store, lease, transaction, queue: Mutex::new(queue), turn: tokio::sync::Mutex::new(()) }
    }

    pub(crate) fn transaction(&self) -> TransactionId {
        self.transaction
    }

    pub(crate) fn lease(&self) -> &Lease {
        &self.lease
    }

    pub(crate) fn store(&self) -> &dyn JournalStore {
        &*self.store
    }

    pub(crate) fn observe(&self, observer: Option<Arc<dyn Observer>>) {
        self.queue().observer = observer;
    }

    /// Looks at the state. It may be ahead of the store by records that are being written.
    pub(crate) fn state<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.queue().state)
    }

    /// Records what happened, and returns when that is durable.
    pub(crate) async fn append(&self, event: Event) -> Result<(), Error> {
        let seq = self.enqueue(event)?;
        let _turn = self.turn.lock().await;
        // Steps often end together: let the others of this round queue their records for the same write.
        let_others_go().await;
        let (at, lines) = {
            let mut queue = self.queue();
            if queue.position.records > seq {
                return Ok(());
            }
            if let Some(error) = &queue.broken {
                return Err(error.clone());
            }
            if queue.writing {
                // The future of an earlier write was dropped halfway: nobody knows where the journal ends.
                let why = "a write was interrupted".to_owned();
                return Err(Error::JournalBroken { transaction: self.transaction, why });
            }
            queue.writing = true;
            (queue.position, std::mem::take(&mut queue.lines))
        };
        let written = self.store.append(self.transaction, at, &lines).await;
        let mut queue = self.queue();
        queue.writing = false;
        match written {
            Ok(()) => {
                let durable = queue.acknowledge(at, &lines);
                let observer = queue.observer.clone();
                drop(queue);
                if let Some(observer) = observer {
                    durable.iter().for_each(|record| observer.recorded(record));
                }
                Ok(())
            }
            Err(error) => {
                let error = match error {
                    StoreError::Conflict(_) => Error::Fenced(self.transaction),
                    error => Error::JournalBroken { transaction: self.transaction, why: error.to_string() },
                };
                queue.broken = Some(error.clone());
                Err(error)
            }
        }
    }

    fn enqueue(&self, event: Event) -> Result<u64, Error> {
        let at_ms = self.lease.clock().now_ms();
        let mut guard = self.queue();
        let queue = &mut *guard;
        if let Some(error) = &queue.broken {
            return Err(error.clone());
        }
        let record = Record { seq: queue.state.records, fence: self.lease.fence(), at_ms, event };
        queue.state.apply(&record)?;
        if let Err(error) = encode(self.transaction, &record, &mut queue.chain, &mut queue.lines) {
            queue.broken = Some(error.clone());
            return Err(error);
        }
        let seq = record.seq;
        queue.pending.push(record);
        Ok(seq)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn acknowledge(&mut self, at: Position, lines: &[u8]) -> Vec<Record> {
        // Records that were queued during the write are not durable yet.
        let written = lines.iter().filter(|byte| **byte == b'\n').count();
        let records = at.records + written as u64;
        self.position = Position { records, bytes: at.bytes + lines.len() as u64, torn: 0 };
        self.pending.drain(..written.min(self.pending.len())).collect()
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("transaction", &self.transaction).finish_non_exhaustive()
    }
}

/// Ends this round of polling and asks for the next one.
async fn let_others_go() {
    let mut went = false;
    poll_fn(|context| {
        if std::mem::replace(&mut went, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn encode(transaction: TransactionId, record: &Record, chain: &mut Chain, lines: &mut Vec<u8>) -> Result<(), Error> {
    let encoded = line::encode(record, chain, lines);
    encoded.map_err(|error| Error::JournalBroken { transaction, why: error.to_string() })
}
