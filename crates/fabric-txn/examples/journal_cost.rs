//! Measures what a journal costs: `cargo run --release -p fabric-txn --example journal_cost [STEPS]`.
//!
//! Prints how long it takes to write a journal in a folder, and to recover from it before anything else can be done.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement prints, and reads a real clock")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use fabric_txn::store::FolderStore;
use fabric_txn::{
    DeploymentTransaction, ExecuteOptions, Failure, Finding, Lease, LeaseOptions, Outcome, Registry, Reversibility,
    Step, StepContext, StepSpec, SystemClock, TransactionId, recover,
};
use serde_json::{Value, json};

/// Takes as long as a request.
struct Request(Duration);

#[async_trait]
impl Step for Request {
    fn reversibility(&self, _payload: &Value) -> Reversibility {
        Reversibility::Reversible
    }

    async fn apply(&self, context: &StepContext<'_>) -> Outcome {
        tokio::time::sleep(self.0).await;
        Outcome::Applied(json!({"id": context.name(), "requestId": "0f8fad5b-d9cb-469f-a165-70867728950e"}))
    }

    async fn probe(&self, _context: &StepContext<'_>) -> Finding {
        Finding::NotApplied
    }

    async fn undo(&self, _context: &StepContext<'_>) -> Result<Value, Failure> {
        Ok(Value::Null)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(2_000), |count| count.parse())?;
    let root = std::env::temp_dir().join(format!("journal-cost-{}", TransactionId::new(0)));
    let store = Arc::new(FolderStore::new(&root));
    let clock = Arc::new(SystemClock);
    let lease = Lease::acquire(store.clone(), clock, "cost", "measurement", LeaseOptions::default()).await?;
    let payload =
        json!({"type": "Notebook", "name": "Sales by region", "definition": "sha256:".to_owned() + &"0".repeat(64)});
    let options = ExecuteOptions { verify: false, ..ExecuteOptions::default() };
    for latency in [Duration::ZERO, Duration::from_millis(100)] {
        let steps = (0..count).map(|i| {
            let step = StepSpec::new(format!("item {i}"), "request", payload.clone());
            if i < 16 { step } else { step.after([format!("item {}", i - 16)]) }
        });
        let steps: Vec<StepSpec> = steps.collect();
        let registry = Registry::new().with("request", Request(latency));
        let mut transaction = DeploymentTransaction::begin(store.clone(), lease.clone(), Value::Null).await?;
        let started = Instant::now();
        transaction.execute(steps, &registry, &options).await?;
        let (wall, alone) = (started.elapsed(), latency * u32::try_from(count.div_ceil(options.concurrency))?);
        let started = Instant::now();
        let state = recover(&*store, transaction.id()).await?;
        let recovered = started.elapsed();
        println!(
            "{count} steps of {latency:?}, {} at a time: {wall:.2?} ({alone:.2?} without a journal); {} records, {} KiB; recovered in {recovered:.2?}",
            options.concurrency,
            state.records,
            std::fs::metadata(store.journal_path(transaction.id()))?.len() / 1024,
        );
    }
    std::fs::remove_dir_all(root)?;
    Ok(())
}
