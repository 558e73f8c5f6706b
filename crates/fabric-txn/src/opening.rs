//! Which transaction of a scope is the one being worked on.
//!
//! `scopes/<scope>/opening-<number>`, created only if absent, tells which transaction is begun or gone on with, and under
//! which lease. Nobody opens a transaction while the one opened before has not ended.

use serde::{Deserialize, Serialize};

use crate::error::{Error, StoreError};
use crate::event::Event;
use crate::id::{TransactionId, scope_folder};
use crate::journal;
use crate::lease::Lease;
use crate::state::{Phase, State};
use crate::store::JournalStore;

#[derive(Debug, Serialize, Deserialize)]
struct Opening {
    transaction: TransactionId,
    fence: u64,
    holder: String,
    at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_up: Option<GivenUp>,
}

/// Why nobody goes on with a transaction whose journal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUp {
    /// Who decided it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Announces that the holder of `lease` begins or goes on with `transaction`.
pub(crate) async fn open(
    store: &dyn JournalStore,
    lease: &Lease,
    transaction: TransactionId,
    given_up: Option<&GivenUp>,
) -> Result<(), Error> {
    let folder = scope_folder(lease.scope());
    loop {
        let number = match latest(store, &folder).await? {
            None => 1,
            Some((number, last)) => {
                if last.fence > lease.fence() {
                    return Err(Error::LeaseLost { scope: lease.scope().to_owned(), by: Some(last.holder) });
                }
                if last.transaction != transaction && last.given_up.is_none() {
                    ensure_over(store, lease, last.transaction).await?;
                }
                number + 1
            }
        };
        lease.ensure().await?;
        let opening = Opening {
            transaction,
            fence: lease.fence(),
            holder: lease.holder().to_owned(),
            at_ms: lease.clock().now_ms(),
            given_up: given_up.cloned(),
        };
        let content = serde_json::to_vec(&opening).map_err(|error| {
            let message = error.to_string();
            StoreError::Remote { action: "write", key: "an opening".to_owned(), message }
        })?;
        if store.create(&key(&folder, number), &content).await? {
            return Ok(());
        }
    }
}

/// The transaction of `scope` that has to end before another one may begin.
///
/// # Errors
/// The store failed, or the last transaction's journal cannot be read.
pub async fn unfinished(store: &dyn JournalStore, scope: &str) -> Result<Option<State>, Error> {
    let Some((_, last)) = latest(store, &scope_folder(scope)).await? else { return Ok(None) };
    if last.given_up.is_some() {
        return Ok(None);
    }
    let state = journal::load(store, last.transaction).await?.state;
    let unfinished = !state.phase.is_over() && state.phase != Phase::NeverBegun;
    Ok(unfinished.then_some(state))
}

async fn ensure_over(store: &dyn JournalStore, lease: &Lease, transaction: TransactionId) -> Result<(), Error> {
    loop {
        let loaded = journal::load(store, transaction).await?;
        match loaded.state.phase {
            // Its writer may be suspended right before its first record, which from now on comes too late.
            Phase::NeverBegun => {
                let voided = Event::Voided { holder: lease.holder().to_owned() };
                match journal::append_first(store, lease, transaction, loaded.position, voided).await {
                    Err(Error::Store(StoreError::Conflict(_))) => {}
                    voided => return voided,
                }
            }
            phase if phase.is_over() => return Ok(()),
            _ => return Err(Error::Unfinished { transaction, scope: lease.scope().to_owned() }),
        }
    }
}

async fn latest(store: &dyn JournalStore, folder: &str) -> Result<Option<(u64, Opening)>, Error> {
    let names = store.list(folder).await?;
    let Some(number) = names.iter().filter_map(|name| name.strip_prefix("opening-")?.parse::<u64>().ok()).max() else {
        return Ok(None);
    };
    let key = key(folder, number);
    let content = store.get(&key).await?.unwrap_or_default();
    match serde_json::from_slice(&content) {
        Ok(opening) => Ok(Some((number, opening))),
        Err(error) => Err(StoreError::Remote { action: "understand", key, message: error.to_string() }.into()),
    }
}

fn key(folder: &str, number: u64) -> String {
    format!("{folder}/opening-{number:010}")
}
