//! Definitions of many items in one call.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::definition::{DefinitionPart, parts_size};
use super::tolerant::{optional_id, or_default};
use crate::submission::result_is_body;

/// The body of a bulk export.
#[derive(Serialize)]
pub(crate) struct ExportRequest {
    pub(crate) mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) items: Option<Vec<ExportIdentifier>>,
}

#[derive(Serialize)]
pub(crate) struct ExportIdentifier {
    pub(crate) id: Uuid,
}

/// The definitions of many items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct BulkExportedDefinitions {
    /// Which item's parts lie under which path.
    #[serde(rename = "itemDefinitionsIndex", default, deserialize_with = "or_default")]
    pub index: Vec<ExportedItem>,
    /// The parts of all items, each path beginning with its item's root path.
    #[serde(rename = "definitionParts", default, deserialize_with = "or_default")]
    pub parts: Vec<DefinitionPart>,
}

/// Where an item's parts lie in a bulk export.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedItem {
    /// The item's id.
    pub id: Uuid,
    /// The path that its parts begin with, such as `/folder/name.Notebook`.
    pub root_path: String,
}

/// Definitions to bring into a workspace in one call. Items that are there are updated, others are created.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkImport {
    /// The parts of all items, each path beginning with `/folder/name.Type/`.
    #[serde(rename = "definitionParts")]
    pub parts: Vec<DefinitionPart>,
    /// How to pair them with what is there.
    #[serde(skip_serializing_if = "BulkImportOptions::is_default")]
    pub options: BulkImportOptions,
}

/// How a bulk import pairs items.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkImportOptions {
    /// Whether an item that no logical id pairs may be paired by its type and name.
    pub allow_pairing_by_name: bool,
}

impl BulkImportOptions {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl BulkImport {
    pub(crate) fn body_size(&self) -> usize {
        128 + parts_size(&self.parts)
    }
}

/// What a bulk import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct BulkImportOutcome {
    /// Item by item.
    #[serde(rename = "importItemDefinitionsDetails", default, deserialize_with = "or_default")]
    pub items: Vec<ImportedItem>,
}

/// What a bulk import did with one item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedItem {
    /// Its id.
    #[serde(default, deserialize_with = "optional_id")]
    pub item_id: Option<Uuid>,
    /// Its name.
    pub item_display_name: Option<String>,
    /// Its type.
    pub item_type: Option<String>,
    /// Its logical id.
    #[serde(default, deserialize_with = "optional_id")]
    pub item_logical_id: Option<Uuid>,
    /// What was done, such as `Create` or `Update`.
    pub operation_type: Option<String>,
    /// How it ended, such as `Succeeded`.
    pub operation_status: Option<String>,
}

result_is_body!(BulkExportedDefinitions, BulkImportOutcome);
