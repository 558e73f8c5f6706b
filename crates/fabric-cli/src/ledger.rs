//! Where transactions are recorded, and who may write there.

use std::path::PathBuf;
use std::sync::Arc;

use fabric_client::{Client, Endpoint};
use fabric_deploy::desired::WorkspaceSelector;
use fabric_txn::store::{FolderStore, ObjectJournalStore};
use fabric_txn::{Clock, Entry, Held, JournalStore, Lease, LeaseOptions, Phase, State, SystemClock, TransactionId};

use url::Url;

use crate::commands::Context;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::render;
use crate::secrets;
use crate::variables::{HOST, STATE};

/// Object stores: Azure Blob Storage and OneLake, Amazon S3, Google Cloud Storage.
const SCHEMES: &[&str] = &["az", "abfss", "s3", "gs"];

/// Where it is if nobody says otherwise.
const DEFAULT: &str = ".fabric/state";

/// The transactions on record.
pub(crate) struct Ledger {
    pub(crate) store: Arc<dyn JournalStore>,
    clock: Arc<dyn Clock>,
    holder: String,
}

impl Ledger {
    /// The record that the command line or the environment names.
    pub(crate) fn open(context: &Context) -> Result<Self, Failure> {
        let place = context.global.state.as_deref().or_else(|| context.environment.value(&STATE)).unwrap_or(DEFAULT);
        let store: Arc<dyn JournalStore> = match place.split_once("://") {
            None => Arc::new(FolderStore::new(PathBuf::from(place))),
            Some((scheme, _)) if SCHEMES.contains(&scheme) => Arc::new(objects(place, &context.environment)?),
            Some((scheme, _)) => {
                let reason = format!("{scheme}:// is none of {}", SCHEMES.join("://, "));
                return Err(Failure::State { place: place.to_owned(), reason });
            }
        };
        Ok(Self { store, clock: Arc::new(SystemClock), holder: holder(&context.environment) })
    }

    /// The only right to change `scope`, while it lasts.
    pub(crate) async fn lease(&self, scope: &str) -> Result<Lease, Failure> {
        let options = LeaseOptions::default();
        Ok(Lease::acquire(Arc::clone(&self.store), Arc::clone(&self.clock), scope, &self.holder, options).await?)
    }

    /// Who has that right now.
    pub(crate) async fn held(&self, scope: &str) -> Result<Option<Held>, Failure> {
        Ok(Lease::held(&*self.store, &*self.clock, scope, LeaseOptions::default()).await?)
    }

    /// The transactions, newest first.
    pub(crate) async fn history(&self) -> Result<Vec<Entry>, Failure> {
        Ok(fabric_txn::history(&*self.store).await?)
    }

    /// The transaction that `text` names, or the newest one that can be rolled back.
    pub(crate) async fn find(&self, text: Option<&str>) -> Result<TransactionId, Failure> {
        match text {
            Some(text) => text.parse().map_err(|_| Failure::TransactionId { text: text.to_owned() }),
            None => {
                let entries = self.history().await?;
                let last = entries.iter().find(|entry| entry.state.as_ref().is_ok_and(can_be_rolled_back));
                last.map(|entry| entry.transaction).ok_or(Failure::NoTransaction)
            }
        }
    }

    /// What the journal of a transaction says.
    pub(crate) async fn state(&self, transaction: TransactionId) -> Result<State, Failure> {
        Ok(fabric_txn::recover(&*self.store, transaction).await?)
    }

    /// Who writes, for the record and for those who find it locked.
    pub(crate) fn holder(&self) -> &str {
        &self.holder
    }
}

/// Shared state in an object store. Account and credentials come from the store's own variables.
fn objects(place: &str, environment: &Environment) -> Result<ObjectJournalStore, Failure> {
    let unusable = |reason: String| Failure::State { place: place.to_owned(), reason };
    let url = Url::parse(place).map_err(|error| unusable(error.to_string()))?;
    let options = environment
        .iter()
        .filter(|(name, _)| ["AZURE_", "AZURITE_", "AWS_", "GOOGLE_"].iter().any(|prefix| name.starts_with(prefix)))
        // A store is opened before any secret is read, and would take a reference for the secret itself.
        .filter(|(_, value)| secrets::reference(value).is_none());
    let (store, path) = object_store::parse_url_opts(&url, options).map_err(|error| unusable(error.to_string()))?;
    Ok(ObjectJournalStore::new(Arc::from(store), path))
}

/// Gives the right back to change what the lease is for. What was done is as it is where that cannot be recorded.
pub(crate) async fn release(lease: &Lease) {
    if let Err(error) = lease.release().await {
        render::say_warning(&format!("the lock could not be given back, and ends by itself: {error}"));
    }
}

fn can_be_rolled_back(state: &State) -> bool {
    matches!(state.phase, Phase::Open | Phase::RollingBack | Phase::Committed | Phase::Stuck { .. })
}

fn holder(environment: &Environment) -> String {
    let host = environment.value(&HOST).unwrap_or("this machine");
    format!("fabric-cli {} on {host}, process {}", env!("CARGO_PKG_VERSION"), std::process::id())
}

/// What a lease excludes others from: one workspace of one service. Names are unique in a tenant, and a workspace that
/// is created has no id before.
pub(crate) async fn scope(client: &Client, selector: &WorkspaceSelector) -> Result<String, Failure> {
    let name = match selector {
        WorkspaceSelector::Name(name) => name.clone(),
        WorkspaceSelector::Id(id) => {
            let found = client.workspace(*id).get().await;
            found.map_err(|source| Failure::workspace(*id, source))?.display_name
        }
    };
    Ok(scope_of(client.endpoint(), &name))
}

/// The same, for a workspace whose name is known.
pub(crate) fn scope_of(endpoint: &Endpoint, name: &str) -> String {
    let service = if endpoint.is_loopback() { "local".to_owned() } else { endpoint.host() };
    format!("{service}/{name}")
}
