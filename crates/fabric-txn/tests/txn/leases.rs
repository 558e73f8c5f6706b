//! One holder at a time, for a limited time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use fabric_txn::store::MemoryStore;
use fabric_txn::{Clock, Error, JournalStore, Lease, LeaseOptions};

use crate::interposed::{Call, Interposed, Then};
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
async fn work_that_takes_longer_than_a_lease_is_done_under_it_all_the_same() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let held = lease(&store, &clock, "first").await.unwrap();
    let (done, until_done) = tokio::sync::oneshot::channel();
    let working = held.clone();
    let work = tokio::spawn(async move { working.held_during(until_done).await });
    for beats in 1..10 {
        wait_for(|| clock.waits().len() >= beats).await;
        clock.advance(TTL / 3);
    }
    wait_for(|| clock.waits().len() >= 10).await;
    done.send("done").unwrap();
    assert_eq!(work.await.unwrap().unwrap(), Ok("done"));
    assert!(held.holds());
}

#[tokio::test]
async fn work_is_dropped_when_its_lease_is_lost() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let held = lease(&store, &clock, "first").await.unwrap();
    let work = tokio::spawn(async move { held.held_during(std::future::pending::<()>()).await });
    wait_for(|| !clock.waits().is_empty()).await;
    clock.advance(LATER);
    assert!(matches!(work.await.unwrap(), Err(Error::LeaseLost { .. })));
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
    let rival = Interposed::new(&store.clone(), move |call| {
        if let Call::Create(key, claim) = call {
            let claim = String::from_utf8_lossy(claim).replace("late", "faster");
            futures::executor::block_on(store.create(key, claim.as_bytes())).unwrap();
        }
        Then::Go
    });
    let refused = lease(&rival, &clock, "late").await.unwrap_err();
    assert!(matches!(&refused, Error::Held { holder, .. } if holder == "faster"), "{refused}");
}

#[tokio::test]
async fn an_outage_of_the_store_costs_nothing_while_the_lease_lasts() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let down = Interposed::new(&store, |call| if matches!(call, Call::Replace) { Then::Fail } else { Then::Go });
    let held = lease(&down, &clock, "first").await.unwrap();
    clock.advance(TTL - Duration::from_secs(1));
    assert!(matches!(held.renew().await, Err(Error::Store(_))));
    held.ensure().await.unwrap();
    clock.advance(Duration::from_secs(1));
    assert!(matches!(held.ensure().await, Err(Error::LeaseLost { .. })));
    assert!(matches!(held.release().await, Ok(())), "nothing is left to release");
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

#[tokio::test]
async fn a_holder_knows_without_asking_when_its_time_is_over() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let lease = lease(&store, &clock, "first").await.unwrap();
    clock.advance(TTL - Duration::from_millis(1));
    assert!(lease.holds());
    lease.renew().await.unwrap();
    clock.advance(TTL - Duration::from_millis(1));
    assert!(lease.holds());
    clock.advance(Duration::from_millis(1));
    assert!(!lease.holds());
}

#[tokio::test]
async fn what_was_given_back_is_held_no_more() {
    let (store, clock) = (Arc::new(MemoryStore::new()), clock());
    let lease = lease(&store, &clock, "first").await.unwrap();
    lease.release().await.unwrap();
    assert!(!lease.holds());
}

/// A calendar that somebody sets, and a steady clock.
#[derive(Debug, Default)]
struct SetBack {
    calendar: AtomicU64,
    steady: AtomicU64,
}

#[async_trait]
impl Clock for SetBack {
    fn now_ms(&self) -> u64 {
        self.calendar.load(Ordering::SeqCst)
    }

    fn steady_ms(&self) -> u64 {
        self.steady.load(Ordering::SeqCst)
    }

    async fn sleep(&self, _: Duration) {}
}

#[tokio::test]
async fn a_calendar_that_is_set_back_prolongs_no_lease() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(SetBack::default()));
    clock.calendar.store(7_200_000, Ordering::SeqCst);
    let lease = Lease::acquire(store, clock.clone(), SCOPE, "first", LeaseOptions::default()).await.unwrap();
    clock.calendar.store(3_600_000, Ordering::SeqCst);
    clock.steady.store(59_999, Ordering::SeqCst);
    assert!(lease.holds());
    clock.steady.store(60_000, Ordering::SeqCst);
    assert!(!lease.holds());
    assert!(matches!(lease.ensure().await, Err(Error::LeaseLost { .. })));
    assert!(matches!(lease.renew().await, Err(Error::LeaseLost { .. })));
}
