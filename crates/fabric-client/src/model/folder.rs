//! Folders of a workspace.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::tolerant::{optional_id, or_default};

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Folder {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique among its siblings.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: String,
    /// The folder that holds it; none at the root.
    #[serde(default, deserialize_with = "optional_id")]
    pub parent_folder_id: Option<Uuid>,
}

/// A folder to create.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewFolder {
    /// Its name.
    pub display_name: String,
    /// The folder that is to hold it; none for the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_folder_id: Option<Uuid>,
}
