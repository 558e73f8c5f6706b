//! One holder at a time, for a limited time.

use std::sync::Arc;
use std::time::Duration;

use fabric_txn::store::MemoryStore;
use fabric_txn::{Error, JournalStore, Lease, LeaseOptions};

use crate::support::{LATER, SCOPE, clock, lease};

const TTL: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn the_holder_is_named_to_others() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let held = lease(&store, &clock, "pipeline 17 on agent-4").await.unwrap();
    assert_eq!((held.fence(), held.holder(), held.scope()), (1, "pipeline 17 on agent-4", SCOPE));
    clock.advance(Duration::from_secs(20));
    let refused = lease(&store, &clock, "other").await.unwrap_err();
    assert_eq!(refused.to_string(), format!("{SCOPE} is locked by pipeline 17 on agent-4 for another 50 s"));
}

#[tokio::test]
async fn other_scopes_are_free() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    lease(&store, &clock, "first").await.unwrap();
    Lease::acquire(store, clock, "another", "second", LeaseOptions::default()).await.unwrap();
}

#[tokio::test]
async fn what_was_released_is_free_at_once() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let first = lease(&store, &clock, "first").await.unwrap();
    first.release().await.unwrap();
    first.release().await.unwrap();
    let second = lease(&store, &clock, "second").await.unwrap();
    assert_eq!(second.fence(), 2);
    assert!(matches!(first.renew().await, Err(Error::LeaseLost { by: Some(by), .. }) if by == "second"));
    assert!(matches!(first.ensure().await, Err(Error::LeaseLost { .. })));
}

#[tokio::test]
async fn it_ends_after_its_time_and_the_grace() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    lease(&store, &clock, "first").await.unwrap();
    clock.advance(TTL + GRACE - Duration::from_millis(1));
    assert!(matches!(lease(&store, &clock, "second").await, Err(Error::Held { remaining_ms: 1, .. })));
    clock.advance(Duration::from_millis(1));
    assert_eq!(lease(&store, &clock, "second").await.unwrap().fence(), 2);
}

#[tokio::test]
async fn a_renewed_lease_lasts_longer() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let first = lease(&store, &clock, "first").await.unwrap();
    for _ in 0..5 {
        clock.advance(TTL - Duration::from_millis(1));
        first.renew().await.unwrap();
        assert!(matches!(lease(&store, &clock, "second").await, Err(Error::Held { .. })));
    }
}

#[tokio::test]
async fn what_ran_out_is_not_renewed_even_if_nobody_took_it() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let first = lease(&store, &clock, "first").await.unwrap();
    clock.advance(TTL);
    assert!(matches!(first.renew().await, Err(Error::LeaseLost { by: None, .. })));
}

#[tokio::test]
async fn it_is_kept_alive_until_it_is_lost() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let first = lease(&store, &clock, "first").await.unwrap();
    let alive = first.clone();
    let kept = tokio::spawn(async move { alive.keep_alive().await });
    for beats in 1..10 {
        wait_for(|| clock.waits().len() >= beats).await;
        clock.advance(TTL / 3);
    }
    wait_for(|| clock.waits().len() >= 10).await;
    assert!(matches!(lease(&store, &clock, "second").await, Err(Error::Held { .. })));
    clock.advance(LATER);
    assert!(matches!(kept.await.unwrap(), Error::LeaseLost { .. }));
}

#[tokio::test]
async fn of_many_who_try_one_succeeds() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let names: Vec<String> = (0..10).map(|i| format!("holder {i}")).collect();
    let tries = futures::future::join_all(names.iter().map(|name| lease(&store, &clock, name))).await;
    assert_eq!(tries.iter().filter(|lease| lease.is_ok()).count(), 1);
}

#[tokio::test]
async fn who_is_late_is_told_who_was_faster() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let folder = format!("scopes/{SCOPE}");
    // Somebody claims number 1 between the look and the claim: an object nobody sees in a list yet.
    let rival = Arc::new(Faster { store: store.clone(), folder });
    let refused = lease(&rival, &clock, "late").await.unwrap_err();
    assert!(matches!(&refused, Error::Held { holder, .. } if holder == "faster"), "{refused}");
}

/// A store on which somebody else is always a little faster.
#[derive(Debug)]
struct Faster {
    store: Arc<MemoryStore>,
    folder: String,
}

#[async_trait::async_trait]
impl JournalStore for Faster {
    async fn read(&self, journal: fabric_txn::TransactionId) -> Result<Option<Vec<u8>>, fabric_txn::StoreError> {
        self.store.read(journal).await
    }
    async fn append(
        &self,
        journal: fabric_txn::TransactionId,
        at: fabric_txn::store::Position,
        lines: &[u8],
    ) -> Result<(), fabric_txn::StoreError> {
        self.store.append(journal, at, lines).await
    }
    async fn journals(&self) -> Result<Vec<fabric_txn::TransactionId>, fabric_txn::StoreError> {
        self.store.journals().await
    }
    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, fabric_txn::StoreError> {
        if key.starts_with(&self.folder) {
            let claim = String::from_utf8_lossy(content).replace("late", "faster");
            self.store.create(key, claim.as_bytes()).await?;
        }
        self.store.create(key, content).await
    }
    async fn replace(&self, key: &str, content: &[u8]) -> Result<(), fabric_txn::StoreError> {
        self.store.replace(key, content).await
    }
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, fabric_txn::StoreError> {
        self.store.get(key).await
    }
    async fn list(&self, folder: &str) -> Result<Vec<String>, fabric_txn::StoreError> {
        self.store.list(folder).await
    }
}

#[tokio::test]
async fn a_lease_that_cannot_be_read_is_respected() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    store.create(&format!("scopes/{SCOPE}/lease-0000000001"), b"{\"v\":9}").await.unwrap();
    assert!(matches!(lease(&store, &clock, "next").await, Err(Error::Held { .. })));
}

#[tokio::test]
async fn a_heartbeat_that_was_torn_counts_as_none() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    lease(&store, &clock, "first").await.unwrap();
    store.replace(&format!("scopes/{SCOPE}/beat-0000000001"), b"").await.unwrap();
    assert!(matches!(lease(&store, &clock, "next").await, Err(Error::Held { .. })));
    clock.advance(TTL + GRACE);
    lease(&store, &clock, "next").await.unwrap();
}

async fn wait_for(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}
