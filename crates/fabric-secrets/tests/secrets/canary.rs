//! Distinctive values in every source, which appear in nothing that is printed or logged.

use std::fmt::Write;
use std::sync::Arc;

use fabric_secrets::{Chain, SecretName, SecretStore, SecretString, VariablesStore, Version};
use tracing_subscriber::filter::LevelFilter;

use crate::cache::{HOUR, cached};
use crate::events::Events;
use crate::vault::{Fault, TOKEN, Vault, name};

const CANARIES: [&str; 5] = ["canary-vault-19c2", "canary-process-5e0b", "canary-file-88d1", "canary-set-d3f6", TOKEN];

#[tokio::test]
async fn no_value_and_no_token_is_in_any_event_error_or_debug_text() {
    let events = Events::up_to(LevelFilter::TRACE);
    let vault = Vault::start().await;
    vault.write("db", CANARIES[0]);
    let (store, clock) = cached(&vault);
    let direct = vault.store();
    let environment = VariablesStore::environment(|_| Some(CANARIES[1].to_owned()));
    let file = VariablesStore::env_file([("DB".to_owned(), CANARIES[2].to_owned())]);
    let chain = Chain::new(Arc::new(store.clone())).or(Arc::new(environment)).or(Arc::new(file));

    let mut shown = String::new();
    let mut values = Vec::new();
    for fault in [
        None,
        Some(Fault::HangUp),
        Some(Fault::Status(403, "Forbidden", "")),
        Some(Fault::Status(500, "canary-vault-19c2", "canary-vault-19c2")),
        Some(Fault::Body("{\"value\":[\"canary-vault-19c2\"]}")),
        Some(Fault::Body("{\"value\":\"canary-vault-19c2\",\"attributes\":\"canary-vault-19c2\"}")),
        None,
    ] {
        vault.fail(fault);
        for _ in 0..3 {
            let read = chain.get(&name("db"), &Version::latest()).await;
            write!(shown, "{read:?}").unwrap();
            match read {
                Ok(secret) => values.push(secret.value().expose().to_owned()),
                Err(error) => write!(shown, "{error}").unwrap(),
            }
            clock.advance(HOUR);
        }
        let set = direct.set(&name("db"), &SecretString::new(CANARIES[3].to_owned())).await;
        write!(shown, "{set:?} {:?}", direct.list().await).unwrap();
    }
    write!(shown, "{chain:?} {direct:?} {:?}", SecretName::parse(CANARIES[4])).unwrap();

    for canary in &CANARIES[..2] {
        assert!(values.iter().any(|value| value == canary), "{canary} was really read: {values:?}");
    }
    let logged = events.text();
    assert!(logged.contains("TRACE") && logged.contains("hyper"), "everything is logged");
    for canary in CANARIES {
        assert!(!logged.contains(canary), "{canary} is logged");
    }
    for canary in &CANARIES[..4] {
        assert!(!shown.contains(canary), "{canary} is shown");
    }
}
