//! A secret by name, from wherever it is kept, and never from anywhere else by accident.
//!
//! | you have | you get |
//! |---|---|
//! | [`KeyVaultStore`] | Azure Key Vault, with any `TokenCredential` and any HTTP client |
//! | [`VariablesStore`] | the environment, or the values of an `.env` file |
//! | [`CachedStore`] | one fetch per secret, refreshed before it expires, stale only where nobody answers, and marked so |
//! | [`Chain`] | several stores in order, where "no" is never answered by the next one |
//!
//! All of them are a [`SecretStore`], and so is what you write yourself. A [`Secret`] carries its value in a
//! [`SecretString`], which is wiped when it is dropped and is neither printed, nor cloned, nor serialised:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use fabric_secrets::{SecretName, SecretStore, VariablesStore, Version};
//!
//! let store = VariablesStore::environment(|name| (name == "SALES_DB_PASSWORD").then(|| "hunter2".to_owned()));
//! let secret = store.get(&SecretName::parse("sales-db-password")?, &Version::latest()).await?;
//!
//! assert_eq!(secret.value().expose(), "hunter2");
//! assert_eq!(format!("{:?}", secret.value()), "SecretString(redacted)");
//! # Ok(())
//! # }
//! ```
//!
//! # What each answer of a store means
//!
//! | answer | cache | chain |
//! |---|---|---|
//! | found | kept for its time to live | given |
//! | [`NotFound`](Error::NotFound) | replaces what was kept, remembered briefly | the next store is asked |
//! | [`Denied`](Error::Denied) | replaces what was kept, remembered briefly | **given**: nobody is asked instead |
//! | [`Unreachable`](Error::Unreachable) | what was kept is served, marked stale, up to a limit | the next store is asked |
//! | [`NotSignedIn`](Error::NotSignedIn), [`Unusable`](Error::Unusable) | as above | **given** |
//!
//! Every answer that does not come from the store asked first is a `tracing` warning with its reason.

mod cache;
mod chain;
mod clock;
mod error;
mod key_vault;
mod name;
mod secret;
mod store;
mod value;
mod variables;

pub use cache::{CacheSettings, CachedStore};
pub use chain::Chain;
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Error, Subject};
pub use key_vault::{KeyVaultStore, ListedSecret, VaultUrlError};
pub use name::{NameError, SecretName};
pub use secret::{Freshness, Properties, Secret, Version};
pub use store::{SecretStore, Source};
pub use value::SecretString;
pub use variables::VariablesStore;

/// The examples of the README are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
