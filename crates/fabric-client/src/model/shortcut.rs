//! OneLake shortcuts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A shortcut.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Shortcut {
    /// The folder that holds it, such as `Files/landing`.
    pub path: String,
    /// Its name.
    pub name: String,
    /// What it points to: an object whose `type` names the member that says where.
    pub target: Value,
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
}

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
