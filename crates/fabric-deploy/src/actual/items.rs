//! The items of a workspace, found by name in constant time.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::ActualItem;
use crate::desired::{DesiredState, FolderPath, ItemKey};
use crate::error::DeployError;
use crate::item_type;
use crate::logical_id;

/// All items of a workspace.
#[derive(Debug, Clone, Default)]
pub struct Items {
    items: Vec<ActualItem>,
    by_name: HashMap<ItemKey, Vec<usize>>,
    /// Items that bear another name than the files give them.
    recognised: HashMap<ItemKey, usize>,
}

impl Items {
    /// These items, indexed.
    pub fn new(items: Vec<ActualItem>) -> Self {
        let mut by_name: HashMap<ItemKey, Vec<usize>> = HashMap::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            by_name.entry(ignoring_case(&item.key)).or_default().push(position);
        }
        Self { items, by_name, recognised: HashMap::new() }
    }

    /// Finds the items that the files call otherwise than the workspace does: those that a record says an item was
    /// deployed as, and those whose `logicalId` is the one that the service gives its object. An item whose present
    /// name the files give to another one is not taken.
    pub(super) fn recognise(&mut self, desired: &DesiredState) -> Result<(), DeployError> {
        let mut claimed = HashSet::new();
        let mut unnamed = Vec::new();
        for item in desired.items.values() {
            match self.find(&item.key, item.folder.as_ref())? {
                Some(found) => {
                    claimed.insert(found.id);
                }
                None => unnamed.push(item),
            }
        }
        if unnamed.is_empty() {
            return Ok(());
        }
        let by_id: HashMap<Uuid, usize> =
            self.items.iter().enumerate().map(|(position, item)| (item.id, position)).collect();
        for item in unnamed {
            let of_service = item.logical_id.map(logical_id::of_object);
            let ids = item.deployed_as.iter().copied().chain(of_service);
            let found = ids.filter_map(|id| by_id.get(&id)).copied().find(|position| {
                self.items.get(*position).is_some_and(|found| {
                    found.key.item_type == item.key.item_type && !self.is_child(found) && claimed.insert(found.id)
                })
            });
            self.recognised.extend(found.map(|position| (item.key.clone(), position)));
        }
        Ok(())
    }

    /// Every item.
    pub fn iter(&self) -> impl Iterator<Item = &ActualItem> {
        self.items.iter()
    }

    /// The item that `key` means: the exact name first, then, for types whose names are unique without regard to
    /// letter case, the name in other letters. Where the service lets names repeat, the one in `folder` is meant.
    pub fn find(&self, key: &ItemKey, folder: Option<&FolderPath>) -> Result<Option<&ActualItem>, DeployError> {
        let named: Vec<_> = self.named(key).collect();
        let exact: Vec<_> = named.iter().copied().filter(|item| item.key == *key).collect();
        let candidates = if exact.is_empty() && !item_type::allows_equal_names(&key.item_type) { named } else { exact };
        match candidates.as_slice() {
            [] => Ok(self.recognised.get(key).and_then(|position| self.items.get(*position))),
            [only] => Ok(Some(only)),
            several => {
                let mut in_folder = several.iter().filter(|item| Some(&item.folder) == folder);
                match (in_folder.next(), in_folder.next()) {
                    (Some(only), None) => Ok(Some(only)),
                    _ => Err(DeployError::AmbiguousItem {
                        key: key.clone(),
                        ids: several.iter().map(|item| item.id).collect(),
                    }),
                }
            }
        }
    }

    /// Whether `item` is one that the service keeps for another item, such as the SQL endpoint of a lakehouse or the
    /// database that every eventhouse starts with.
    pub(crate) fn is_child(&self, item: &ActualItem) -> bool {
        if item_type::is_child_only(&item.key.item_type) {
            return true;
        }
        let parent_type = match item.key.item_type.as_str() {
            "KQLDatabase" => "Eventhouse",
            "SemanticModel" => "Lakehouse",
            _ => return false,
        };
        self.named(&ItemKey::new(parent_type, &item.key.name)).any(|parent| parent.key.name == item.key.name)
    }

    fn named(&self, key: &ItemKey) -> impl Iterator<Item = &ActualItem> {
        self.by_name.get(&ignoring_case(key)).into_iter().flatten().filter_map(|position| self.items.get(*position))
    }
}

fn ignoring_case(key: &ItemKey) -> ItemKey {
    ItemKey::new(&key.item_type, key.name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(item_type: &str, name: &str, folder: &str) -> ActualItem {
        let folder = if folder.is_empty() { FolderPath::root() } else { FolderPath(vec![folder.to_owned()]) };
        ActualItem { id: Uuid::new_v4(), key: ItemKey::new(item_type, name), description: String::new(), folder }
    }

    #[test]
    fn a_name_in_other_letters_is_the_same_item_except_for_reports() {
        let items = Items::new(vec![item("Notebook", "Load", ""), item("Report", "Sales", "")]);
        assert!(items.find(&ItemKey::new("Notebook", "LOAD"), None).unwrap().is_some());
        assert!(items.find(&ItemKey::new("Report", "SALES"), None).unwrap().is_none());
    }

    #[test]
    fn of_several_items_the_one_in_the_folder_is_meant_and_none_is_guessed() {
        let items = Items::new(vec![item("Report", "Sales", "a"), item("Report", "Sales", "b")]);
        let key = ItemKey::new("Report", "Sales");
        let found = items.find(&key, Some(&FolderPath(vec!["b".to_owned()]))).unwrap().unwrap();
        assert_eq!(found.folder.name(), Some("b"));
        assert!(matches!(items.find(&key, None), Err(DeployError::AmbiguousItem { ids, .. }) if ids.len() == 2));
    }

    #[test]
    fn the_database_an_eventhouse_starts_with_is_a_child() {
        let items =
            Items::new(vec![item("Eventhouse", "E", ""), item("KQLDatabase", "E", ""), item("KQLDatabase", "F", "")]);
        let children: Vec<_> =
            items.iter().filter(|item| items.is_child(item)).map(|item| item.key.to_string()).collect();
        assert_eq!(children, ["E.KQLDatabase"]);
    }
}
