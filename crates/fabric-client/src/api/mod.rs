//! The calls, resource by resource.

mod capacities;
mod connections;
mod environments;
mod folders;
mod git;
mod items;
mod jobs;
mod role_assignments;
mod semantic_models;
mod shortcuts;
mod variable_libraries;
mod workspace;
mod workspaces;

pub use capacities::Capacities;
pub use connections::Connections;
pub use environments::Environments;
pub use folders::Folders;
pub use git::Git;
pub use items::{BulkExport, Deletion, Items, UpdateMetadata};
pub use jobs::Jobs;
pub use role_assignments::RoleAssignments;
pub use semantic_models::SemanticModels;
pub use shortcuts::Shortcuts;
pub use variable_libraries::VariableLibraries;
pub use workspace::WorkspaceHandle;
pub use workspaces::Workspaces;

use serde::Serialize;
use uuid::Uuid;

/// Where to move something to; no folder is the root.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MoveTo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    target_folder_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<&'a [Uuid]>,
}
