//! The chain: variables, and who was asked.

use std::sync::Arc;

use fabric_secrets::{Chain, Error, SecretStore, Source, VariablesStore, Version};

use crate::events::Events;
use crate::vault::name;

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn chain() -> Chain {
    let environment = VariablesStore::environment(|name| match name {
        "BOTH" => Some("process".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    });
    let file = VariablesStore::env_file([pair("BOTH", "file"), pair("EMPTY", "file"), pair("ONLY_HERE", "file")]);
    Chain::new(Arc::new(environment)).or(Arc::new(file))
}

#[tokio::test]
async fn the_process_wins_over_the_file_and_an_empty_variable_is_none() {
    let events = Events::record();
    for (wanted, value, source) in [
        ("both", "process", Source::Environment),
        ("empty", "file", Source::EnvironmentFile),
        ("Only-Here", "file", Source::EnvironmentFile),
    ] {
        let found = chain().get(&name(wanted), &Version::latest()).await.unwrap();
        assert_eq!((found.value().expose(), found.source()), (value, &source));
    }
    assert_eq!(events.text(), "", "a variable that is in the file and not in the process is nothing to warn of");
}

#[tokio::test]
async fn what_nobody_has_is_an_error_that_names_everybody() {
    let error = chain().get(&name("neither"), &Version::latest()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no secret neither in the environment, the .env file");
    let pinned = chain().get(&name("both"), &Version::pinned("v1").unwrap()).await.unwrap_err();
    assert!(matches!(pinned, Error::NotFound { .. }), "variables have no versions: {pinned:?}");
    let found = chain().get(&name("both"), &Version::latest()).await.unwrap();
    assert!(!chain().invalidate(&name("both"), &found).await, "variables are read at every get");
}
