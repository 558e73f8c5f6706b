//! What a step can ask and record while it runs, and what of it another process finds.

use std::sync::Arc;

use async_trait::async_trait;
use fabric_txn::store::MemoryStore;
use fabric_txn::{
    DeploymentTransaction, End, Error, Failure, Finding, Outcome, Registry, Reversibility, Step, StepContext, StepSpec,
};
use serde_json::{Value, json};

use crate::support::{LATER, begin, clock, lease, options};

/// Starts an operation, notes its id, and loses the answer; its probe finds the operation by that note.
struct Operation;

#[async_trait]
impl Step for Operation {
    fn reversibility(&self, _: &Value) -> Reversibility {
        Reversibility::Reversible
    }

    async fn apply(&self, context: &StepContext<'_>) -> Outcome {
        assert_eq!(context.attempt(), 1);
        assert_eq!(context.output_of("elsewhere"), None);
        if let Err(error) = context.note(json!({"operation": 7})).await {
            return Outcome::NotApplied(error.into());
        }
        match context.ensure_leased().await {
            Ok(()) => std::future::pending().await,
            Err(error) => Outcome::NotApplied(error.into()),
        }
    }

    async fn probe(&self, context: &StepContext<'_>) -> Finding {
        match context.notes().first() {
            Some(note) if context.output().is_null() => Finding::Applied(note.clone()),
            _ => Finding::NotApplied,
        }
    }

    async fn undo(&self, context: &StepContext<'_>) -> Result<Value, Failure> {
        assert_eq!(context.before("nothing of the kind").await?, None);
        Ok(context.output())
    }
}

#[tokio::test]
async fn what_a_step_noted_is_there_for_the_probe_of_another_process() {
    let (store, clock, registry) =
        (Arc::new(MemoryStore::new()), clock(), Registry::new().with("operation", Operation));
    assert_eq!(format!("{registry:?}"), "{\"operation\"}");
    let mut killed = begin(&store, &clock).await;
    {
        let step = StepSpec::new("a", "operation", Value::Null);
        let mut performing = std::pin::pin!(killed.perform(&registry, step));
        for _ in 0..20 {
            assert!(futures::poll!(&mut performing).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let id = killed.id();
    drop(killed);
    clock.advance(LATER);
    let lease = lease(&store, &clock, "next").await.unwrap();
    let mut next = DeploymentTransaction::reopen(store, lease, id).await.unwrap();
    assert_eq!(next.state().step("a").unwrap().notes, [json!({"operation": 7})]);
    let report = next.rollback(&registry, "killed", &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
    assert_eq!(report.steps[0].undo_output, json!({"operation": 7}));
}

#[tokio::test]
async fn a_kind_that_is_not_registered_stops_a_recovery_before_it_starts() {
    let (store, clock, registry) =
        (Arc::new(MemoryStore::new()), clock(), Registry::new().with("operation", Operation));
    let mut transaction = begin(&store, &clock).await;
    {
        let step = StepSpec::new("a", "operation", Value::Null);
        let mut performing = std::pin::pin!(transaction.perform(&registry, step));
        for _ in 0..20 {
            assert!(futures::poll!(&mut performing).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let refused = transaction.rollback(&Registry::new(), "killed", &options()).await;
    assert!(matches!(refused, Err(Error::UnknownKind { step, .. }) if step == "a"));
    let report = transaction.resume(&registry, &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
}
