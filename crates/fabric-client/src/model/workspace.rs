//! Workspaces.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::open_enum;
use super::tolerant::{optional_id, or_default};

open_enum! {
    /// What a workspace is for.
    pub enum WorkspaceType {
        /// A user's own `My workspace`.
        Personal,
        /// A workspace that can be shared.
        Workspace,
        /// The workspace of tenant monitoring.
        AdminWorkspace,
    }
}

open_enum! {
    /// How far the last assignment to a capacity has come.
    pub enum CapacityAssignmentProgress {
        /// It is done.
        Completed,
        /// It is under way.
        InProgress,
        /// It failed.
        Failed,
    }
}

/// A workspace, as lists and writes show it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique in the tenant but for personal workspaces.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: String,
    /// Its description; empty where it has none.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub workspace_type: Option<WorkspaceType>,
    /// The capacity that it is assigned to.
    #[serde(default, deserialize_with = "optional_id")]
    pub capacity_id: Option<Uuid>,
    /// The region of that capacity.
    pub capacity_region: Option<String>,
    /// The domain that it belongs to.
    #[serde(default, deserialize_with = "optional_id")]
    pub domain_id: Option<Uuid>,
}

/// A workspace in full.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceInfo {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique in the tenant but for personal workspaces.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: String,
    /// Its description; empty where it has none.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub workspace_type: Option<WorkspaceType>,
    /// The capacity that it is assigned to.
    #[serde(default, deserialize_with = "optional_id")]
    pub capacity_id: Option<Uuid>,
    /// The region of that capacity.
    pub capacity_region: Option<String>,
    /// The domain that it belongs to.
    #[serde(default, deserialize_with = "optional_id")]
    pub domain_id: Option<Uuid>,
    /// How far the last assignment to a capacity has come.
    pub capacity_assignment_progress: Option<CapacityAssignmentProgress>,
    /// The identity of the workspace itself, where it has one.
    pub workspace_identity: Option<WorkspaceIdentity>,
    /// Where its files are reached.
    pub one_lake_endpoints: Option<OneLakeEndpoints>,
}

/// The identity that a workspace acts as.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceIdentity {
    /// The application's id.
    #[serde(default, deserialize_with = "optional_id")]
    pub application_id: Option<Uuid>,
    /// The service principal's id.
    #[serde(default, deserialize_with = "optional_id")]
    pub service_principal_id: Option<Uuid>,
}

/// Where a workspace's files are reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OneLakeEndpoints {
    /// The Blob endpoint.
    pub blob_endpoint: Option<String>,
    /// The Data Lake Storage endpoint.
    pub dfs_endpoint: Option<String>,
}

/// A workspace to create.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewWorkspace {
    /// Its name.
    pub display_name: String,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The capacity to assign it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_id: Option<Uuid>,
}

/// What to change of a workspace; `None` leaves what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceChange {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
