//! Items of any type.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::definition::ItemDefinition;
use super::tolerant::{optional_id, or_default};

/// An item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Its id.
    pub id: Uuid,
    /// Its type, such as `Notebook`. There are 51 known ones, and more to come.
    #[serde(rename = "type")]
    pub item_type: String,
    /// Its name: unique for its type in its workspace, but for reports, semantic models and dashboards.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: String,
    /// Its description. An item without one has none or an empty one, by the year of the answer.
    pub description: Option<String>,
    /// Its workspace.
    #[serde(default, deserialize_with = "or_default")]
    pub workspace_id: Uuid,
    /// Its folder; none at the root.
    #[serde(default, deserialize_with = "optional_id")]
    pub folder_id: Option<Uuid>,
}

/// An item to create.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewItem {
    /// Its type, such as `Notebook`.
    #[serde(rename = "type")]
    pub item_type: String,
    /// Its name.
    pub display_name: String,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its folder; none for the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder_id: Option<Uuid>,
    /// Its content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<ItemDefinition>,
    /// What its type wants to know at creation, such as `{"enableSchemas": true}`. Not together with a definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_payload: Option<Value>,
}

impl NewItem {
    /// An empty item at the root of its workspace.
    pub fn new(item_type: impl Into<String>, display_name: impl Into<String>) -> Self {
        Self { item_type: item_type.into(), display_name: display_name.into(), ..Self::default() }
    }

    pub(crate) fn body_size(&self) -> usize {
        512 + self.definition.as_ref().map_or(0, ItemDefinition::body_size)
    }
}

/// What to change of an item; `None` leaves what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemChange {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

crate::submission::result_is_body!(Item);
