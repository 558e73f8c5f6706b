//! Step by step, for callers that find out what to do as they go.

use std::sync::Arc;

use fabric_txn::store::MemoryStore;
use fabric_txn::{DeploymentTransaction, End, Error, JournalStore};

use crate::support::{LATER, begin, clock, lease, options};
use crate::world::{Fault, Phase, World, create, slow, update};

#[tokio::test]
async fn what_is_performed_is_undone_in_reverse() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::with(&["b"]));
    let before = world.contents();
    let mut transaction = begin(&store, &clock).await;
    let output = transaction.perform(&world.registry(), create("a")).await.unwrap();
    assert_eq!(output["id"], world.items()["a"].id);
    transaction.perform(&world.registry(), update("b")).await.unwrap();
    transaction.perform(&world.registry(), create("c")).await.unwrap();
    let report = transaction.rollback(&world.registry(), "changed my mind", &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
    assert_eq!(world.calls(Phase::Undo), ["c", "b", "a"]);
    assert_eq!(world.contents(), before);
}

#[tokio::test]
async fn after_a_commit_nothing_is_undone() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut transaction = begin(&store, &clock).await;
    transaction.perform(&world.registry(), create("a")).await.unwrap();
    assert_eq!(transaction.commit().await.unwrap().end, End::Committed);
    drop(transaction);
    assert!(world.items().contains_key("a"));
    assert_eq!(world.calls(Phase::Undo), [""; 0]);
}

#[tokio::test]
async fn a_step_that_fails_says_why_and_prevents_the_commit() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    world.inject("a", Phase::Apply, &[Some(Fault::Refused)]);
    let mut transaction = begin(&store, &clock).await;
    let failed = transaction.perform(&world.registry(), create("a")).await.unwrap_err();
    assert_eq!(failed.to_string(), "a is not applied: refused");
    let refused = transaction.commit().await.unwrap_err();
    assert_eq!(refused.to_string(), "a is not applied: refused");
}

#[tokio::test]
async fn what_is_dropped_can_be_rolled_back_by_another_process_but_not_finished() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut dropped = begin(&store, &clock).await;
    dropped.perform(&world.registry(), create("a")).await.unwrap();
    let id = dropped.id();
    drop(dropped);
    clock.advance(LATER);
    let lease = lease(&store, &clock, "next").await.unwrap();
    let mut found = DeploymentTransaction::reopen(store, lease, id).await.unwrap();
    assert_eq!(found.report().end, End::Unfinished);
    assert!(matches!(found.resume(&world.registry(), &options()).await, Err(Error::Incomplete(_))));
    found.rollback(&world.registry(), "left behind", &options()).await.unwrap();
    assert!(world.items().is_empty());
}

#[tokio::test]
async fn a_step_whose_future_is_dropped_is_in_doubt_and_resolved() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut transaction = begin(&store, &clock).await;
    world.inject("a", Phase::Apply, &[Some(Fault::Hangs)]);
    let registry = world.registry();
    {
        let mut performing = std::pin::pin!(transaction.perform(&registry, slow(create("a"), 1)));
        for _ in 0..20 {
            assert!(futures::poll!(&mut performing).is_pending());
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(world.calls(Phase::Apply), ["a"]);
    let report = transaction.rollback(&registry, "gave up", &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
}

#[tokio::test]
async fn no_content_and_no_secret_of_a_before_image_is_in_the_journal() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    world.put("a", "canary-5e1f");
    let mut transaction = begin(&store, &clock).await;
    transaction.perform(&world.registry(), update("a")).await.unwrap();
    let journal = store.read(transaction.id()).await.unwrap().unwrap();
    let holds = |bytes: &[u8]| bytes.windows(11).any(|window| window == b"canary-5e1f");
    assert!(!holds(&journal), "only its digest is");
    assert!(holds(&store.dump()), "the before-image is stored beside it");
}
