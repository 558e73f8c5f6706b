//! A vault that is gone, and a vault that refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use fabric_secrets::{
    CacheSettings, CachedStore, Chain, Error, Freshness, ManualClock, Properties, Secret, SecretName, SecretStore,
    SecretString, Source, Subject, VariablesStore, Version,
};

use crate::cache::{HOUR, cached, until};
use crate::events::Events;
use crate::vault::{Fault, Vault, name};

const SECOND: Duration = Duration::from_secs(1);

fn environment() -> Arc<VariablesStore> {
    Arc::new(VariablesStore::environment(|name| (name == "DB").then(|| "from the environment".to_owned())))
}

#[tokio::test]
async fn in_an_outage_of_twice_the_time_to_live_a_secret_is_marked_stale_and_then_refused() {
    let vault = Vault::start().await;
    vault.write("db", "v");
    let (store, clock) = cached(&vault);
    let read = || async { store.get(&name("db"), &Version::latest()).await };
    read().await.unwrap();
    vault.fail(Fault::HangUp);

    clock.advance(HOUR);
    let stale = read().await.unwrap();
    assert_eq!(stale.value().expose(), "v");
    let Freshness::Stale { age, cause } = stale.freshness() else { panic!("{stale:?}") };
    assert_eq!(*age, HOUR);
    assert!(matches!(**cause, Error::Unreachable { .. }));

    let calls = vault.calls();
    assert!(read().await.unwrap().is_stale());
    assert_eq!(vault.calls(), calls, "a vault that is down is not asked at every read");

    clock.advance(HOUR - SECOND);
    assert!(read().await.unwrap().is_stale());
    clock.advance(SECOND);
    let refused = read().await.unwrap_err();
    assert!(matches!(refused, Error::Unreachable { .. }), "{refused:?}");

    vault.fail(None);
    clock.advance(60 * SECOND);
    assert!(!read().await.unwrap().is_stale());
}

#[tokio::test]
async fn a_refresh_that_fails_does_not_mark_a_secret_that_is_still_fresh() {
    let events = Events::record();
    let vault = Vault::start().await;
    vault.write("db", "v");
    let (store, clock) = cached(&vault);
    let read = || async { store.get(&name("db"), &Version::latest()).await };
    read().await.unwrap();
    vault.fail(Fault::Status(500, "InternalError", ""));
    clock.advance(50 * 60 * SECOND);
    assert!(!read().await.unwrap().is_stale());
    until(|| events.text().contains("could not be refreshed")).await;
    assert!(!read().await.unwrap().is_stale());
    assert_eq!(vault.calls(), 2, "and the vault is left alone for a while");
}

#[tokio::test]
async fn a_refusal_is_final_even_where_a_value_is_cached_and_the_environment_has_one() {
    let vault = Vault::start().await;
    vault.write("db", "v");
    let (store, clock) = cached(&vault);
    let chain = Chain::new(Arc::new(store)).or(environment());
    let read = || async { chain.get(&name("db"), &Version::latest()).await };
    assert_eq!(read().await.unwrap().value().expose(), "v");

    for (status, code) in [(403, "Forbidden"), (401, "Unauthorized")] {
        vault.fail(Fault::Status(status, code, ""));
        clock.advance(HOUR);
        let calls = vault.calls();
        for _ in 0..3 {
            let error = read().await.unwrap_err();
            assert!(matches!(error, Error::Denied { .. }), "{error:?}");
        }
        assert_eq!(vault.calls(), calls + 1, "a refusal is remembered");
    }
    vault.fail(None);
    clock.advance(30 * SECOND);
    assert_eq!(read().await.unwrap().value().expose(), "v", "the permission came back");
}

#[tokio::test]
async fn a_refusal_that_a_refresh_meets_counts_at_once() {
    let vault = Vault::start().await;
    vault.write("db", "v");
    let (store, clock) = cached(&vault);
    let read = || async { store.get(&name("db"), &Version::latest()).await };
    read().await.unwrap();
    vault.fail(Fault::Status(403, "Forbidden", "SecretDisabled"));
    clock.advance(50 * 60 * SECOND);
    let mut answer = read().await;
    assert!(answer.is_ok(), "nobody has been told yet");
    while answer.is_ok() {
        tokio::task::yield_now().await;
        answer = read().await;
    }
    assert!(answer.unwrap_err().to_string().contains("SecretDisabled"));
    assert_eq!(vault.calls(), 2);
}

#[tokio::test]
async fn without_a_token_a_stale_value_is_served_and_the_environment_is_not_asked() {
    let store = Arc::new(Scripted::default());
    let clock = ManualClock::new();
    let settings = CacheSettings { jitter: 0.0, ..Default::default() };
    let cached = CachedStore::with_clock(store.clone(), settings, Arc::new(clock.clone()));
    let chain = Chain::new(Arc::new(cached)).or(environment());
    let read = || async { chain.get(&name("db"), &Version::latest()).await };
    assert!(!read().await.unwrap().is_stale());
    clock.advance(HOUR);
    assert!(read().await.unwrap().is_stale());
    clock.advance(HOUR);
    assert!(matches!(read().await, Err(Error::NotSignedIn { .. })));
    assert_eq!(store.asked.load(Ordering::Relaxed), 3);
}

/// Gives a secret once, and then cannot sign in.
#[derive(Debug, Default)]
struct Scripted {
    asked: AtomicUsize,
}

#[async_trait]
impl SecretStore for Scripted {
    fn source(&self) -> Source {
        Source::Other("a scripted store")
    }

    async fn get(&self, name: &SecretName, _: &Version) -> Result<Secret, Error> {
        if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
            return Ok(Secret::new(SecretString::new("v".to_owned()), self.source(), Properties::default()));
        }
        let (subject, reason) = (Subject::Secret(name.clone()), "no identity".to_owned());
        Err(Error::NotSignedIn { subject, store: self.source(), reason })
    }
}

#[tokio::test]
async fn without_an_answer_first_the_stale_value_and_then_the_environment_each_with_a_warning() {
    let events = Events::record();
    let vault = Vault::start().await;
    vault.write("db", "v");
    let (store, clock) = cached(&vault);
    let chain = Chain::new(Arc::new(store)).or(environment());
    let read = || async { chain.get(&name("db"), &Version::latest()).await.unwrap() };
    read().await;
    assert_eq!(events.text(), "", "nothing to warn of");

    vault.fail(Fault::Status(503, "Down", ""));
    clock.advance(HOUR);
    assert!(read().await.is_stale());
    let warning = events.take();
    assert!(warning.contains("WARN") && warning.contains("served stale") && warning.contains("503 Down"), "{warning}");

    clock.advance(HOUR);
    let other = read().await;
    assert_eq!((other.value().expose(), other.source()), ("from the environment", &Source::Environment));
    let warning = events.take();
    assert!(warning.contains("WARN") && warning.contains("next store") && warning.contains("503 Down"), "{warning}");
}

#[tokio::test]
async fn what_the_vault_does_not_have_comes_from_the_environment_with_a_warning() {
    let events = Events::record();
    let vault = Vault::start().await;
    let chain = Chain::new(Arc::new(cached(&vault).0)).or(environment());
    let found = chain.get(&name("db"), &Version::latest()).await.unwrap();
    assert_eq!(found.source(), &Source::Environment);
    let warning = events.take();
    assert!(warning.contains("WARN") && warning.contains("there is no secret db in Key Vault"), "{warning}");
}
