//! The cache: how often the store is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fabric_secrets::{CacheSettings, CachedStore, Error, ManualClock, SecretStore, Version};
use tokio::sync::Semaphore;

use crate::vault::{Fault, Vault, name};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// A cache without chance in front of the vault.
pub(crate) fn cached(vault: &Vault) -> (CachedStore, ManualClock) {
    let clock = ManualClock::new();
    let settings = CacheSettings { jitter: 0.0, ..CacheSettings::default() };
    (CachedStore::with_clock(Arc::new(vault.store()), settings, Arc::new(clock.clone())), clock)
}

async fn value(store: &CachedStore) -> String {
    store.get(&name("db"), &Version::latest()).await.unwrap().value().expose().to_owned()
}

/// Lets background work go on until `condition` holds.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("the condition holds in the end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_concurrent_first_reads_are_one_call() {
    let vault = Vault::start().await;
    vault.write("db", "v");
    let gate = Arc::new(Semaphore::new(0));
    vault.world().gate = Some(Arc::clone(&gate));
    let (store, _clock) = cached(&vault);
    let started = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = (0..1_000)
        .map(|_| {
            let (store, started) = (store.clone(), Arc::clone(&started));
            tokio::spawn(async move {
                started.fetch_add(1, Ordering::SeqCst);
                value(&store).await
            })
        })
        .collect();
    until(|| started.load(Ordering::SeqCst) == 1_000 && vault.calls() == 1).await;
    gate.add_permits(1_000);
    for reader in readers {
        assert_eq!(reader.await.unwrap(), "v");
    }
    assert_eq!((vault.calls(), vault.world().challenges), (1, 1));
}

#[tokio::test]
async fn a_reader_that_gives_up_leaves_its_turn_to_the_next() {
    let vault = Vault::start().await;
    vault.write("db", "v");
    let gate = Arc::new(Semaphore::new(0));
    vault.world().gate = Some(Arc::clone(&gate));
    let (store, _clock) = cached(&vault);
    let reader = |store: CachedStore| tokio::spawn(async move { value(&store).await });
    let first = reader(store.clone());
    until(|| vault.calls() == 1).await;
    let second = reader(store.clone());
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.add_permits(2);
    assert_eq!(second.await.unwrap(), "v");
    assert_eq!(vault.calls(), 2);
}

#[tokio::test]
async fn a_thousand_concurrent_reads_of_a_vault_that_is_down_are_one_call() {
    let vault = Vault::start().await;
    vault.fail(Fault::Status(503, "Down", ""));
    let (store, clock) = cached(&vault);
    let read = || async { store.get(&name("db"), &Version::latest()).await };
    for answer in futures::future::join_all((0..1_000).map(|_| read())).await {
        assert!(matches!(answer, Err(Error::Unreachable { .. })));
    }
    assert_eq!(vault.calls(), 1);
    clock.advance(Duration::from_secs(1));
    vault.fail(None);
    vault.write("db", "up again");
    assert_eq!(value(&store).await, "up again");
}

#[tokio::test]
async fn every_spelling_and_one_hour_are_one_call() {
    let vault = Vault::start().await;
    vault.write("db-key", "v");
    let (store, clock) = cached(&vault);
    for spelling in ["db-key", "DB_KEY", "Db-Key"] {
        store.get(&name(spelling), &Version::latest()).await.unwrap();
        clock.advance(10 * MINUTE);
    }
    assert_eq!(vault.calls(), 1);
    store.get(&name("db-key"), &Version::pinned("v1").unwrap()).await.unwrap();
    assert_eq!(vault.calls(), 2, "a version is a secret of its own");
    clock.advance(HOUR);
    store.get(&name("db-key"), &Version::latest()).await.unwrap();
    assert_eq!(vault.calls(), 3, "the time to live is over");
}

#[tokio::test]
async fn a_read_near_expiry_is_served_at_once_and_refreshes_in_the_background() {
    let vault = Vault::start().await;
    vault.write("db", "old");
    let (store, clock) = cached(&vault);
    assert_eq!(value(&store).await, "old");
    vault.write("db", "new");
    let gate = Arc::new(Semaphore::new(0));
    vault.world().gate = Some(Arc::clone(&gate));

    clock.advance(49 * MINUTE);
    assert_eq!((value(&store).await, value(&store).await), ("old".to_owned(), "old".to_owned()));
    until(|| vault.calls() == 2).await;
    assert_eq!(value(&store).await, "old", "the vault has not answered yet, and nobody waits for it");
    gate.add_permits(1);
    let refreshed = store.clone();
    let fetched = async {
        while value(&refreshed).await == "old" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(MINUTE, fetched).await.unwrap();
    clock.advance(47 * MINUTE);
    assert_eq!(value(&store).await, "new");
    assert_eq!(vault.calls(), 2, "one refresh, however many readers");
}

#[tokio::test]
async fn what_is_not_there_is_remembered_for_half_a_minute() {
    let vault = Vault::start().await;
    let (store, clock) = cached(&vault);
    let read = || async { store.get(&name("db"), &Version::latest()).await };
    for _ in 0..3 {
        assert!(matches!(read().await, Err(Error::NotFound { .. })));
    }
    assert_eq!(vault.calls(), 1);
    vault.write("db", "now");
    clock.advance(Duration::from_secs(30));
    assert_eq!(value(&store).await, "now");
}

#[tokio::test]
async fn a_rotation_that_a_hundred_workers_meet_is_one_refetch() {
    let vault = Vault::start().await;
    vault.write("db", "old");
    let (store, clock) = cached(&vault);
    let old = store.get(&name("db"), &Version::latest()).await.unwrap();
    vault.write("db", "new");

    let workers = (0..100).map(|_| async {
        store.invalidate(&name("DB"), &old).await;
        value(&store).await
    });
    assert!(futures::future::join_all(workers).await.iter().all(|value| value == "new"));
    assert_eq!(vault.calls(), 2);
    assert!(!store.invalidate(&name("db"), &old).await, "it has been replaced already");

    // What the vault confirmed a moment ago is not asked for again and again.
    let new = store.get(&name("db"), &Version::latest()).await.unwrap();
    assert!(store.invalidate(&name("db"), &new).await);
    let confirmed = store.get(&name("db"), &Version::latest()).await.unwrap();
    assert!(!store.invalidate(&name("db"), &confirmed).await);
    clock.advance(Duration::from_secs(30));
    assert!(store.invalidate(&name("db"), &confirmed).await);
    assert_eq!(vault.calls(), 3);
}

#[tokio::test]
async fn an_answer_from_before_an_invalidation_is_not_kept() {
    let vault = Vault::start().await;
    vault.write("db", "old");
    let (store, clock) = cached(&vault);
    let old = store.get(&name("db"), &Version::latest()).await.unwrap();
    let gate = Arc::new(Semaphore::new(0));
    vault.world().gate = Some(Arc::clone(&gate));
    clock.advance(49 * MINUTE);
    value(&store).await;
    until(|| vault.calls() == 2).await;

    assert!(store.invalidate(&name("db"), &old).await);
    let reader = tokio::spawn(async move { value(&store).await });
    gate.add_permits(1);
    until(|| vault.calls() == 3).await;
    vault.write("db", "new");
    gate.add_permits(1);
    assert_eq!(reader.await.unwrap(), "new");
}
