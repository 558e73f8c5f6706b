//! Workspaces' connections to Git, and the ids by which items are known there.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::blobs::Digest;
use super::table::Entity;
use crate::clock::Moment;
use crate::git::provider::ProviderDetails;

/// How a principal signs in to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source")]
pub(crate) enum GitCredentials {
    /// With the credentials of a connection.
    #[serde(rename_all = "camelCase")]
    ConfiguredConnection { connection_id: Uuid },
    /// As itself.
    Automatic,
    /// Not at all.
    None,
}

/// An item as it was when workspace and branch last agreed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SyncedItem {
    pub(crate) logical_id: Uuid,
    pub(crate) item_type: String,
    pub(crate) display_name: String,
    pub(crate) fingerprint: Digest,
}

/// A workspace's connection to Git.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GitLink {
    /// The workspace's.
    pub(crate) id: Uuid,
    pub(crate) provider: ProviderDetails,
    pub(crate) initialized: bool,
    /// The commit that the workspace was last in step with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) head: Option<String>,
    #[serde(default)]
    pub(crate) last_sync: Moment,
    /// By principal.
    #[serde(default)]
    pub(crate) credentials: Vec<(Uuid, GitCredentials)>,
    #[serde(default)]
    pub(crate) synced: Vec<SyncedItem>,
}

impl Entity for GitLink {
    const KIND: &'static str = "gitLink";

    fn id(&self) -> Uuid {
        self.id
    }
}

impl GitLink {
    pub(crate) fn credentials_of(&self, principal: Uuid) -> Option<&GitCredentials> {
        self.credentials.iter().find(|(known, _)| *known == principal).map(|(_, credentials)| credentials)
    }

    pub(crate) fn set_credentials(&mut self, principal: Uuid, credentials: GitCredentials) {
        self.credentials.retain(|(known, _)| *known != principal);
        self.credentials.push((principal, credentials));
    }
}

/// The id that a repository knows an item by, where it is not the usual one. It outlives the connection.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogicalId {
    /// The item's.
    pub(crate) id: Uuid,
    pub(crate) logical_id: Uuid,
}

impl Entity for LogicalId {
    const KIND: &'static str = "logicalId";

    fn id(&self) -> Uuid {
        self.id
    }
}
