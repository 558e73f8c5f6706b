//! What every store must do: functions over the trait, run on each of them.

use std::sync::Arc;

use fabric_txn::store::Position;
use fabric_txn::{End, JournalStore, StoreError, TransactionId, history};

use crate::support::{begin, clock, options};
use crate::world::{Fault, Phase, World, create, delete, update};

/// Everything.
pub async fn all(store: Arc<impl JournalStore>) {
    nothing_is_there_at_first(&*store).await;
    appended_lines_are_read_back(&*store).await;
    a_late_append_is_refused(&*store).await;
    of_many_writers_one_wins(&*store).await;
    keys_are_created_once(&*store).await;
    keys_are_replaced(&*store).await;
    keys_are_listed_by_folder(&*store).await;
    transactions_work(&store).await;
}

/// What a store does besides, if an append can be torn on it.
pub async fn torn_tails_are_removed(store: &dyn JournalStore) {
    let id = TransactionId::new(9);
    store.append(id, Position::default(), b"one\ntwo").await.unwrap();
    let at = Position { records: 1, bytes: 4, torn: 2 };
    assert!(matches!(store.append(id, at, b"x\n").await, Err(StoreError::Conflict(_))));
    store.append(id, Position { torn: 3, ..at }, b"2\n").await.unwrap();
    assert_eq!(store.read(id).await.unwrap().unwrap(), b"one\n2\n");
}

async fn nothing_is_there_at_first(store: &dyn JournalStore) {
    assert_eq!(store.read(TransactionId::new(1)).await.unwrap(), None);
    assert_eq!(store.get("scopes/none/lease-1").await.unwrap(), None);
    assert_eq!(store.list("scopes/none").await.unwrap(), Vec::<String>::new());
    assert_eq!(store.journals().await.unwrap(), []);
}

async fn appended_lines_are_read_back(store: &dyn JournalStore) {
    let id = TransactionId::new(1);
    store.append(id, Position::default(), b"a\nb\n").await.unwrap();
    store.append(id, Position { records: 2, bytes: 4, torn: 0 }, b"c\n").await.unwrap();
    let long = vec![b'd'; 100_000];
    store.append(id, Position { records: 3, bytes: 6, torn: 0 }, &long).await.unwrap();
    assert_eq!(store.read(id).await.unwrap().unwrap(), [b"a\nb\nc\n", &long[..]].concat());
    assert_eq!(store.journals().await.unwrap(), [id]);
}

async fn a_late_append_is_refused(store: &dyn JournalStore) {
    let id = TransactionId::new(2);
    store.append(id, Position::default(), b"a\n").await.unwrap();
    assert!(matches!(store.append(id, Position::default(), b"late\n").await, Err(StoreError::Conflict(_))));
    let at = Position { records: 1, bytes: 2, torn: 0 };
    store.append(id, at, b"b\n").await.unwrap();
    assert!(matches!(store.append(id, at, b"c\n").await, Err(StoreError::Conflict(_))));
    assert_eq!(store.read(id).await.unwrap().unwrap(), b"a\nb\n");
}

async fn of_many_writers_one_wins(store: &dyn JournalStore) {
    let id = TransactionId::new(3);
    let lines: Vec<String> = (0..8).map(|i| format!("writer {i}\n")).collect();
    let writes = lines.iter().map(|line| store.append(id, Position::default(), line.as_bytes()));
    let won = futures::future::join_all(writes).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(won, 1);
    assert_eq!(store.read(id).await.unwrap().unwrap().len(), lines[0].len());
    let creates = lines.iter().map(|line| store.create("scopes/race/lease-1", line.as_bytes()));
    let created =
        futures::future::join_all(creates).await.into_iter().filter(|created| *created.as_ref().unwrap()).count();
    assert_eq!(created, 1);
}

async fn keys_are_created_once(store: &dyn JournalStore) {
    assert!(store.create("scopes/s/opening-1", b"first").await.unwrap());
    assert!(!store.create("scopes/s/opening-1", b"second").await.unwrap());
    assert!(store.create("scopes/s/opening-1", b"first").await.unwrap(), "it is there: an answer may get lost");
    assert_eq!(store.get("scopes/s/opening-1").await.unwrap().unwrap(), b"first");
}

async fn keys_are_replaced(store: &dyn JournalStore) {
    for content in ["one", "", "three"] {
        store.replace("scopes/s/beat-1", content.as_bytes()).await.unwrap();
        assert_eq!(store.get("scopes/s/beat-1").await.unwrap().unwrap(), content.as_bytes());
    }
}

async fn keys_are_listed_by_folder(store: &dyn JournalStore) {
    store.create("scopes/list/b", b"").await.unwrap();
    store.create("scopes/list/a", b"").await.unwrap();
    store.create("scopes/list-not/c", b"").await.unwrap();
    let mut names = store.list("scopes/list").await.unwrap();
    names.sort();
    assert_eq!(names, ["a", "b"]);
}

async fn transactions_work(store: &Arc<impl JournalStore>) {
    let (clock, world) = (clock(), World::with(&["b", "c"]));
    let before = world.contents();
    let mut transaction = begin(store, &clock).await;
    world.inject("d", Phase::Apply, &[Some(Fault::Refused)]);
    let steps = vec![create("a"), update("b"), delete("c"), create("d").after(["a", "b", "c"])];
    let report = transaction.execute(steps, &world.registry(), &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
    assert_eq!(world.contents(), before);
    let entries = history(&**store).await.unwrap();
    assert_eq!(entries[0].transaction, transaction.id());
    assert_eq!(*entries[0].state.as_ref().unwrap(), transaction.state());
}
