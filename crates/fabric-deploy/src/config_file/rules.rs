//! Rules of a `config.yml` that choose among the described items: those that choose nothing are told.

use std::collections::BTreeMap;

use super::ConfigFile;
use crate::desired::{DesiredItem, FolderPath, ItemKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::item_type;
use crate::selection::Pattern;

/// A rule, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) place: Place,
    /// The key that it stands under, such as `publish.exclude_regex`.
    pub(super) key: String,
    pub(super) chooses: Chooses,
}

/// What a rule chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chooses {
    Type(String),
    Item(ItemKey),
    Folder(FolderPath),
    Names(Pattern),
    Folders(Pattern),
    Shortcuts(Pattern),
}

impl ConfigFile {
    /// A finding for each rule that chooses none of `items`, which the folder describes. A known type without items is
    /// none: lists of types are written once for all environments.
    pub fn unmatched(&self, items: &BTreeMap<ItemKey, DesiredItem>) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for rule in &self.rules {
            if !items.values().any(|item| rule.chooses.applies_to(item)) && !rule.chooses.may_be_idle() {
                let message = format!("`{}`: {}", rule.key, rule.chooses.none());
                diagnostics.push(
                    Diagnostic::warning("rule-unmatched", message)
                        .at(rule.place.clone())
                        .remedy("correct it, upper and lower case included, or remove it"),
                );
            }
        }
        diagnostics.sorted()
    }
}

impl Chooses {
    fn applies_to(&self, item: &DesiredItem) -> bool {
        let folders =
            || std::iter::successors(item.folder.clone(), FolderPath::parent).filter(|folder| !folder.is_root());
        match self {
            Self::Type(item_type) => item.key.item_type == *item_type,
            Self::Item(key) => item.key == *key,
            Self::Folder(folder) => item.folder.as_ref() == Some(folder),
            Self::Names(pattern) => pattern.matches(&item.key.name),
            Self::Folders(pattern) => folders().any(|folder| pattern.matches(&folder.to_string())),
            Self::Shortcuts(pattern) => {
                item.shortcuts.iter().flat_map(|shortcuts| shortcuts.keys()).any(|key| pattern.matches(&key.name))
            }
        }
    }

    fn may_be_idle(&self) -> bool {
        matches!(self, Self::Type(item_type) if item_type::find(item_type).is_some())
    }

    fn none(&self) -> String {
        match self {
            Self::Type(item_type) => format!("no item has the type `{item_type}`, and no such type is known"),
            Self::Item(key) => format!("the folder describes no {key}"),
            Self::Folder(folder) => format!("no item lies in the folder {folder}"),
            Self::Names(_) => "no item has such a name".to_owned(),
            Self::Folders(_) => "no item lies in such a folder".to_owned(),
            Self::Shortcuts(_) => "no shortcut has such a name".to_owned(),
        }
    }
}
