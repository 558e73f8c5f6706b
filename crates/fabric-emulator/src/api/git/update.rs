//! The branch's changes, brought into the workspace.

use serde::Deserialize;
use uuid::Uuid;

use super::initialize::{Preference, preference, remember};
use super::{GIT_RETRY, branch, check_head, check_idle, check_types, initialized_link, link, remote_items};
use crate::api::{bulk, names};
use crate::call::Call;
use crate::git::changes::{self, Change, ChangeType, ConflictType};
use crate::git::remote::RemoteItem;
use crate::operations::{self, Completion};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::settings::Settings;
use crate::types::Answer;
use crate::world::World;
use crate::world::entities::StoredPart;
use crate::world::git::{GitLink, SyncedItem};
use crate::world::operation::{Effect, ImportEntry, Outcome};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    remote_commit_hash: String,
    #[serde(default)]
    workspace_head: Option<String>,
    #[serde(default)]
    conflict_resolution: Option<Resolution>,
    #[serde(default)]
    options: Options,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resolution {
    conflict_resolution_type: String,
    conflict_resolution_policy: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(default)]
    allow_override_items: bool,
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: Update = call.json()?;
    let policy = wanted.conflict_resolution.as_ref().map(read_resolution).transpose()?;
    let link = initialized_link(call)?;
    check_idle(call)?;
    check_head(link, wanted.workspace_head.as_deref())?;
    let branch = branch(call.settings, link)?;
    let commit = wanted.remote_commit_hash;
    if !branch.repository.contains(&link.provider.branch_name, &commit) {
        return Err(super::resource_not_found());
    }
    let incoming = incoming(call.world, call.settings, link, &commit, call.now)?;
    incoming.check(policy)?;
    let overrides = incoming.changes.iter().any(|change| {
        change.object_id.is_some() && matches!(change.remote, Some(ChangeType::Modified | ChangeType::Deleted))
    });
    if overrides && !wanted.options.allow_override_items {
        return Err(Refusal::bad(
            "OverrideItemsNotAllowed",
            "The update overrides items, which the options do not allow",
        ));
    }
    check_types(call, incoming.changes.iter().map(|change| change.item_type.as_str()))?;
    check_names(call, &incoming)?;
    let effect = Effect::GitUpdate { workspace: link.id, commit, policy };
    operations::run(call, Answer::LongRunning, GIT_RETRY, effect, |_, _| Reply::done())
}

fn read_resolution(resolution: &Resolution) -> Result<Preference, Refusal> {
    if !resolution.conflict_resolution_type.eq_ignore_ascii_case("Workspace") {
        return Err(Refusal::body("the conflict resolution type must be 'Workspace'".to_owned()));
    }
    let policy = &resolution.conflict_resolution_policy;
    preference(policy).ok_or_else(|| Refusal::body(format!("'{policy}' is not a conflict resolution policy")))
}

/// What a commit brings.
struct Incoming {
    remote: Vec<RemoteItem>,
    changes: Vec<Change>,
}

fn incoming(
    world: &World,
    settings: &Settings,
    link: &GitLink,
    commit: &str,
    now: crate::clock::Moment,
) -> Result<Incoming, Refusal> {
    let branch = branch(settings, link)?;
    let remote = remote_items(settings, link, &branch.repository, commit)?;
    let mut changes = changes::compare(&link.synced, &changes::local(world, link.id, now), &remote);
    changes.retain(|change| change.remote.is_some());
    Ok(Incoming { remote, changes })
}

impl Incoming {
    fn check(&self, policy: Option<Preference>) -> Result<(), Refusal> {
        let conflicts = self.changes.iter().any(|change| change.conflict == ConflictType::Conflict);
        if conflicts && policy.is_none() {
            return Err(Refusal::bad(
                "MissingWorkspaceConflictResolution",
                "There are conflicts between the workspace and the branch: a conflict resolution is required",
            ));
        }
        Ok(())
    }

    fn item(&self, change: &Change) -> Option<&RemoteItem> {
        self.remote.iter().find(|item| item.logical_id == change.logical_id)
    }
}

/// An item that comes must not meet a namesake that stays.
fn check_names(call: &Call<'_>, incoming: &Incoming) -> Result<(), Refusal> {
    let workspace = call.workspace_id();
    for item in incoming.changes.iter().filter_map(|change| incoming.item(change)) {
        let mut namesakes = call.world.items_in(workspace).filter(|other| {
            item.item_type.unique_names
                && other.item_type == item.item_type.name
                && other.display_name.eq_ignore_ascii_case(&item.metadata.display_name)
        });
        let stays = |other: Uuid| {
            let logical = changes::logical_id(call.world, other);
            logical != item.logical_id && !incoming.changes.iter().any(|change| change.logical_id == logical)
        };
        if namesakes.any(|other| other.parent.is_none() && stays(other.id)) {
            return Err(Refusal::bad(
                "PotentialDuplicateDisplayNameAndType",
                format!("The workspace has another {} '{}'", item.item_type.name, item.metadata.display_name),
            ));
        }
        names::check(item.item_type, &item.metadata.display_name)?;
    }
    Ok(())
}

pub(crate) fn finish(
    world: &mut World,
    completion: &Completion<'_>,
    workspace: Uuid,
    commit: &str,
    policy: Option<Preference>,
) -> Result<Outcome, Refusal> {
    let link = link(world, workspace)?.clone();
    let incoming = incoming(world, completion.settings, &link, commit, completion.at)?;
    incoming.check(policy)?;
    let mut synced = link.synced;
    for change in &incoming.changes {
        synced.retain(|item| item.logical_id != change.logical_id);
        synced.extend(incoming.item(change).map(|item| SyncedItem {
            logical_id: item.logical_id,
            item_type: item.item_type.name.to_owned(),
            display_name: item.metadata.display_name.clone(),
            fingerprint: item.fingerprint(),
        }));
    }
    // Where the workspace wins, the branch's version counts as seen and the workspace's as changed since.
    let mut applied: Vec<&Change> = incoming
        .changes
        .iter()
        .filter(|change| match change.conflict {
            ConflictType::None => true,
            ConflictType::SameChanges => false,
            ConflictType::Conflict => policy == Some(Preference::Remote),
        })
        .collect();
    // A parent brings its child into being, so it comes first.
    applied.sort_by_key(|change| {
        let item = incoming.item(change);
        (item.is_some(), change.object_id.is_none(), item.is_some_and(|item| item.item_type.child.is_none()))
    });
    for change in applied {
        match (incoming.item(change), change.object_id) {
            (Some(item), existing) => bring(world, completion, workspace, item, existing)?,
            (None, Some(id)) => world.delete_item(id, completion.at, completion.at),
            (None, None) => {}
        }
    }
    if let Some(link) = world.git_links.edit(workspace) {
        link.head = Some(commit.to_owned());
        link.last_sync = completion.at;
        link.synced = synced;
    }
    Ok(Outcome::Nothing)
}

fn bring(
    world: &mut World,
    completion: &Completion<'_>,
    workspace: Uuid,
    item: &RemoteItem,
    existing: Option<Uuid>,
) -> Result<(), Refusal> {
    let parts = item
        .parts
        .iter()
        .map(|(path, content)| StoredPart { path: path.clone(), digest: world.blobs.put(content) })
        .collect();
    let name = &item.metadata.display_name;
    let child = world.items_in(workspace).find(|other| {
        other.parent.is_some()
            && other.item_type == item.item_type.name
            && other.display_name.eq_ignore_ascii_case(name)
    });
    let existing = existing.or_else(|| child.map(|child| child.id));
    let entry = ImportEntry {
        folders: item.folders.clone(),
        item_type: item.item_type.name.to_owned(),
        display_name: name.clone(),
        description: Some(item.metadata.description.clone().unwrap_or_default()),
        logical_id: item.logical_id,
        parts,
        existing,
    };
    let id = match existing {
        Some(id) => bulk::import_update(world, completion, id, &entry).map(|()| id)?,
        None => bulk::import_creation(world, completion, workspace, &entry)?,
    };
    remember(world, id, item.logical_id);
    Ok(())
}
