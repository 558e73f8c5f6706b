//! Everything that can go wrong with a transaction, as data.

use std::io;
use std::sync::Arc;

use thiserror::Error;

use crate::graph::GraphError;
use crate::id::TransactionId;

/// Why something could not be done. Nothing was started that the journal does not tell.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another deployment holds the lease.
    #[error("{scope} is locked by {holder} for another {} s", remaining_ms.div_ceil(1000))]
    Held {
        /// What is locked.
        scope: String,
        /// Who holds it.
        holder: String,
        /// How long its lease lasts if it is not renewed, in milliseconds.
        remaining_ms: u64,
    },
    /// The lease of this process ended, so it may not write any more.
    #[error("the lease on {scope} was lost{}", by.as_ref().map(|by| format!(" to {by}")).unwrap_or_default())]
    LeaseLost {
        /// What was locked.
        scope: String,
        /// Who has it now, where that is known.
        by: Option<String>,
    },
    /// Somebody else wrote to the journal: this process must stop.
    #[error("another process goes on with transaction {0}")]
    Fenced(TransactionId),
    /// An earlier transaction has not ended.
    #[error("transaction {transaction} on {scope} has not ended: resume it, roll it back or abandon it")]
    Unfinished {
        /// Which.
        transaction: TransactionId,
        /// Where.
        scope: String,
    },
    /// There is no such transaction.
    #[error("there is no transaction {0}")]
    UnknownTransaction(TransactionId),
    /// The transaction belongs to another scope than the lease.
    #[error("transaction {transaction} is one of {scope}, not of {leased}")]
    OtherScope {
        /// Which.
        transaction: TransactionId,
        /// Its scope.
        scope: String,
        /// The scope of the lease.
        leased: String,
    },
    /// The transaction has ended, so this cannot be done to it.
    #[error("transaction {transaction} has ended: {how}")]
    Ended {
        /// Which.
        transaction: TransactionId,
        /// How.
        how: &'static str,
    },
    /// The journal cannot be trusted.
    #[error("the journal of transaction {transaction} is damaged at record {record}: {why}")]
    Damaged {
        /// Which.
        transaction: TransactionId,
        /// The first record that cannot be trusted, from 0.
        record: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The journal was written by a later version.
    #[error("transaction {transaction} has format {found}; this version reads formats up to {supported}")]
    NewerFormat {
        /// Which.
        transaction: TransactionId,
        /// The format of the journal.
        found: u32,
        /// The newest format that is understood.
        supported: u32,
    },
    /// A before-image is not there or not what was saved.
    #[error("the before-image {digest} is missing or damaged")]
    BlobDamaged {
        /// Its digest.
        digest: String,
    },
    /// An earlier write to the journal failed, so nothing more may happen.
    #[error("the journal of transaction {transaction} could not be written: {why}")]
    JournalBroken {
        /// Which.
        transaction: TransactionId,
        /// What failed.
        why: String,
    },
    /// The steps cannot be carried out.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// An irreversible step would come before others.
    #[error("{step} cannot be undone, and {needed_by} comes after it")]
    IrreversibleNotLast {
        /// Which.
        step: String,
        /// What needs it.
        needed_by: String,
    },
    /// Nobody registered a step of this kind.
    #[error("{step} is of kind {kind}, which is not registered")]
    UnknownKind {
        /// Which step.
        step: String,
        /// Its kind.
        kind: String,
    },
    /// There is no step of this name.
    #[error("there is no step {0}")]
    UnknownStep(String),
    /// A step is not applied, so the transaction cannot be committed.
    #[error("{step} is not applied{}", why.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    NotApplied {
        /// Which.
        step: String,
        /// Why, where that is known.
        why: Option<String>,
    },
    /// The process that worked on the transaction ended before it had registered all steps.
    #[error(
        "transaction {0} was interrupted before all of its steps were known: it can only be rolled back or abandoned"
    )]
    Incomplete(TransactionId),
    /// The journal does not allow this here.
    #[error(transparent)]
    Illegal(#[from] Illegal),
}

/// A record that may not follow those before it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("record {seq} is not legal here: {why}")]
pub struct Illegal {
    /// Which record.
    pub seq: u64,
    /// Why not.
    pub why: String,
}

/// What a store reports.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The journal does not end where the writer thinks it does.
    #[error("somebody else wrote to the journal {0}")]
    Conflict(TransactionId),
    /// A file could not be read or written.
    #[error("cannot {action} {path}: {cause}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// Which file.
        path: String,
        /// What the system says.
        cause: Arc<io::Error>,
    },
    /// The object store failed.
    #[error("cannot {action} {key}: {message}")]
    Remote {
        /// What was attempted.
        action: &'static str,
        /// Which object.
        key: String,
        /// What the store says.
        message: String,
    },
}
