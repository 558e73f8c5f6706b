//! Which of the described items a deployment is about.
//!
//! What is not selected is left alone: neither created nor changed nor deleted. Selected items may refer to it where the
//! workspace has it already.

mod inputs;
mod pattern;
mod scope;

use std::collections::BTreeSet;

pub use inputs::{SelectionInputs, folder, item};
pub use pattern::{Pattern, PatternError};
pub use scope::Scope;

use crate::desired::{FolderPath, ItemKey};

/// Which folders count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderRule {
    /// These and everything below them.
    Below(Vec<FolderPath>),
    /// Exactly these; what lies in no folder counts as well, as with fabric-cicd's `folder_path_to_include`.
    Exactly(Vec<FolderPath>),
}

impl FolderRule {
    fn admits(&self, folder: &FolderPath) -> bool {
        match self {
            Self::Below(folders) => folders.iter().any(|above| folder.0.starts_with(&above.0)),
            Self::Exactly(folders) => folder.is_root() || folders.contains(folder),
        }
    }
}

/// Rules that an item must meet all of. Without rules every item is selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only items of these types.
    pub types: Option<BTreeSet<String>>,
    /// Only these items.
    pub items: Option<BTreeSet<ItemKey>>,
    /// Only items in these folders.
    pub folders: Option<FolderRule>,
    /// No items whose name matches.
    pub exclude_names: Option<Pattern>,
    /// No items in a folder whose path, or the path of a folder above it, matches. What lies in no folder stays.
    pub exclude_folders: Option<Pattern>,
}

impl Selection {
    /// A selection of nothing.
    pub fn nothing() -> Self {
        Self { items: Some(BTreeSet::new()), ..Self::default() }
    }

    /// Whether every item is selected.
    pub(crate) fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an item is selected that lies in `folder`.
    pub fn admits(&self, key: &ItemKey, folder: &FolderPath) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&key.item_type))
            && self.items.as_ref().is_none_or(|items| items.contains(key))
            && self.folders.as_ref().is_none_or(|rule| rule.admits(folder))
            && self.exclude_names.as_ref().is_none_or(|pattern| !pattern.matches(&key.name))
            && self.exclude_folders.as_ref().is_none_or(|pattern| !lies_in_a_match(pattern, folder))
    }
}

fn lies_in_a_match(pattern: &Pattern, folder: &FolderPath) -> bool {
    let mut next = Some(folder.clone());
    while let Some(folder) = next.filter(|folder| !folder.is_root()) {
        if pattern.matches(&folder.to_string()) {
            return true;
        }
        next = folder.parent();
    }
    false
}
