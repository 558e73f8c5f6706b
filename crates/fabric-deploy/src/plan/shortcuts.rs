//! Shortcuts that have to be written, and those that the files do not have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::build::Builder;
use super::{Change, KeepReason, KeptItem};
use crate::canonical;
use crate::content::Reference;
use crate::desired::{DesiredItem, DesiredShortcut, ItemKey, ShortcutKey};
use crate::error::DeployError;

/// A shortcut that the files do not have.
pub(super) struct Orphan {
    key: ItemKey,
    item: Uuid,
    shortcut: ShortcutKey,
    content: Value,
    /// Whether the deployment is not about it.
    pub(super) is_excluded: bool,
}

impl Orphan {
    pub(super) fn kept(&self) -> KeptItem {
        KeptItem {
            key: self.key.clone(),
            id: self.item,
            shortcut: Some(self.shortcut.clone()),
            reason: if self.is_excluded { KeepReason::NotSelected } else { KeepReason::NotPruned },
        }
    }

    pub(super) fn deletion(&self) -> Change {
        let (key, shortcut, from) = (self.key.clone(), self.shortcut.clone(), self.content.clone());
        Change::DeleteShortcut { key, shortcut, from }
    }
}

impl<'a> Builder<'a> {
    /// Adds the steps that write shortcuts, and gives the items they are in. A shortcut comes after its item, after the
    /// items it points to, and after shortcuts that it leads through.
    pub(super) fn shortcuts(&mut self) -> Result<BTreeSet<ItemKey>, DeployError> {
        let mut steps: BTreeMap<(&'a ItemKey, &'a ShortcutKey), usize> = BTreeMap::new();
        let state = self.desired;
        for item in state.items.values() {
            let there = self.actual_shortcuts(item)?;
            for (shortcut, desired) in item.shortcuts.iter().flatten() {
                let from = there.and_then(|there| there.get(shortcut));
                if from.is_some_and(|from| self.is_as_described(desired, from)) {
                    continue;
                }
                let items = desired.content.references().into_iter().filter_map(Reference::target_item);
                let after = items.chain([&item.key]).filter_map(|key| self.of_item.get(key)).flatten();
                let after = after.copied().collect();
                let (key, from) = (item.key.clone(), from.cloned());
                let change = Change::WriteShortcut { key, shortcut: shortcut.clone(), from };
                steps.insert((&item.key, shortcut), self.add(change, after));
            }
        }
        for (item, shortcut) in steps.keys() {
            let desired = self.desired.items.get(*item).and_then(|item| item.shortcuts.as_ref()?.get(*shortcut));
            let Some((target, path)) = desired.and_then(target_place) else { continue };
            let through = steps.iter().filter(|((other, way), _)| {
                (*other, *way) != (*item, *shortcut) && **other == target && leads_through(&path, way)
            });
            let after: Vec<usize> = through.map(|(_, step)| *step).collect();
            let step = steps.get(&(*item, *shortcut)).copied().unwrap_or_default();
            if let Some(node) = self.nodes.get_mut(step).filter(|_| !after.is_empty()) {
                node.after.extend(after);
            }
        }
        Ok(steps.into_keys().map(|(item, _)| item.clone()).collect())
    }

    /// Shortcuts of items whose shortcuts the files describe, and that the files do not have.
    pub(super) fn orphaned_shortcuts(&self) -> Result<Vec<Orphan>, DeployError> {
        let mut orphans = Vec::new();
        for item in self.desired.items.values() {
            let Some(desired) = &item.shortcuts else { continue };
            let Some(found) = self.actual.items.find(&item.key, item.folder.as_ref())? else { continue };
            let there = self.actual.shortcuts.get(&found.id).into_iter().flatten();
            orphans.extend(there.filter(|(key, _)| !desired.contains_key(*key)).map(|(shortcut, content)| Orphan {
                key: item.key.clone(),
                item: found.id,
                shortcut: shortcut.clone(),
                content: content.clone(),
                is_excluded: !self.desired.scope.admits_shortcut(shortcut),
            }));
        }
        Ok(orphans)
    }

    fn actual_shortcuts(&self, item: &DesiredItem) -> Result<Option<&'a BTreeMap<ShortcutKey, Value>>, DeployError> {
        let found = self.actual.items.find(&item.key, item.folder.as_ref())?;
        Ok(found.and_then(|found| self.actual.shortcuts.get(&found.id)))
    }

    fn is_as_described(&self, desired: &DesiredShortcut, actual: &Value) -> bool {
        let resolved = desired.content.resolve(|reference| self.actual.values.get(reference).cloned());
        let wanted = resolved.ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        wanted.is_some_and(|wanted| canonical::shortcut_says(&wanted, actual))
    }
}

/// The item of the workspace that a shortcut points to, and the path inside it.
fn target_place(shortcut: &DesiredShortcut) -> Option<(ItemKey, String)> {
    let mut items = shortcut.content.references().into_iter().filter_map(Reference::target_item);
    let item = items.next()?;
    let bytes = shortcut.content.resolve(|reference| Some(reference.to_string())).ok()?;
    let content: Value = serde_json::from_slice(&bytes).ok()?;
    let path = content.pointer("/target/oneLake/path")?.as_str()?;
    Some((item.clone(), path.trim_matches('/').to_owned()))
}

/// Whether `path` is this shortcut or lies behind it.
fn leads_through(path: &str, shortcut: &ShortcutKey) -> bool {
    let way = shortcut.to_string();
    path.strip_prefix(way.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
