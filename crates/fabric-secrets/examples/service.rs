//! A service that takes its database password from a vault, and outlives a rotation.
//!
//! `cargo run -p fabric-secrets --example service` runs it against a store of its own, without a vault.

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::http::HttpClient;
use fabric_secrets::{
    CacheSettings, CachedStore, Chain, Error, KeyVaultStore, Properties, Secret, SecretName, SecretStore, SecretString,
    Source, VariablesStore, VaultUrlError, Version,
};

/// What a service builds once, when it starts: the vault behind a cache, then the environment.
pub fn secrets_of_the_service(
    vault_url: &str,
    credential: Arc<dyn TokenCredential>,
    http: Arc<dyn HttpClient>,
    environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> Result<Arc<dyn SecretStore>, VaultUrlError> {
    let vault = KeyVaultStore::new(vault_url, credential, http)?;
    let cached = CachedStore::new(Arc::new(vault), CacheSettings::default());
    Ok(Arc::new(Chain::new(Arc::new(cached)).or(Arc::new(VariablesStore::environment(environment)))))
}

/// What it does with a password that is refused: asks once more, and believes the second answer.
async fn connect(secrets: &dyn SecretStore, database: &Database) -> Result<(), Box<dyn StdError>> {
    let name = SecretName::parse("SALES_DB_PASSWORD")?;
    let password = secrets.get(&name, &Version::latest()).await?;
    if database.accepts(password.value()) {
        return Ok(());
    }
    if secrets.invalidate(&name, &password).await {
        let rotated = secrets.get(&name, &Version::latest()).await?;
        if database.accepts(rotated.value()) {
            return Ok(());
        }
    }
    Err("the database refuses the password".into())
}

struct Database {
    password: &'static str,
}

impl Database {
    fn accepts(&self, password: &SecretString) -> bool {
        password.expose() == self.password
    }
}

/// A store that somebody else writes: its secret is rotated after the first answer.
#[derive(Debug, Default)]
struct Rotating {
    answers: AtomicUsize,
}

#[async_trait]
impl SecretStore for Rotating {
    fn source(&self) -> Source {
        Source::Other("the rotating store")
    }

    async fn get(&self, _name: &SecretName, _version: &Version) -> Result<Secret, Error> {
        let value = if self.answers.fetch_add(1, Ordering::Relaxed) == 0 { "spring" } else { "autumn" };
        Ok(Secret::new(SecretString::new(value.to_owned()), self.source(), Properties::default()))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let store = Arc::new(Rotating::default());
    let secrets = CachedStore::new(Arc::clone(&store) as Arc<dyn SecretStore>, CacheSettings::default());
    for password in ["spring", "spring", "autumn", "autumn"] {
        connect(&secrets, &Database { password }).await?;
    }
    assert_eq!(store.answers.load(Ordering::Relaxed), 2, "four connections, one rotation, two fetches");
    Ok(())
}
