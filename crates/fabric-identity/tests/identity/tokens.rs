//! Tokens in memory: kept, renewed ahead by one caller, shared by those who wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use azure_core::time::Duration;
use fabric_identity::CredentialChain;

use crate::double::{CLIENT, Double, SCOPE, TENANT, TestClock, lookup, token};

fn chain(double: &Double, clock: &TestClock) -> CredentialChain {
    let variables = [("ARM_CLIENT_ID", CLIENT), ("ARM_TENANT_ID", TENANT), ("ARM_CLIENT_SECRET", "secret")];
    let clock = clock.clone();
    let lookup = lookup(&variables);
    CredentialChain::builder(&lookup).transport(double.transport()).clock(move || clock.now()).build().unwrap()
}

async fn held(chain: &CredentialChain) -> String {
    chain.token(&[SCOPE]).await.unwrap().token.secret().to_owned()
}

#[tokio::test]
async fn a_token_is_kept_until_five_minutes_before_its_end() {
    let (double, clock) = (Double::entra().await, TestClock::new());
    let chain = chain(&double, &clock);
    assert_eq!(held(&chain).await, "token-1");
    clock.advance(Duration::minutes(54));
    assert_eq!(held(&chain).await, "token-1");
    clock.advance(Duration::minutes(2));
    assert_eq!(held(&chain).await, "token-2");
    assert_eq!(double.asked().len(), 2);
}

#[tokio::test]
async fn each_scope_has_a_token_of_its_own() {
    let (double, clock) = (Double::entra().await, TestClock::new());
    let chain = chain(&double, &clock);
    assert_eq!(held(&chain).await, "token-1");
    assert_eq!(chain.token(&["https://vault.azure.net/.default"]).await.unwrap().token.secret(), "token-2");
    assert_eq!(held(&chain).await, "token-1");
}

#[tokio::test]
async fn a_hundred_callers_sign_in_once() {
    let (double, clock) = (Double::entra().await, TestClock::new());
    let chain = Arc::new(chain(&double, &clock));
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let chain = Arc::clone(&chain);
            tokio::spawn(async move { held(&chain).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "token-1");
    }
    assert_eq!(double.asked().len(), 1);
}

#[tokio::test]
async fn callers_that_waited_for_an_attempt_share_its_failure() {
    let (double, clock) = (Double::start(|_| (401, "{}".to_owned())).await, TestClock::new());
    let chain = Arc::new(chain(&double, &clock));
    let scopes = [SCOPE];
    let (first, second, third) = tokio::join!(chain.token(&scopes), chain.token(&scopes), chain.token(&scopes));
    assert_eq!(first.unwrap_err(), second.unwrap_err());
    assert!(third.is_err());
    assert_eq!(double.asked().len(), 1);
    assert!(chain.token(&scopes).await.is_err());
    assert_eq!(double.asked().len(), 2, "a later caller tries again");
}

#[tokio::test]
async fn a_renewal_that_fails_uses_the_token_while_it_is_valid() {
    let broken = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&broken);
    let answer = move |_: &_| if state.load(Ordering::SeqCst) { (503, "{}".to_owned()) } else { (200, token(1)) };
    let (double, clock) = (Double::start(answer).await, TestClock::new());
    let chain = chain(&double, &clock);
    assert_eq!(held(&chain).await, "token-1");
    broken.store(true, Ordering::SeqCst);
    clock.advance(Duration::minutes(56));
    for _ in 0..10 {
        assert_eq!(held(&chain).await, "token-1");
    }
    assert_eq!(double.asked().len(), 2, "one renewal was tried");
    clock.advance(Duration::seconds(31));
    assert_eq!(held(&chain).await, "token-1");
    assert_eq!(double.asked().len(), 3, "and one more half a minute later");
    clock.advance(Duration::minutes(4));
    assert!(chain.token(&[SCOPE]).await.is_err(), "an expired token is not used");
    broken.store(false, Ordering::SeqCst);
    assert_eq!(held(&chain).await, "token-1");
}

#[tokio::test]
async fn a_token_that_was_refused_is_not_given_again() {
    let (double, clock) = (Double::entra().await, TestClock::new());
    let chain = chain(&double, &clock);
    assert_eq!(held(&chain).await, "token-1");
    chain.forget(|token| token == "another");
    assert_eq!(held(&chain).await, "token-1");
    chain.forget(|token| token == "token-1");
    assert_eq!(held(&chain).await, "token-2");
}
