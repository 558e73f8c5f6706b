//! Journals that cannot be trusted are named, and block nobody else.

use fabric_txn::store::{MemoryStore, Position};
use fabric_txn::{
    DeploymentTransaction, Error, GivenUp, JournalStore, TransactionId, give_up, history, recover, show, unfinished,
};
use serde_json::Value;

use crate::support::{LATER, Run, SCOPE, lease, options, run};
use crate::world::{World, create};

async fn committed() -> (World, Run) {
    let world = World::default();
    let run = run(&world, vec![create("a"), create("b")], &options()).await;
    (world, run)
}

async fn bytes(run: &Run) -> Vec<u8> {
    run.store.read(run.transaction.id()).await.unwrap().unwrap()
}

fn given_up() -> GivenUp {
    GivenUp { by: "operator".to_owned(), reason: "checked by hand".to_owned() }
}

#[tokio::test]
async fn damage_is_reported_with_its_place_and_never_guessed_around() {
    let (_, run) = committed().await;
    let mut damaged = bytes(&run).await;
    let third = damaged.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 60;
    damaged[third] ^= 0x20;
    run.store.set_journal(run.transaction.id(), damaged);
    let error = recover(&*run.store, run.transaction.id()).await.unwrap_err();
    assert!(matches!(&error, Error::Damaged { record: 2, .. }), "{error}");
    run.clock.advance(LATER);
    let lease = lease(&run.store, &run.clock, "next").await.unwrap();
    let refused = DeploymentTransaction::reopen(run.store.clone(), lease, run.transaction.id()).await.unwrap_err();
    assert!(matches!(refused, Error::Damaged { .. }));
}

#[tokio::test]
async fn one_bad_journal_hides_no_other() {
    let (world, run) = committed().await;
    run.clock.advance(LATER);
    let next = lease(&run.store, &run.clock, "next").await.unwrap();
    let mut second = DeploymentTransaction::begin(run.store.clone(), next, Value::Null).await.unwrap();
    second.execute(vec![create("c")], &world.registry(), &options()).await.unwrap();
    run.store.set_journal(run.transaction.id(), b"rubbish\n".to_vec());
    let entries = history(&*run.store).await.unwrap();
    assert_eq!(entries[0].transaction, second.id());
    assert_eq!(entries[0].state.as_ref().unwrap().phase.name(), "committed");
    assert!(matches!(entries[1].state, Err(Error::Damaged { record: 0, .. })));
}

#[tokio::test]
async fn a_bad_journal_blocks_its_scope_until_it_is_given_up() {
    let (_, run) = committed().await;
    let id = run.transaction.id();
    run.store.set_journal(id, b"{\"v\":7,\"something\":\"new\"}\n".to_vec());
    run.clock.advance(LATER);
    let lease = lease(&run.store, &run.clock, "next").await.unwrap();
    let refused = DeploymentTransaction::begin(run.store.clone(), lease.clone(), Value::Null).await.unwrap_err();
    assert_eq!(refused.to_string(), format!("transaction {id} has format 7; this version reads formats up to 1"));
    assert!(unfinished(&*run.store, SCOPE).await.is_err());
    give_up(&*run.store, &lease, id, &given_up()).await.unwrap();
    assert_eq!(unfinished(&*run.store, SCOPE).await.unwrap(), None);
    DeploymentTransaction::begin(run.store.clone(), lease, Value::Null).await.unwrap();
    assert_eq!(bytes(&run).await, b"{\"v\":7,\"something\":\"new\"}\n", "it is kept as it is");
}

#[tokio::test]
async fn what_can_be_read_is_not_given_up() {
    let (_, run) = committed().await;
    let lease = lease(&run.store, &run.clock, "next").await;
    assert!(matches!(lease, Err(Error::Held { .. })));
    run.clock.advance(LATER);
    let lease = crate::support::lease(&run.store, &run.clock, "next").await.unwrap();
    let refused = give_up(&*run.store, &lease, run.transaction.id(), &given_up()).await.unwrap_err();
    assert!(refused.to_string().ends_with("has ended: committed"), "{refused}");
    let unknown = give_up(&*run.store, &lease, TransactionId::new(0), &given_up()).await;
    assert!(matches!(unknown, Err(Error::UnknownTransaction(_))));
}

#[tokio::test]
async fn an_unknown_id_is_called_that() {
    let (store, id) = (MemoryStore::new(), TransactionId::new(0));
    assert!(matches!(recover(&store, id).await, Err(Error::UnknownTransaction(_))));
    assert!(matches!(show(&store, id).await, Err(Error::UnknownTransaction(_))));
    let (_, run) = committed().await;
    run.clock.advance(LATER);
    let lease = lease(&run.store, &run.clock, "next").await.unwrap();
    let refused = DeploymentTransaction::reopen(run.store.clone(), lease, id).await;
    assert!(matches!(refused, Err(Error::UnknownTransaction(_))));
}

#[tokio::test]
async fn one_transaction_is_shown_in_full() {
    let (_, run) = committed().await;
    let (state, records) = show(&*run.store, run.transaction.id()).await.unwrap();
    assert_eq!(state, run.transaction.state());
    assert_eq!(state.meta, serde_json::json!({"environment": "dev"}));
    assert_eq!(records.len() as u64, state.records);
    assert!(records.iter().all(|record| record.fence == 1));
}

#[tokio::test]
async fn a_journal_in_the_wrong_place_is_noticed() {
    let (_, run) = committed().await;
    let other = TransactionId::new(1);
    run.store.set_journal(other, bytes(&run).await);
    let error = recover(&*run.store, other).await.unwrap_err();
    assert!(error.to_string().ends_with("it is the journal of another transaction"), "{error}");
}

#[tokio::test]
async fn an_opening_that_cannot_be_read_stops_its_scope_only() {
    let (_, run) = committed().await;
    run.store.create(&format!("scopes/{SCOPE}/opening-0000000009"), b"?").await.unwrap();
    let error = unfinished(&*run.store, SCOPE).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot understand scopes/"), "{error}");
    assert!(unfinished(&*run.store, "other").await.unwrap().is_none());
}

#[tokio::test]
async fn arbitrary_bytes_never_panic() {
    use proptest::prelude::*;
    let (_, run) = committed().await;
    let good = bytes(&run).await;
    proptest!(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }, |(
        noise in prop::collection::vec(any::<u8>(), 0..200),
        keep in 0..good.len(),
    )| {
        let (store, id) = (MemoryStore::new(), run.transaction.id());
        let content = [&good[..keep], &noise[..]].concat();
        futures::executor::block_on(store.append(id, Position::default(), &content)).unwrap();
        match futures::executor::block_on(recover(&store, id)) {
            Ok(state) => prop_assert!(state.records <= run.transaction.state().records),
            Err(error) => prop_assert!(matches!(error, Error::Damaged { .. } | Error::NewerFormat { .. }), "{}", error),
        }
    });
}
