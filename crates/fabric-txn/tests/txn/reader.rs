//! What must be true of any bytes that somebody puts where a journal should be.
//!
//! The fuzz target and the test that reads the kept journals again both call [`read`].

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use fabric_txn::store::MemoryStore;
use fabric_txn::{
    DeploymentTransaction, End, Error, ExecuteOptions, Failure, Finding, JournalStore, Lease, LeaseOptions,
    ManualClock, Outcome, Phase, Registry, Reversibility, State, Step, StepContext, TransactionId, recover,
};
use futures::executor::block_on;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Reads `bytes` as they are, and once more with checksums and numbers that add up, so that what follows the checksums
/// is reached as well.
pub fn read(bytes: &[u8]) {
    block_on(async {
        check(bytes).await;
        check(&sealed(bytes)).await;
    });
}

/// What bytes say as a journal; nothing if they are none.
pub async fn state_of(bytes: &[u8]) -> Option<State> {
    let (store, id) = stored(bytes)?;
    match recover(&store, id).await {
        Ok(state) => Some(state),
        Err(Error::Damaged { .. } | Error::NewerFormat { .. }) => None,
        Err(other) => panic!("{other:?}"),
    }
}

async fn check(bytes: &[u8]) {
    let Some(state) = state_of(bytes).await else { return };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let lines = bytes[..whole].iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(state.records, lines as u64, "every line that was acknowledged counts");
    if lines > 0 {
        assert_eq!(state_of(&bytes[..whole]).await.as_ref(), Some(&state), "an unfinished line says nothing");
        let last = bytes[..whole - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        assert!(
            last == 0 || state_of(&bytes[..last]).await.is_some(),
            "what can be read can be read without its last record"
        );
    }
    if let Some((store, id)) = stored(bytes) {
        goes_on(Arc::new(store), id, &state).await;
    }
}

/// A store with `bytes` as the journal of the transaction that its first record names.
fn stored(bytes: &[u8]) -> Option<(MemoryStore, TransactionId)> {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let named = record_of(first)?.pointer("/event/transaction")?.as_str()?.parse().ok();
    let (store, id) = (MemoryStore::new(), named.unwrap_or_else(|| TransactionId::new(0)));
    store.set_journal(id, bytes.to_vec());
    Some((store, id))
}

/// Whatever a journal says that folds, somebody can roll it back, or is told why not.
async fn goes_on(store: Arc<MemoryStore>, id: TransactionId, state: &State) {
    let clock = Arc::new(ManualClock::new(1_790_000_000_000));
    let lease = Lease::acquire(store.clone(), clock, &state.scope, "a test", LeaseOptions::default()).await.unwrap();
    let mut transaction = match DeploymentTransaction::reopen(store.clone(), lease, id).await {
        Ok(transaction) => transaction,
        Err(Error::Ended { .. }) if state.phase.is_over() || state.phase == Phase::NeverBegun => return,
        Err(Error::Fenced(_)) if state.fence > 1 => return,
        Err(other) => panic!("{other:?}"),
    };
    let undone = Undone::default();
    let kinds = state.steps.iter().map(|step| step.spec.kind.clone());
    let registry = kinds.fold(Registry::new(), |registry, kind| registry.with(kind, undone.clone()));
    let options = ExecuteOptions { undo_wait: Duration::ZERO, ..ExecuteOptions::default() };
    let report = transaction.rollback(&registry, "a test", &options).await.unwrap();
    let is_irreversible = |step: &fabric_txn::StepState| {
        step.reversibility == Some(Reversibility::Irreversible) && !step.status.is_clear()
    };
    match report.end {
        End::RolledBack => assert!(report.left.is_empty()),
        End::Stuck => assert!(report.steps.iter().any(is_irreversible), "{report:?}"),
        other => panic!("{other:?}"),
    }
    let journal = store.read(id).await.unwrap().unwrap();
    assert_eq!(state_of(&journal).await, Some(transaction.state()), "what was written can be read");
}

/// Steps whose effects are there until they are undone.
#[derive(Debug, Clone, Default)]
struct Undone(Arc<Mutex<HashSet<String>>>);

#[async_trait]
impl Step for Undone {
    fn reversibility(&self, _: &Value) -> Reversibility {
        Reversibility::Reversible
    }

    async fn apply(&self, _: &StepContext<'_>) -> Outcome {
        Outcome::NotApplied(Failure::new("nothing is applied here"))
    }

    async fn probe(&self, context: &StepContext<'_>) -> Finding {
        let is_undone = self.0.lock().unwrap().contains(context.name());
        if is_undone { Finding::NotApplied } else { Finding::Applied(Value::Null) }
    }

    async fn undo(&self, context: &StepContext<'_>) -> Result<Value, Failure> {
        self.0.lock().unwrap().insert(context.name().to_owned());
        Ok(Value::Null)
    }
}

/// The records of `bytes`, numbered anew and with checksums that fit; what is no record is left out.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let (mut sum, mut lines) = (String::new(), Vec::new());
    for (seq, mut record) in bytes.split(|byte| *byte == b'\n').filter_map(record_of).enumerate() {
        record["seq"] = seq.into();
        let record = record.to_string();
        let digest = Sha256::new().chain_update(&sum).chain_update(&record).finalize();
        sum = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        lines.extend_from_slice(format!("{{\"v\":1,\"sum\":\"{sum}\",\"record\":{record}}}\n").as_bytes());
    }
    lines
}

/// The record of a line, sealed or not.
fn record_of(line: &[u8]) -> Option<Value> {
    let line: Value = serde_json::from_slice(line).ok()?;
    let record = line.get("record").cloned().unwrap_or(line);
    record.is_object().then_some(record)
}
