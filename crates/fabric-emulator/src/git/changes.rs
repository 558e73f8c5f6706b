//! Compares workspace and branch with what they last agreed on.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::remote::{RemoteItem, fingerprint};
use crate::api::bulk;
use crate::clock::Moment;
use crate::types;
use crate::world::World;
use crate::world::blobs::Digest;
use crate::world::git::SyncedItem;

/// What happened to an item on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeType {
    Added,
    Deleted,
    Modified,
}

/// Whether both sides changed an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConflictType {
    None,
    /// Differently.
    Conflict,
    /// In the same way.
    SameChanges,
}

/// An item as the workspace holds it.
#[derive(Debug, Clone)]
pub(crate) struct LocalItem {
    pub(crate) object_id: Uuid,
    pub(crate) logical_id: Uuid,
    pub(crate) item_type: String,
    pub(crate) display_name: String,
    pub(crate) fingerprint: Digest,
}

/// An item that is not on both sides what it was.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) logical_id: Uuid,
    pub(crate) object_id: Option<Uuid>,
    pub(crate) item_type: String,
    pub(crate) display_name: String,
    pub(crate) workspace: Option<ChangeType>,
    pub(crate) remote: Option<ChangeType>,
    pub(crate) conflict: ConflictType,
}

impl Change {
    pub(crate) fn show(&self) -> Value {
        let mut identifier = Map::new();
        if let Some(id) = self.object_id {
            identifier.insert("objectId".to_owned(), json!(id));
        }
        identifier.insert("logicalId".to_owned(), json!(self.logical_id));
        let mut shown = Map::new();
        shown.insert(
            "itemMetadata".to_owned(),
            json!({"itemIdentifier": identifier, "itemType": self.item_type, "displayName": self.display_name}),
        );
        for (member, change) in [("remoteChange", self.remote), ("workspaceChange", self.workspace)] {
            if let Some(change) = change {
                shown.insert(member.to_owned(), json!(format!("{change:?}")));
            }
        }
        shown.insert("conflictType".to_owned(), json!(format!("{:?}", self.conflict)));
        Value::Object(shown)
    }
}

/// The items of a workspace that Git can hold.
pub(crate) fn local(world: &World, workspace: Uuid, now: Moment) -> Vec<LocalItem> {
    let supported = world.items_in(workspace).filter(|item| {
        item.is_visible(now) && types::find(&item.item_type).is_some_and(types::ItemType::has_definition)
    });
    let describe = |item: &crate::world::entities::Item| LocalItem {
        object_id: item.id,
        logical_id: logical_id(world, item.id),
        item_type: item.item_type.clone(),
        display_name: item.display_name.clone(),
        fingerprint: fingerprint(
            &item.item_type,
            &item.display_name,
            &item.description,
            &world.folder_path(item.folder_id),
            item.parts.iter().map(|part| (part.path.clone(), part.digest.clone())).collect(),
        ),
    };
    supported.map(describe).collect()
}

/// The id by which repositories know an item.
pub(crate) fn logical_id(world: &World, item: Uuid) -> Uuid {
    world.logical_ids.get(item).map_or_else(|| bulk::logical_id(item), |known| known.logical_id)
}

/// Everything that changed on either side.
pub(crate) fn compare(base: &[SyncedItem], local: &[LocalItem], remote: &[RemoteItem]) -> Vec<Change> {
    let ids: BTreeSet<Uuid> = base
        .iter()
        .map(|item| item.logical_id)
        .chain(local.iter().map(|item| item.logical_id))
        .chain(remote.iter().map(|item| item.logical_id))
        .collect();
    let mut changes = Vec::new();
    for id in ids {
        let before = base.iter().find(|item| item.logical_id == id);
        let here = local.iter().find(|item| item.logical_id == id);
        let there = remote.iter().find(|item| item.logical_id == id);
        let there_print = there.map(RemoteItem::fingerprint);
        let before_print = before.map(|item| &item.fingerprint);
        let workspace_change = change(before_print, here.map(|item| &item.fingerprint));
        let remote_change = change(before_print, there_print.as_ref());
        let conflict = match (workspace_change, remote_change) {
            (Some(_), Some(_)) if here.map(|item| &item.fingerprint) == there_print.as_ref() => {
                ConflictType::SameChanges
            }
            (Some(_), Some(_)) => ConflictType::Conflict,
            (None, None) => continue,
            _ => ConflictType::None,
        };
        let names = here
            .map(|item| (item.item_type.clone(), item.display_name.clone()))
            .or_else(|| there.map(|item| (item.item_type.name.to_owned(), item.metadata.display_name.clone())))
            .or_else(|| before.map(|item| (item.item_type.clone(), item.display_name.clone())));
        let (item_type, display_name) = names.unwrap_or_default();
        changes.push(Change {
            logical_id: id,
            object_id: here.map(|item| item.object_id),
            item_type,
            display_name,
            workspace: workspace_change,
            remote: remote_change,
            conflict,
        });
    }
    changes
}

fn change(before: Option<&Digest>, after: Option<&Digest>) -> Option<ChangeType> {
    match (before, after) {
        (None, Some(_)) => Some(ChangeType::Added),
        (Some(_), None) => Some(ChangeType::Deleted),
        (Some(before), Some(after)) if before != after => Some(ChangeType::Modified),
        _ => None,
    }
}

/// What the workspace holds, as what both sides agreed on.
pub(crate) fn as_base(local: &[LocalItem]) -> Vec<SyncedItem> {
    let synced = local.iter().map(|item| SyncedItem {
        logical_id: item.logical_id,
        item_type: item.item_type.clone(),
        display_name: item.display_name.clone(),
        fingerprint: item.fingerprint.clone(),
    });
    synced.collect()
}

/// What the branch holds, as what both sides agreed on.
pub(crate) fn remote_as_base(remote: &[RemoteItem]) -> Vec<SyncedItem> {
    let synced = remote.iter().map(|item| SyncedItem {
        logical_id: item.logical_id,
        item_type: item.item_type.name.to_owned(),
        display_name: item.metadata.display_name.clone(),
        fingerprint: item.fingerprint(),
    });
    synced.collect()
}
