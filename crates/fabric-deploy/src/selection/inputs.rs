//! A selection as the command line and a saved plan write it.

use serde::{Deserialize, Serialize};

use super::{FolderRule, Pattern, Selection};
use crate::desired::{FolderPath, ItemKey};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// A selection in text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SelectionInputs {
    /// Item types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Items, as `NAME.TYPE`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Folders, as `/A/B`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<String>,
    /// A regular expression that names must not match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude: Option<String>,
    /// A regular expression that paths of folders must not match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_folder: Option<String>,
    /// A commit; only what changed since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_since: Option<String>,
}

impl SelectionInputs {
    /// The rules, apart from `changed_since`, and everything that is wrong with them.
    pub fn read(&self) -> (Selection, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let mut pattern = |text: &Option<String>, option: &str| {
            let read = Pattern::anywhere(text.as_deref()?);
            read.map_err(|error| diagnostics.push(wrong(option, &error.to_string()))).ok()
        };
        let exclude_names = pattern(&self.exclude, "--exclude");
        let exclude_folders = pattern(&self.exclude_folder, "--exclude-folder");
        let mut items = Vec::new();
        for text in &self.items {
            match item(text) {
                Some(key) => items.push(key),
                None => diagnostics.push(wrong("--item", &format!("{text:?} is no item: write NAME.TYPE"))),
            }
        }
        let mut folders = Vec::new();
        for text in &self.folders {
            match folder(text) {
                Some(path) => folders.push(path),
                None => {
                    diagnostics.push(wrong("--folder", &format!("{text:?} is no folder: write /NAME or /NAME/NAME")));
                }
            }
        }
        let selection = Selection {
            types: (!self.types.is_empty()).then(|| self.types.iter().cloned().collect()),
            items: (!self.items.is_empty()).then(|| items.into_iter().collect()),
            folders: (!self.folders.is_empty()).then_some(FolderRule::Below(folders)),
            exclude_names,
            exclude_folders,
        };
        (selection, diagnostics)
    }
}

/// `NAME.TYPE`; the name may have dots.
pub fn item(text: &str) -> Option<ItemKey> {
    let (name, item_type) = text.rsplit_once('.')?;
    (!name.is_empty() && !item_type.is_empty()).then(|| ItemKey::new(item_type, name))
}

/// `/A/B`.
pub fn folder(text: &str) -> Option<FolderPath> {
    let names: Vec<_> = text.strip_prefix('/')?.trim_end_matches('/').split('/').map(str::to_owned).collect();
    names.iter().all(|name| !name.is_empty()).then_some(FolderPath(names))
}

fn wrong(option: &str, message: &str) -> Diagnostic {
    Diagnostic::error("bad-selection", format!("{option}: {message}"))
}
