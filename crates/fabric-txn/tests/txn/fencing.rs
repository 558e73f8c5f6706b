//! Two processes on one scope, one of which was suspended: never do both write.

use std::sync::{Arc, Mutex};

use fabric_txn::store::{FolderStore, MemoryStore, Position};
use fabric_txn::{
    DeploymentTransaction, End, Error, JournalStore, Lease, Phase as TxnPhase, StepStatus, StoreError, recover,
    unfinished,
};
use serde_json::Value;

use crate::interposed::{Call, Interposed, Then};
use crate::support::{LATER, SCOPE, begin, clock, lease, options};
use crate::world::{Fault, Phase, World, create};

#[tokio::test]
async fn an_unfinished_transaction_blocks_the_next_one() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let first = begin(&store, &clock).await;
    let id = first.id();
    drop(first);
    clock.advance(LATER);
    let lease = lease(&store, &clock, "second").await.unwrap();
    let refused = DeploymentTransaction::begin(store.clone(), lease.clone(), Value::Null).await.unwrap_err();
    assert!(matches!(&refused, Error::Unfinished { transaction, .. } if *transaction == id), "{refused}");
    assert!(refused.to_string().ends_with("resume it, roll it back or abandon it"));
    assert_eq!(unfinished(&*store, SCOPE).await.unwrap().unwrap().transaction, Some(id));
    let mut first = DeploymentTransaction::reopen(store.clone(), lease.clone(), id).await.unwrap();
    first.rollback(&World::default().registry(), "left behind", &options()).await.unwrap();
    assert_eq!(unfinished(&*store, SCOPE).await.unwrap(), None);
    let second = DeploymentTransaction::begin(store, lease, Value::Null).await.unwrap();
    assert!(second.id() > id);
}

#[tokio::test]
async fn a_suspended_writer_has_no_further_effect() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut suspended = begin(&store, &clock).await;
    suspended.register(vec![create("a")]).await.unwrap();
    clock.advance(LATER);
    let lease = lease(&store, &clock, "second").await.unwrap();
    let mut second = DeploymentTransaction::reopen(store.clone(), lease, suspended.id()).await.unwrap();
    let late = suspended.perform(&world.registry(), create("b")).await.unwrap_err();
    assert!(matches!(late, Error::Fenced(_)), "{late}");
    let later = suspended.commit().await.unwrap_err();
    assert!(matches!(later, Error::NotApplied { .. }), "{later}");
    assert!(matches!(suspended.register(vec![create("c")]).await, Err(Error::Fenced(_))));
    assert_eq!(world.calls(Phase::Apply), [""; 0]);
    let report = second.rollback(&world.registry(), "taken over", &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
}

#[tokio::test]
async fn a_lease_that_ran_out_stops_effects_even_if_nobody_took_over() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut suspended = begin(&store, &clock).await;
    clock.advance(LATER);
    let late = suspended.perform(&world.registry(), create("a")).await.unwrap_err();
    assert!(matches!(late, Error::LeaseLost { .. }), "{late}");
    assert_eq!(world.calls(Phase::Apply), [""; 0]);
}

#[tokio::test]
async fn a_writer_suspended_before_its_first_record_cannot_write_it_any_more() {
    let (inner, clock) = (Arc::new(MemoryStore::new()), clock());
    // The first process announces its transaction and is suspended before the journal's first record.
    let failing = Interposed::failing_at(&inner, 1);
    let first = lease(&failing, &clock, "first").await.unwrap();
    let begun = DeploymentTransaction::begin(failing, first, Value::Null).await;
    assert!(matches!(begun, Err(Error::JournalBroken { .. })));
    clock.advance(LATER);
    let second = lease(&inner, &clock, "second").await.unwrap();
    DeploymentTransaction::begin(inner.clone(), second, Value::Null).await.unwrap();
    let journals = inner.journals().await.unwrap();
    assert_eq!(journals.len(), 2);
    let void = *journals.iter().min().unwrap();
    let late = inner.append(void, Position::default(), b"{}\n").await;
    assert!(matches!(late, Err(StoreError::Conflict(_))));
    assert_eq!(recover(&*inner, void).await.unwrap().phase.name(), "never begun");
}

#[tokio::test]
async fn a_writer_suspended_before_it_announces_anything_is_told() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let suspended = lease(&store, &clock, "first").await.unwrap();
    clock.advance(LATER);
    let second = lease(&store, &clock, "second").await.unwrap();
    let mut done = DeploymentTransaction::begin(store.clone(), second, Value::Null).await.unwrap();
    done.commit().await.unwrap();
    let late = DeploymentTransaction::begin(store, suspended, Value::Null).await.unwrap_err();
    assert!(matches!(&late, Error::LeaseLost { by: Some(by), .. } if by == "second"), "{late}");
}

#[tokio::test]
async fn a_record_written_between_look_and_claim_is_not_lost() {
    let (inner, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let first = begin(&inner, &clock).await;
    let id = first.id();
    clock.advance(LATER);
    // The first process is a moment faster with one more record than the second with its claim.
    let faster = Mutex::new(Some(first));
    let slower = Interposed::new(&inner, move |call| {
        if matches!(call, Call::Append(_))
            && let Some(mut first) = faster.lock().unwrap().take()
        {
            futures::executor::block_on(first.register(vec![create("a")])).unwrap();
        }
        Then::Go
    });
    let second = lease(&slower, &clock, "second").await.unwrap();
    let mut second = DeploymentTransaction::reopen(slower, second, id).await.unwrap();
    assert_eq!(second.state().steps.len(), 1);
    second.rollback(&world.registry(), "taken over", &options()).await.unwrap();
}

#[tokio::test]
async fn two_deployers_never_both_write() {
    let folder = tempfile::tempdir().unwrap();
    let (store, clock, world) = (Arc::new(FolderStore::new(folder.path())), clock(), World::default());
    let deploy = async |name: &str| -> Result<End, Error> {
        let lease = lease(&store, &clock, name).await?;
        let mut transaction = DeploymentTransaction::begin(store.clone(), lease.clone(), Value::Null).await?;
        let report = transaction.execute(vec![create(name)], &world.registry(), &options()).await?;
        lease.release().await?;
        Ok(report.end)
    };
    let (a, b) = tokio::join!(deploy("a"), deploy("b"));
    let refused = [&a, &b].into_iter().filter(|end| matches!(end, Err(Error::Held { .. }))).count();
    assert_eq!(refused, 1, "{a:?} {b:?}");
    assert_eq!(world.items().len(), 1);
    assert_eq!(deploy("c").await.unwrap(), End::Committed);
}

#[tokio::test]
async fn a_transaction_of_another_scope_is_not_touched() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let first = begin(&store, &clock).await;
    let other = Lease::acquire(store.clone(), clock, "other", "second", Default::default()).await.unwrap();
    let refused = DeploymentTransaction::reopen(store, other, first.id()).await.unwrap_err();
    assert!(matches!(&refused, Error::OtherScope { .. }), "{refused}");
}

#[tokio::test]
async fn a_rollback_of_an_old_transaction_waits_for_the_newest() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut old = begin(&store, &clock).await;
    old.execute(vec![create("a")], &world.registry(), &options()).await.unwrap();
    clock.advance(LATER);
    let lease = lease(&store, &clock, "second").await.unwrap();
    let newest = DeploymentTransaction::begin(store.clone(), lease.clone(), Value::Null).await.unwrap();
    let refused = DeploymentTransaction::reopen(store, lease, old.id()).await.unwrap_err();
    assert!(matches!(refused, Error::Unfinished { transaction, .. } if transaction == newest.id()));
}

#[tokio::test]
async fn a_disk_that_is_full_stops_before_the_effect_and_leaves_the_rest_recoverable() {
    // Every append in turn fails; before it, some of the bytes arrive.
    for failing in 1..20 {
        let (inner, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::with(&["old"]));
        let full = Interposed::failing_at(&inner, failing);
        let lease = lease(&full, &clock, "first").await.unwrap();
        let Ok(mut transaction) = DeploymentTransaction::begin(full, lease, Value::Null).await else { continue };
        world.inject("c", Phase::Apply, &[Some(Fault::Refused)]);
        let steps = vec![create("a"), create("b").after(["a"]), create("c").after(["b"])];
        let ended = transaction.execute(steps, &world.registry(), &options()).await;
        if let Err(error) = &ended {
            assert!(error.to_string().contains("no space left"), "{error}");
        }
        let again = transaction.rollback(&world.registry(), "again", &options()).await;
        assert!(again.is_err(), "a broken journal stays broken");
        clock.advance(LATER);
        let next = crate::support::lease(&inner, &clock, "next").await.unwrap();
        if ended.is_ok() {
            assert!(DeploymentTransaction::begin(inner, next, Value::Null).await.is_ok());
            continue;
        }
        let mut next = DeploymentTransaction::reopen(inner, next, transaction.id()).await.unwrap();
        let report = next.rollback(&world.registry(), "disk full", &options()).await.unwrap();
        assert_eq!(report.end, End::RolledBack);
        assert_eq!(world.items().keys().collect::<Vec<_>>(), ["old"]);
    }
}

/// Whether the record is durable is not known after that, so that nothing may follow from it; and it may be read later.
#[tokio::test]
async fn a_sync_that_fails_stops_before_the_effect_and_leaves_the_rest_recoverable() {
    let mut stopped = 0;
    for failing in 2..20 {
        let (inner, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::with(&["old"]));
        let unsynced = Interposed::unsynced_at(&inner, failing);
        let mut transaction = begin(&unsynced, &clock).await;
        world.inject("c", Phase::Apply, &[Some(Fault::Refused)]);
        let steps = vec![create("a"), create("b").after(["a"]), create("c").after(["b"])];
        let Err(error) = transaction.execute(steps, &world.registry(), &options()).await else { break };
        assert!(error.to_string().contains("input/output error"), "{error}");
        let (writes, found) = (unsynced.appends(), world.items());
        assert_eq!(writes, failing, "nothing is written after it");
        let durable = recover(&*inner, transaction.id()).await.unwrap();
        for step in &durable.steps {
            let is_there = found.contains_key(step.spec.name.as_str());
            match step.status {
                StepStatus::Started => assert!(!is_there, "created, and nobody knew whether its intent is durable"),
                StepStatus::Undoing => assert!(is_there, "undone, and nobody knew whether its intent is durable"),
                _ => {}
            }
        }
        assert!(transaction.rollback(&world.registry(), "again", &options()).await.is_err(), "it stays broken");
        assert_eq!((unsynced.appends(), world.items()), (writes, found));
        clock.advance(LATER);
        let next = lease(&inner, &clock, "next").await.unwrap();
        if durable.phase != TxnPhase::RolledBack {
            let mut next = DeploymentTransaction::reopen(inner, next, transaction.id()).await.unwrap();
            assert_eq!(
                next.rollback(&world.registry(), "a sync failed", &options()).await.unwrap().end,
                End::RolledBack
            );
        }
        assert_eq!(world.items().keys().collect::<Vec<_>>(), ["old"]);
        stopped += 1;
    }
    assert!(stopped > 8, "only {stopped} syncs failed");
}
