//! A keyed collection that remembers which of its entries changed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Something with an identity that the world keeps and the log writes down.
pub(crate) trait Entity: Serialize + DeserializeOwned {
    /// Its name in the log.
    const KIND: &'static str;

    fn id(&self) -> Uuid;
}

/// Entities by id. Ids are random, so walking a table shows entries in no order a client may rely on.
#[derive(Debug)]
pub(crate) struct Table<T> {
    entries: BTreeMap<Uuid, T>,
    changed: BTreeSet<Uuid>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), changed: BTreeSet::new() }
    }
}

impl<T: Entity> Table<T> {
    pub(crate) fn get(&self, id: Uuid) -> Option<&T> {
        self.entries.get(&id)
    }

    /// The entry for changing; it counts as changed.
    pub(crate) fn edit(&mut self, id: Uuid) -> Option<&mut T> {
        let entry = self.entries.get_mut(&id)?;
        self.changed.insert(id);
        Some(entry)
    }

    pub(crate) fn put(&mut self, entity: T) {
        let id = entity.id();
        self.changed.insert(id);
        self.entries.insert(id, entity);
    }

    pub(crate) fn remove(&mut self, id: Uuid) -> Option<T> {
        let removed = self.entries.remove(&id)?;
        self.changed.insert(id);
        Some(removed)
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        let gone: Vec<Uuid> = self.entries.values().filter(|entity| !keep(entity)).map(Entity::id).collect();
        for id in gone {
            self.remove(id);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.values()
    }

    /// Entries whose id lies behind the given one.
    pub(crate) fn after(&self, id: Option<Uuid>) -> impl Iterator<Item = &T> {
        let start = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.entries.range((start, Bound::Unbounded)).map(|(_, entity)| entity)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The ids changed since the last call, each with its entry, or `None` where the entry is gone.
    pub(crate) fn take_changes(&mut self) -> Vec<(Uuid, Option<&T>)> {
        let changed = std::mem::take(&mut self.changed);
        changed.into_iter().map(|id| (id, self.entries.get(&id))).collect()
    }

    /// Restores one entry from the log without marking it as changed.
    pub(crate) fn restore(&mut self, id: Uuid, entity: Option<T>) {
        match entity {
            Some(entity) => self.entries.insert(id, entity),
            None => self.entries.remove(&id),
        };
    }
}
