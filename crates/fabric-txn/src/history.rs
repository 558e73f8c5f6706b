//! The transactions on record.

use futures::stream::{self, StreamExt};

use crate::error::Error;
use crate::event::Record;
use crate::id::TransactionId;
use crate::journal;
use crate::state::State;
use crate::store::JournalStore;

/// How many journals are read at a time.
const READS: usize = 8;

/// One transaction on record.
#[derive(Debug)]
pub struct Entry {
    /// Its id.
    pub transaction: TransactionId,
    /// What is known about it, or why its journal cannot be read. One bad journal hides no other.
    pub state: Result<State, Error>,
}

/// All transactions, newest first.
///
/// # Errors
/// The store cannot list its journals.
pub async fn history(store: &dyn JournalStore) -> Result<Vec<Entry>, Error> {
    let mut transactions = store.journals().await?;
    transactions.sort_unstable_by(|a, b| b.cmp(a));
    let read = |transaction| async move {
        Entry { transaction, state: journal::load(store, transaction).await.map(|loaded| loaded.state) }
    };
    Ok(stream::iter(transactions).map(read).buffered(READS).collect().await)
}

/// One transaction in full: what is known about it, and every record.
///
/// # Errors
/// There is no such transaction, or its journal cannot be read.
pub async fn show(store: &dyn JournalStore, transaction: TransactionId) -> Result<(State, Vec<Record>), Error> {
    let loaded = journal::load(store, transaction).await?;
    if !loaded.exists() {
        return Err(Error::UnknownTransaction(transaction));
    }
    Ok((loaded.state, loaded.records))
}
