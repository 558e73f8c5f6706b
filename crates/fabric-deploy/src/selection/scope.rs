//! What a selection leaves of a desired state, and what it keeps from being deleted.

use std::collections::BTreeMap;

use super::{Pattern, Selection};
use crate::desired::{DesiredState, FolderPath, ItemKey, ShortcutKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// What a deployment is not about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Items that the files have and that were not selected, with their folders.
    pub(crate) left_out: BTreeMap<ItemKey, FolderPath>,
    /// What an item must be admitted by to be deleted.
    pub(crate) deletable: Vec<Selection>,
    /// Shortcuts of these names are left as they are, inside every item.
    pub(crate) excluded_shortcuts: Option<Pattern>,
}

impl Scope {
    /// Whether an item of the workspace that the deployment does not describe may be deleted where deleting is asked for.
    pub(crate) fn may_delete(&self, key: &ItemKey, folder: &FolderPath) -> bool {
        !self.left_out.contains_key(key) && self.deletable.iter().all(|selection| selection.admits(key, folder))
    }

    /// Whether a shortcut is none of those that are left as they are.
    pub(crate) fn admits_shortcut(&self, shortcut: &ShortcutKey) -> bool {
        self.excluded_shortcuts.as_ref().is_none_or(|pattern| !pattern.matches(&shortcut.name))
    }
}

impl DesiredState {
    /// Leaves shortcuts out whose name matches: they are neither written nor deleted.
    pub fn exclude_shortcuts(&mut self, pattern: Pattern) {
        for shortcuts in self.items.values_mut().filter_map(|item| item.shortcuts.as_mut()) {
            shortcuts.retain(|shortcut, _| !pattern.matches(&shortcut.name));
        }
        self.scope.excluded_shortcuts = Some(pattern);
    }

    /// Leaves out what is not selected, and keeps everything that `deletable` does not admit from being deleted.
    ///
    /// The findings name each item that is left out though it refers to one that is deployed: it may depend on the change.
    pub fn select(&mut self, selection: &Selection, deletable: &Selection) -> Diagnostics {
        let admitted = |key: &ItemKey, folder: Option<&FolderPath>| match folder {
            Some(folder) => selection.admits(key, folder),
            None => selection.admits(key, &FolderPath::root()),
        };
        let mut left_out = Vec::new();
        self.items.retain(|key, item| {
            let admitted = admitted(key, item.folder.as_ref());
            if !admitted {
                left_out.push(item.clone());
            }
            admitted
        });
        if selection.folders.is_some() || selection.exclude_folders.is_some() {
            self.extra_folders.clear();
        }
        let mut findings = Diagnostics::new();
        for item in &left_out {
            let used: Vec<_> = item.references_to_items().filter(|key| self.items.contains_key(*key)).collect();
            if let Some(first) = used.first() {
                let more = if used.len() > 1 { format!(" and {} more", used.len() - 1) } else { String::new() };
                let message =
                    format!("{} refers to {first}{more}, which is deployed, and is not selected itself", item.key);
                findings.push(
                    Diagnostic::warning("dependent-not-selected", message)
                        .at(Place::file(&item.source))
                        .remedy("select it as well, if it depends on what changed"),
                );
            }
        }
        self.scope.left_out.extend(left_out.into_iter().map(|item| (item.key, item.folder.unwrap_or_default())));
        if !deletable.is_everything() {
            self.scope.deletable.push(deletable.clone());
        }
        findings.sorted()
    }
}
