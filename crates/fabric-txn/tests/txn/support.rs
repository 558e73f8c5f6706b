//! A transaction on a store in memory and a clock that stands still.

use std::sync::Arc;
use std::time::Duration;

use fabric_txn::store::MemoryStore;
use fabric_txn::{
    DeploymentTransaction, Error, ExecuteOptions, JournalStore, Lease, LeaseOptions, ManualClock, Report, StepSpec,
};
use serde_json::json;

use crate::world::World;

pub const SCOPE: &str = "3b2f-workspace";

/// Longer than any lease lasts.
pub const LATER: Duration = Duration::from_secs(3600);

pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(1_790_000_000_000))
}

/// Waits are no use on a clock that stands still, so there are none.
pub fn options() -> ExecuteOptions {
    ExecuteOptions { undo_wait: Duration::ZERO, ..ExecuteOptions::default() }
}

pub async fn lease(store: &Arc<impl JournalStore>, clock: &Arc<ManualClock>, holder: &str) -> Result<Lease, Error> {
    Lease::acquire(store.clone(), clock.clone(), SCOPE, holder, LeaseOptions::default()).await
}

/// Takes the lease and begins.
pub async fn begin(store: &Arc<impl JournalStore>, clock: &Arc<ManualClock>) -> DeploymentTransaction {
    let lease = lease(store, clock, "first").await.unwrap();
    DeploymentTransaction::begin(store.clone(), lease, json!({"environment": "dev"})).await.unwrap()
}

/// One transaction that went as far as it could.
pub struct Run {
    pub store: Arc<MemoryStore>,
    pub clock: Arc<ManualClock>,
    pub transaction: DeploymentTransaction,
    pub report: Report,
}

pub async fn run(world: &World, steps: Vec<StepSpec>, options: &ExecuteOptions) -> Run {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let mut transaction = begin(&store, &clock).await;
    world.watch(&store, transaction.id());
    let report = transaction.execute(steps, &world.registry(), options).await.unwrap();
    Run { store, clock, transaction, report }
}

/// Another process that comes later and takes over.
pub async fn take_over(run: &Run) -> DeploymentTransaction {
    run.clock.advance(LATER);
    let lease = lease(&run.store, &run.clock, "second").await.unwrap();
    DeploymentTransaction::reopen(run.store.clone(), lease, run.transaction.id()).await.unwrap()
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
