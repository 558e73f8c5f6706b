//! OneLake shortcuts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::tolerant::or_default;
use crate::error::ErrorDetail;
use crate::submission::result_is_body;

/// A shortcut.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Shortcut {
    /// The folder that holds it, such as `Files/landing`.
    pub path: String,
    /// Its name.
    pub name: String,
    /// What it points to: an object whose `type` names the member that says where.
    pub target: Value,
    /// How files behind it become a table, where they do.
    #[serde(default)]
    pub transform: Option<Value>,
}

/// A shortcut to create.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewShortcut {
    /// The folder that is to hold it, such as `Files/landing`.
    pub path: String,
    /// Its name.
    pub name: String,
    /// What it points to, such as `{"oneLake": {"workspaceId": …, "itemId": …, "path": …}}`.
    pub target: Value,
    /// How files behind it become a table. Only a creation in bulk takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transform: Option<Value>,
}

/// The body of a creation in bulk.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShortcutsRequest<'a> {
    pub(crate) create_shortcut_requests: &'a [NewShortcut],
}

/// What a creation in bulk did.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct BulkShortcutOutcome {
    /// Shortcut by shortcut.
    #[serde(rename = "value", default, deserialize_with = "or_default")]
    pub shortcuts: Vec<CreatedShortcut>,
}

/// What a creation in bulk did with one shortcut.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CreatedShortcut {
    /// Which one was asked for.
    pub request: ShortcutName,
    /// How it ended: `Succeeded` or `Failed`.
    pub status: Option<String>,
    /// Why it failed.
    pub error: Option<ShortcutError>,
}

/// Which shortcut of an item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ShortcutName {
    /// The folder that holds it, such as `Files/landing`.
    pub path: String,
    /// Its name.
    pub name: String,
}

/// Why one shortcut of many was not created.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ShortcutError {
    /// The service's code.
    pub error_code: Option<String>,
    /// What happened.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
    /// What happened in detail.
    #[serde(deserialize_with = "or_default")]
    pub more_details: Vec<ErrorDetail>,
}

result_is_body!(BulkShortcutOutcome);

/// What to do where a shortcut of that name exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ShortcutConflict {
    /// Fail.
    #[default]
    Abort,
    /// Choose another name.
    GenerateUniqueName,
    /// Replace it; create it where there is none.
    CreateOrOverwrite,
    /// Replace it; fail where there is none.
    OverwriteOnly,
}

impl ShortcutConflict {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Abort => "Abort",
            Self::GenerateUniqueName => "GenerateUniqueName",
            Self::CreateOrOverwrite => "CreateOrOverwrite",
            Self::OverwriteOnly => "OverwriteOnly",
        }
    }

    /// Whether creating twice leaves the same shortcut as creating once.
    pub(crate) fn is_idempotent(self) -> bool {
        matches!(self, Self::CreateOrOverwrite | Self::OverwriteOnly)
    }
}
