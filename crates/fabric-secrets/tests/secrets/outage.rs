//! A vault that is gone, and a vault that refuses.

use std::sync::Arc;
use std::time::Duration;

use fabric_secrets::{Chain, Error, Freshness, SecretStore, Source, VariablesStore, Version};

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
        for _ in 0..3 {
            let error = read().await.unwrap_err();
            assert!(matches!(error, Error::Denied { .. }), "{error:?}");
        }
    }
    vault.fail(None);
    clock.advance(30 * SECOND);
    assert_eq!(read().await.unwrap().value().expose(), "v", "the permission came back");
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
