//! What waits to be exported: bounded, and never in anybody's way.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::model::Record;

/// The most records that wait.
pub(crate) const CAPACITY: usize = 8192;
/// The most records that are sent at once.
pub(crate) const BATCH: usize = 512;

/// The records of one exporter.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    capacity: usize,
    /// A batch is full.
    pub(crate) full: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Record>,
    under_way: usize,
    tally: Tally,
}

/// What became of the records of one exporter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accepted by the receiver.
    pub delivered: u64,
    /// Dropped because more came than could be sent: the oldest first.
    pub dropped: u64,
    /// Refused by the receiver for good.
    pub rejected: u64,
    /// Neither delivered nor refused when time was up.
    pub undelivered: u64,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl Tally {
    /// How many were lost.
    pub fn lost(&self) -> u64 {
        self.dropped + self.rejected + self.undelivered
    }
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), capacity: capacity.max(1), full: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one; drops the oldest where there is no place.
    pub(crate) fn push(&self, record: Record) {
        let mut state = self.lock();
        if state.waiting.len() >= self.capacity {
            state.waiting.pop_front();
            state.tally.dropped += 1;
        }
        state.waiting.push_back(record);
        if state.waiting.len() == BATCH.min(self.capacity) {
            drop(state);
            self.full.notify_one();
        }
    }

    /// The oldest ones. They are under way until [`settle`](Self::settle).
    pub(crate) fn take(&self) -> Vec<Record> {
        let mut state = self.lock();
        let count = state.waiting.len().min(BATCH);
        let batch: Vec<_> = state.waiting.drain(..count).collect();
        state.under_way = batch.len();
        batch
    }

    /// What became of those that were under way. Those in `again` wait at the front; where more came meanwhile than
    /// there is place for, they are the oldest, and dropped.
    pub(crate) fn settle(&self, delivered: usize, rejected: usize, again: Vec<Record>, error: Option<String>) {
        let mut state = self.lock();
        state.under_way = 0;
        state.tally.delivered += delivered as u64;
        state.tally.rejected += rejected as u64;
        if error.is_some() {
            state.tally.last_error = error;
        }
        for record in again.into_iter().rev() {
            if state.waiting.len() < self.capacity {
                state.waiting.push_front(record);
            } else {
                state.tally.dropped += 1;
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    pub(crate) fn has_batch(&self) -> bool {
        self.lock().waiting.len() >= BATCH.min(self.capacity)
    }

    /// What became of them until now; those that wait or are under way count as undelivered.
    pub(crate) fn tally(&self) -> Tally {
        let state = self.lock();
        Tally { undelivered: (state.waiting.len() + state.under_way) as u64, ..state.tally.clone() }
    }
}
