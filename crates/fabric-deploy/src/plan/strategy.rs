//! Which items go to the workspace together, in one bulk import, and which one by one.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{Action, Change, Plan, PlannedStep};
use crate::actual::ActualState;
use crate::content::Segment;
use crate::desired::{DesiredBody, DesiredItem, DesiredState, FolderPath, ItemKey};
use crate::item_type;

/// From this many items on that are ready at the same time, one bulk import ends sooner than as many single calls:
/// `docs/performance.md` has the times on both sides of it and the commands that took them. Where single calls are as fast, they are sent: they
/// say of each item why it failed.
const AUTO_FROM: usize = 64;
/// How many items one import carries at most. The service takes 1 000; with fewer, a lost answer leaves less in doubt,
/// and all of them can be under way as steps at the same time.
const LARGEST: usize = 200;
/// How many bytes of content one import carries at most, unless a single item has more.
const LARGEST_BYTES: usize = 16 * 1024 * 1024;

/// How items are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// In bulk where that is faster.
    #[default]
    Auto,
    /// One by one.
    Items,
    /// In bulk wherever the service takes it.
    Bulk,
}

/// Items that go in one bulk import. None of them needs another one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Whether all of them are created, or all of them updated.
    pub action: Action,
    /// The items.
    pub items: Vec<ItemKey>,
}

/// What a plan does with its strategy, for people and machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChosenStrategy {
    /// What was asked for.
    pub asked: Strategy,
    /// How many items each bulk import carries, in the order in which they are sent.
    pub imports: Vec<usize>,
    /// How many items get their definition by a call of their own.
    pub single: usize,
    /// Why, in a sentence.
    pub reason: String,
}

/// The imports of a plan with these steps.
pub(super) fn imports(
    strategy: Strategy,
    desired: &DesiredState,
    actual: &ActualState,
    steps: &[PlannedStep],
) -> Vec<Import> {
    let fewest = match strategy {
        Strategy::Items => return Vec::new(),
        Strategy::Auto => AUTO_FROM,
        Strategy::Bulk => 1,
    };
    let elsewhere = otherwise_changed(steps);
    let mut levels: Vec<usize> = Vec::with_capacity(steps.len());
    let mut together: BTreeMap<(usize, Action), Vec<(&ItemKey, usize)>> = BTreeMap::new();
    for step in steps {
        let level = step.after.iter().filter_map(|before| levels.get(*before)).max().map_or(0, |level| level + 1);
        levels.push(level);
        let Some(key) = step.change.item() else { continue };
        let Some(item) = desired.items.get(key).filter(|item| takes_bulk(item)) else { continue };
        let fits = match &step.change {
            Change::CreateItem { folder, .. } => has_plain_path(key, folder),
            Change::UpdateDefinition { id, .. } => {
                let found = actual.items.iter().find(|found| found.id == *id);
                !item_type::allows_equal_names(&key.item_type)
                    && !elsewhere.contains(key)
                    && found.is_some_and(|found| has_plain_path(&found.key, &found.folder))
            }
            _ => false,
        };
        if fits {
            together.entry((level, step.change.action())).or_default().push((key, size(item)));
        }
    }
    let large = together.into_iter().filter(|(_, items)| items.len() >= fewest);
    large.flat_map(|((_, action), items)| divided(action, items)).collect()
}

/// Items of which more changes than their definition: an import would do all of it at once, where each change has its own
/// step and its own undo.
fn otherwise_changed(steps: &[PlannedStep]) -> HashSet<&ItemKey> {
    let others = steps.iter().filter_map(|step| match &step.change {
        Change::UpdateMetadata { key, .. } | Change::MoveItem { key, .. } => Some(key),
        _ => None,
    });
    others.collect()
}

/// A bulk import names no format, and takes definitions only.
fn takes_bulk(item: &DesiredItem) -> bool {
    item_type::takes_bulk(&item.key.item_type) && matches!(item.body, DesiredBody::Definition { format: None, .. })
}

/// Whether the path of the item's parts can mean nothing else: names have no slash, and no folder looks like an item.
fn has_plain_path(key: &ItemKey, folder: &FolderPath) -> bool {
    let looks_like_item =
        |name: &String| name.rsplit_once('.').is_some_and(|(_, ending)| item_type::find(ending).is_some());
    !key.name.contains(['/', '\\']) && !folder.0.iter().any(|name| name.contains(['/', '\\']) || looks_like_item(name))
}

fn size(item: &DesiredItem) -> usize {
    let segments = item.parts().iter().flat_map(|part| part.content.segments());
    segments
        .map(|segment| match segment {
            Segment::Literal(bytes) => bytes.len(),
            Segment::Reference(_) => 0,
        })
        .sum()
}

fn divided(action: Action, items: Vec<(&ItemKey, usize)>) -> Vec<Import> {
    let mut imports = Vec::new();
    let mut next = Vec::new();
    let mut bytes = 0;
    for (key, size) in items {
        if next.len() == LARGEST || (!next.is_empty() && bytes + size > LARGEST_BYTES) {
            imports.push(Import { action, items: std::mem::take(&mut next) });
            bytes = 0;
        }
        next.push(key.clone());
        bytes += size;
    }
    imports.push(Import { action, items: next });
    imports
}

impl Plan {
    /// What becomes of the strategy; `None` where no item gets a definition.
    pub fn chosen_strategy(&self) -> Option<ChosenStrategy> {
        let writes =
            |step: &&PlannedStep| matches!(step.change, Change::CreateItem { .. } | Change::UpdateDefinition { .. });
        let written = self.steps.iter().filter(writes).count();
        if written == 0 {
            return None;
        }
        let imports: Vec<usize> = self.imports.iter().map(|import| import.items.len()).collect();
        let together: usize = imports.iter().sum();
        let single = written - together;
        let calls = single + imports.len();
        let reason = match (self.strategy, imports.as_slice()) {
            (Strategy::Items, _) => "one call for each item, as asked".to_owned(),
            (Strategy::Auto, []) => {
                format!(
                    "one call for each item: a bulk import is not faster below {AUTO_FROM} items that are ready together"
                )
            }
            (Strategy::Bulk, []) => "one call for each item: none of them can go in a bulk import".to_owned(),
            (Strategy::Auto | Strategy::Bulk, _) => {
                format!("{calls} calls write {written} items, where one by one would be {written} calls")
            }
        };
        Some(ChosenStrategy { asked: self.strategy, imports, single, reason })
    }
}

/// Which import each item goes in.
pub(crate) fn by_item(imports: &[Import]) -> HashMap<ItemKey, usize> {
    let numbered = imports.iter().enumerate();
    numbered.flat_map(|(number, import)| import.items.iter().map(move |key| (key.clone(), number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(imports: &[Import]) -> Vec<usize> {
        imports.iter().map(|import| import.items.len()).collect()
    }

    #[test]
    fn an_import_is_neither_too_long_nor_too_large() {
        let keys: Vec<_> = (0..450).map(|number| ItemKey::new("Notebook", number.to_string())).collect();
        let small = keys.iter().map(|key| (key, 10)).collect();
        assert_eq!(names(&divided(Action::Create, small)), [200, 200, 50]);
        let large = keys.iter().take(5).map(|key| (key, 9 * 1024 * 1024)).collect();
        assert_eq!(names(&divided(Action::Create, large)), [1, 1, 1, 1, 1]);
    }

    #[test]
    fn a_path_that_could_mean_another_item_is_not_sent_in_bulk() {
        let key = ItemKey::new("Notebook", "Load");
        let folder = |name: &str| FolderPath(vec![name.to_owned()]);
        assert!(has_plain_path(&key, &folder("Data v1.2")));
        assert!(!has_plain_path(&key, &folder("Old.Notebook")));
        assert!(!has_plain_path(&ItemKey::new("Notebook", "a/b"), &FolderPath::root()));
    }
}
