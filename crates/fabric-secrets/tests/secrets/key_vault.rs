//! Azure Key Vault: what is sent, and what each answer means.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use fabric_secrets::{Error, SecretStore, SecretString, Version};

use crate::vault::{Fault, HOST, Vault, http, name};

#[tokio::test]
async fn a_secret_comes_with_its_version_and_its_times() {
    let vault = Vault::start().await;
    vault.write("db-password", "first");
    vault.write("db-password", "second");
    let store = vault.store();

    let latest = store.get(&name("DB_PASSWORD"), &Version::latest()).await.unwrap();
    assert_eq!(latest.value().expose(), "second");
    assert_eq!(latest.properties().version.as_deref(), Some("v2"));
    assert_eq!(latest.properties().updated, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)));
    assert_eq!(latest.source().to_string(), format!("Key Vault {HOST}"));
    assert!(!latest.is_stale());

    let pinned = store.get(&name("db-password"), &Version::pinned("v1").unwrap()).await.unwrap();
    assert_eq!(pinned.value().expose(), "first");

    let world = vault.world();
    assert_eq!(world.challenges, 1, "the vault says once which tokens it takes");
    assert_eq!(world.requests, ["GET /secrets/db-password/", "GET /secrets/db-password/v1"]);
}

type Meaning = fn(&Error) -> bool;

#[tokio::test]
async fn each_answer_has_its_meaning() {
    let vault = Vault::start().await;
    let store = vault.store();
    let (db, latest) = (name("db"), Version::latest());

    let missing = store.get(&db, &latest).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound { .. }), "{missing}");
    assert_eq!(missing.to_string(), format!("there is no secret db in Key Vault {HOST}"));

    let meanings: [(Fault, Meaning, &str); 9] = [
        (Fault::Status(401, "Unauthorized", ""), |e| matches!(e, Error::Denied { .. }), "401 Unauthorized"),
        (
            Fault::Status(403, "Forbidden", "ForbiddenByPolicy"),
            |e| matches!(e, Error::Denied { .. }),
            "403 Forbidden (ForbiddenByPolicy)",
        ),
        (Fault::Status(404, "VaultNotFound", ""), |e| matches!(e, Error::Unusable { .. }), "404 VaultNotFound"),
        (Fault::Status(429, "Throttled", ""), |e| matches!(e, Error::Unreachable { .. }), "429 Throttled"),
        (Fault::Status(503, "Down", ""), |e| matches!(e, Error::Unreachable { .. }), "503 Down"),
        (Fault::Status(400, "Bad Parameter!", ""), |e| matches!(e, Error::Unusable { .. }), "400"),
        (Fault::HangUp, |e| matches!(e, Error::Unreachable { .. }), "gives no answer"),
        (Fault::Body("<html>sign in to this network</html>"), |e| matches!(e, Error::Unusable { .. }), "what a vault"),
        (Fault::Body("{\"id\":\"https://a/secrets/b\"}"), |e| matches!(e, Error::Unusable { .. }), "has no value"),
    ];
    for (fault, is_meant, said) in meanings {
        vault.fail(fault);
        let error = store.get(&db, &latest).await.unwrap_err();
        assert!(is_meant(&error) && error.to_string().contains(said), "{fault:?}: {error:?}");
        assert!(!error.to_string().contains("repeats itself"), "{error}");
    }
}

#[tokio::test]
async fn a_vault_that_is_silent_is_given_up_at_the_deadline() {
    let vault = Vault::start().await;
    vault.world().gate = Some(Arc::new(tokio::sync::Semaphore::new(0)));
    let store = vault.store().deadline(Duration::from_millis(50));
    let error = store.get(&name("db"), &Version::latest()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().ends_with("nothing came within 50ms"), "{error}");
}

#[tokio::test]
async fn a_secret_is_set_listed_and_read_back_also_on_this_machine() {
    let vault = Vault::start().await;
    for store in [vault.store(), vault.local_store()] {
        let written = store.set(&name("API_KEY"), &SecretString::new("shh".to_owned())).await.unwrap();
        let read = store.get(&name("api-key"), &Version::latest()).await.unwrap();
        assert_eq!((read.value().expose(), &read.properties().version), ("shh", &written.version));
    }
    vault.write("disabled", "x");
    vault.world().next_page = Some(format!("http://{}", vault.address));
    let listed = vault.local_store().list().await.unwrap();
    let names: Vec<_> = listed.iter().map(|secret| (secret.name.as_str(), secret.enabled)).collect();
    assert_eq!(names, [("api-key", true), ("disabled", false)].repeat(2), "two pages");
    assert_eq!(listed[0].properties.expires, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)));
}

#[tokio::test]
async fn the_token_goes_to_the_vault_and_nowhere_else() {
    let vault = Vault::start().await;
    vault.write("db", "x");
    vault.world().next_page = Some("https://elsewhere.vault.azure.net".to_owned());
    let error = vault.store().list().await.unwrap_err();
    assert!(error.to_string().contains("another host"), "{error}");
    assert_eq!(vault.calls(), 1);

    vault.world().resource = Some("https://vault.azure.net.example.org");
    let error = vault.store().get(&name("db"), &Version::latest()).await.unwrap_err();
    assert!(matches!(error, Error::Unusable { .. }), "{error:?}");
    assert_eq!(vault.calls(), 1, "a challenge for a token of somebody else is not met");
}

#[tokio::test]
async fn who_cannot_sign_in_is_not_told_that_the_secret_is_refused() {
    let vault = Vault::start().await;
    vault.write("db", "x");
    let refused = vault.store_with(Arc::new(Failing(None)));
    let error = refused.get(&name("db"), &Version::latest()).await.unwrap_err();
    assert!(matches!(&error, Error::NotSignedIn { reason, .. } if reason == "no identity"), "{error:?}");

    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let offline = vault.store_with(Arc::new(Failing(Some(format!("http://{closed}")))));
    let error = offline.get(&name("db"), &Version::latest()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

/// A credential that gives no token: by itself, or because nobody answers at an address.
#[derive(Debug)]
struct Failing(Option<String>);

#[async_trait]
impl TokenCredential for Failing {
    async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        let Some(url) = &self.0 else {
            return Err(azure_core::Error::with_message(ErrorKind::Credential, "no identity"));
        };
        let request = azure_core::http::Request::new(url.parse()?, azure_core::http::Method::Get);
        match azure_core::http::HttpClient::execute_request(&http(), &request).await {
            Ok(_) => panic!("nobody listens there"),
            Err(cause) => Err(azure_core::Error::with_error(ErrorKind::Credential, cause, "no token")),
        }
    }
}
