//! The tenant that the emulator holds: typed entities, and questions about them.

pub(crate) mod blobs;
pub(crate) mod defaults;
pub(crate) mod document;
pub(crate) mod entities;
pub(crate) mod git;
pub(crate) mod log;
pub(crate) mod operation;
pub(crate) mod table;
pub(crate) mod vault;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::clock::Moment;
use blobs::{Blobs, Digest};
use entities::{
    Capacity, Connection, Folder, Item, Job, Principal, Reservation, Role, RoleAssignment, Schedule, Workspace,
};
use git::{GitLink, LogicalId};
use operation::{Operation, Status};
use table::Table;
use vault::VaultSecret;

/// Below this many contents nothing is gained by looking for garbage.
const FEW_BLOBS: usize = 1_024;
/// Below this many operations it is not worth looking for old ones.
const FEW_OPERATIONS: usize = 4_096;

/// Everything the emulator knows about the tenant.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) capacities: Table<Capacity>,
    pub(crate) principals: Table<Principal>,
    pub(crate) workspaces: Table<Workspace>,
    pub(crate) folders: Table<Folder>,
    pub(crate) items: Table<Item>,
    pub(crate) reservations: Table<Reservation>,
    pub(crate) connections: Table<Connection>,
    pub(crate) jobs: Table<Job>,
    pub(crate) schedules: Table<Schedule>,
    pub(crate) secrets: Table<VaultSecret>,
    pub(crate) git_links: Table<GitLink>,
    pub(crate) logical_ids: Table<LogicalId>,
    operations: Table<Operation>,
    /// Pending operations by the moment they complete.
    agenda: BTreeSet<(Moment, Uuid)>,
    pub(crate) blobs: Blobs,
    /// The number of contents at which garbage is next looked for.
    crowded: usize,
    /// The number of operations at which old ones are next looked for.
    busy: usize,
}

/// Calls a macro-like closure for each table; keeps the list of tables in one place.
macro_rules! each_table {
    ($world:expr, $visit:ident) => {
        $visit!($world.capacities);
        $visit!($world.principals);
        $visit!($world.workspaces);
        $visit!($world.folders);
        $visit!($world.items);
        $visit!($world.reservations);
        $visit!($world.connections);
        $visit!($world.jobs);
        $visit!($world.schedules);
        $visit!($world.secrets);
        $visit!($world.git_links);
        $visit!($world.logical_ids);
        $visit!($world.operations);
    };
}
pub(crate) use each_table;

impl World {
    /// The strongest role the principal has in the workspace, by itself or through its groups.
    pub(crate) fn role_of(&self, workspace: &Workspace, principal: Uuid) -> Option<Role> {
        let groups = self.principals.get(principal).map(|known| known.member_of.as_slice()).unwrap_or_default();
        workspace
            .role_assignments
            .iter()
            .filter(|held| held.principal_id == principal || groups.contains(&held.principal_id))
            .map(|held| held.role)
            .max()
    }

    /// Items of a workspace, visible or not.
    pub(crate) fn items_in(&self, workspace: Uuid) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.workspace_id == workspace)
    }

    pub(crate) fn folders_in(&self, workspace: Uuid) -> impl Iterator<Item = &Folder> {
        self.folders.iter().filter(move |folder| folder.workspace_id == workspace)
    }

    /// The folder, if it belongs to the workspace.
    pub(crate) fn folder_of(&self, workspace: Uuid, folder: Uuid) -> Option<&Folder> {
        self.folders.get(folder).filter(|found| found.workspace_id == workspace)
    }

    /// The visible item, if it belongs to the workspace.
    pub(crate) fn item_of(&self, workspace: Uuid, item: Uuid, now: Moment) -> Option<&Item> {
        self.items.get(item).filter(|found| found.workspace_id == workspace && found.is_visible(now))
    }

    /// Items that exist because of the given one.
    pub(crate) fn children_of(&self, item: Uuid) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |child| child.parent == Some(item))
    }

    /// Names of the folders from the root down to the given one.
    pub(crate) fn folder_path(&self, folder: Option<Uuid>) -> Vec<String> {
        let mut names = Vec::new();
        let mut next = folder;
        while let Some(found) = next.and_then(|id| self.folders.get(id)) {
            names.push(found.display_name.clone());
            next = found.parent_folder_id;
        }
        names.reverse();
        names
    }

    /// Removes an item with its children, jobs and schedules, and holds their names until the given moment.
    pub(crate) fn delete_item(&mut self, item: Uuid, now: Moment, names_held_until: Moment) {
        let children: Vec<Uuid> = self.children_of(item).map(|child| child.id).collect();
        for child in children {
            self.delete_item(child, now, names_held_until);
        }
        self.jobs.retain(|job| job.item_id != item);
        self.schedules.retain(|schedule| schedule.item_id != item);
        self.logical_ids.remove(item);
        let Some(gone) = self.items.remove(item) else { return };
        if names_held_until > now {
            self.reservations.put(Reservation {
                id: Uuid::new_v4(),
                workspace_id: gone.workspace_id,
                item_type: gone.item_type,
                display_name: gone.display_name,
                until: names_held_until,
            });
        }
    }

    /// Removes a workspace and everything in it.
    pub(crate) fn delete_workspace(&mut self, workspace: Uuid, now: Moment) {
        let items: Vec<Uuid> = self.items_in(workspace).map(|item| item.id).collect();
        for item in items {
            self.delete_item(item, now, now);
        }
        self.folders.retain(|folder| folder.workspace_id != workspace);
        self.reservations.retain(|reservation| reservation.workspace_id != workspace);
        self.git_links.remove(workspace);
        self.workspaces.remove(workspace);
    }

    pub(crate) fn operation(&self, id: Uuid) -> Option<&Operation> {
        self.operations.get(id)
    }

    /// Whether an operation of Git is under way in the workspace.
    pub(crate) fn is_git_busy(&self, workspace: Uuid) -> bool {
        use operation::Effect;
        self.operations.iter().any(|operation| {
            let works_on = match &operation.effect {
                Effect::GitInitialize { workspace, .. }
                | Effect::GitCommit { workspace, .. }
                | Effect::GitUpdate { workspace, .. } => Some(*workspace),
                _ => None,
            };
            operation.status == Status::Pending && works_on == Some(workspace)
        })
    }

    pub(crate) fn put_operation(&mut self, operation: Operation) {
        if let (Status::Pending, Some(due)) = (operation.status, operation.due) {
            self.agenda.insert((due, operation.id));
        }
        self.operations.put(operation);
    }

    /// The next pending operation that is due, in order of time; it leaves the agenda.
    pub(crate) fn next_due(&mut self, now: Moment) -> Option<Operation> {
        loop {
            let &(due, id) = self.agenda.first().filter(|(due, _)| *due <= now)?;
            self.agenda.remove(&(due, id));
            if let Some(operation) = self.operations.get(id).filter(|operation| operation.is_due(now)) {
                return Some(operation.clone());
            }
        }
    }

    /// The content of a stored part; empty where it is missing.
    pub(crate) fn content(&self, digest: &Digest) -> Arc<[u8]> {
        self.blobs.get(digest).unwrap_or_default()
    }

    /// Forgets contents that neither an item nor an operation refers to, once there are many.
    pub(crate) fn collect_garbage(&mut self) {
        if self.blobs.len() <= self.crowded.max(FEW_BLOBS) {
            return;
        }
        let live = self.live_digests();
        self.blobs.keep_only(&live);
        self.crowded = self.blobs.len() * 2;
    }

    /// Forgets operations that completed before the given moment, once there are many.
    pub(crate) fn forget_operations_before(&mut self, moment: Moment) {
        if self.operations.len() <= self.busy.max(FEW_OPERATIONS) {
            return;
        }
        self.operations.retain(|operation| operation.status == Status::Pending || operation.updated >= moment);
        self.busy = self.operations.len() * 2;
    }

    fn live_digests(&self) -> HashSet<Digest> {
        let of_items = self.items.iter().flat_map(|item| &item.parts);
        let of_operations = self.operations.iter().flat_map(operation_parts);
        of_items.chain(of_operations).map(|part| part.digest.clone()).collect()
    }

    fn rebuild_agenda(&mut self) {
        self.agenda = self
            .operations
            .iter()
            .filter(|operation| operation.status == Status::Pending)
            .filter_map(|operation| operation.due.map(|due| (due, operation.id)))
            .collect();
    }
}

fn operation_parts(operation: &Operation) -> Vec<&entities::StoredPart> {
    use operation::{Effect, Outcome};
    let from_effect: Vec<&entities::StoredPart> = match &operation.effect {
        Effect::UpdateDefinition { parts, .. } => parts.iter().collect(),
        Effect::Import { entries, .. } => entries.iter().flat_map(|entry| &entry.parts).collect(),
        _ => Vec::new(),
    };
    let from_outcome: &[entities::StoredPart] = match &operation.outcome {
        Outcome::Definition { parts, .. } | Outcome::Export { parts, .. } => parts,
        Outcome::Nothing | Outcome::Value(_) => &[],
    };
    from_effect.into_iter().chain(from_outcome).collect()
}

/// Gives a workspace its first administrator.
pub(crate) fn administrator(principal: Uuid) -> RoleAssignment {
    RoleAssignment { principal_id: principal, role: Role::Admin }
}
