//! Many records become durable in few writes, and a write that was cut off ends the writer.

use std::sync::Arc;

use fabric_txn::store::MemoryStore;
use fabric_txn::{DeploymentTransaction, End, Error};

use crate::interposed::{Call, Interposed, Then};
use crate::support::{LATER, begin, clock, lease, options};
use crate::world::{World, create, update};

fn slow_writes(inner: &Arc<MemoryStore>) -> Arc<Interposed> {
    Interposed::new(inner, |call| if matches!(call, Call::Append(_)) { Then::Yield(5) } else { Then::Go })
}

#[tokio::test]
async fn records_that_wait_for_a_write_share_the_next() {
    let (store, world) = (slow_writes(&Arc::new(MemoryStore::new())), World::default());
    let mut transaction = begin(&store, &clock()).await;
    let steps = (0..64).map(|i| create(&format!("n{i}"))).collect();
    transaction.execute(steps, &world.registry(), &options()).await.unwrap();
    let (records, writes) = (transaction.state().records, store.appends());
    assert!(records > 190, "{records}");
    assert!(writes < 40, "{writes} writes for {records} records");
}

#[tokio::test]
async fn a_writer_whose_write_was_cut_off_writes_nothing_more() {
    let (inner, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let store = slow_writes(&inner);
    let mut transaction = begin(&store, &clock).await;
    {
        let mut cut_off = std::pin::pin!(transaction.register(vec![create("a")]));
        while store.appends() < 2 {
            assert!(futures::poll!(&mut cut_off).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let refused = transaction.register(vec![create("b")]).await.unwrap_err().to_string();
    assert!(refused.ends_with("a write was interrupted"), "{refused}");
    clock.advance(LATER);
    let lease = lease(&inner, &clock, "next").await.unwrap();
    let mut next = DeploymentTransaction::reopen(inner, lease, transaction.id()).await.unwrap();
    let report = next.rollback(&world.registry(), "cut off", &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
}

#[tokio::test]
async fn a_before_image_that_cannot_be_saved_prevents_the_effect() {
    let (inner, world) = (Arc::new(MemoryStore::new()), World::with(&["a"]));
    let full = Interposed::new(&inner, |call| match call {
        Call::Create(key, _) if key.starts_with("blobs/") => Then::Fail,
        _ => Then::Go,
    });
    let mut transaction = begin(&full, &clock()).await;
    let failed = transaction.perform(&world.registry(), update("a")).await.unwrap_err();
    assert!(matches!(&failed, Error::NotApplied { .. }));
    assert!(failed.to_string().ends_with("cannot write the disk: no space left on device"), "{failed}");
    assert_eq!(world.contents()["a"], "old a");
}
