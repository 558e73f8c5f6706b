//! The workspace's changes, as a commit on its branch.

use serde::Deserialize;
use uuid::Uuid;

use super::{
    GIT_RETRY, branch, check_head, check_idle, check_types, initialized_link, link, remote_items, sync_failed,
};
use crate::api::definitions::{self, PLATFORM};
use crate::call::Call;
use crate::git::changes::{self, Change, LocalItem};
use crate::git::remote::RemoteItem;
use crate::git::repository::NewCommit;
use crate::operations::{self, Completion};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types::Answer;
use crate::world::World;
use crate::world::git::{GitLink, SyncedItem};
use crate::world::operation::{Effect, Outcome};

/// The longest comment, in characters.
const COMMENT_LIMIT: usize = 300;
const DEFAULT_COMMENT: &str = "Committed from the workspace";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Commit {
    mode: String,
    #[serde(default)]
    workspace_head: Option<String>,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    items: Vec<Identifier>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identifier {
    #[serde(default)]
    object_id: Option<Uuid>,
    #[serde(default)]
    logical_id: Option<Uuid>,
}

pub(crate) fn commit(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: Commit = call.json()?;
    let link = initialized_link(call)?;
    check_idle(call)?;
    check_head(link, wanted.workspace_head.as_deref())?;
    let comment = wanted.comment.filter(|comment| !comment.is_empty()).unwrap_or_else(|| DEFAULT_COMMENT.to_owned());
    if comment.chars().count() > COMMENT_LIMIT {
        return Err(Refusal::input("The comment is longer than 300 characters"));
    }
    let selects = match wanted.mode.to_ascii_lowercase().as_str() {
        "all" => false,
        "selective" => true,
        other => return Err(Refusal::body(format!("'{other}' is not a commit mode"))),
    };
    if selects && wanted.items.is_empty() {
        return Err(Refusal::bad("NoItemsSelected", "No items are selected"));
    }
    let changes = committable(call.world, call.settings, link, call.now)?.changes;
    let chosen: Vec<Uuid> = changes
        .iter()
        .filter(|change| {
            !selects
                || wanted.items.iter().any(|item| {
                    item.logical_id == Some(change.logical_id)
                        || item.object_id.is_some_and(|id| change.object_id == Some(id))
                })
        })
        .map(|change| change.logical_id)
        .collect();
    if chosen.is_empty() {
        return Err(Refusal::bad("NoChangesToCommit", "There are no changes to commit"));
    }
    check_types(call, changes.iter().map(|change| change.item_type.as_str()))?;
    let effect = Effect::GitCommit { workspace: link.id, items: chosen, comment, author: call.caller.id };
    operations::run(call, Answer::LongRunning, GIT_RETRY, effect, |_, _| Reply::done())
}

/// Both sides, and what the workspace alone has changed.
struct Committable {
    head: String,
    local: Vec<LocalItem>,
    remote: Vec<RemoteItem>,
    changes: Vec<Change>,
}

/// A branch that has changes for the workspace takes none from it.
fn committable(
    world: &World,
    settings: &crate::settings::Settings,
    link: &GitLink,
    now: crate::clock::Moment,
) -> Result<Committable, Refusal> {
    let branch = branch(settings, link)?;
    let remote = remote_items(settings, link, &branch.repository, &branch.head)?;
    let local = changes::local(world, link.id, now);
    let mut changes = changes::compare(&link.synced, &local, &remote);
    if changes.iter().any(|change| change.remote.is_some()) {
        return Err(Refusal::bad(
            "WorkspaceHeadMismatch",
            "The branch has changes that the workspace lacks: update the workspace first",
        ));
    }
    changes.retain(|change| change.workspace.is_some());
    Ok(Committable { head: branch.head, local, remote, changes })
}

pub(crate) fn finish(
    world: &mut World,
    completion: &Completion<'_>,
    workspace: Uuid,
    chosen: &[Uuid],
    comment: &str,
    author: Uuid,
) -> Result<Outcome, Refusal> {
    let link = link(world, workspace)?.clone();
    let both = committable(world, completion.settings, &link, completion.at)?;
    let mut synced = link.synced.clone();
    let (mut removed, mut written) = (Vec::new(), Vec::new());
    for change in both.changes.iter().filter(|change| chosen.contains(&change.logical_id)) {
        let there = both.remote.iter().find(|item| item.logical_id == change.logical_id);
        removed.extend(there.map(|item| item.root.clone()));
        synced.retain(|item| item.logical_id != change.logical_id);
        if let Some(here) = both.local.iter().find(|item| item.logical_id == change.logical_id) {
            written.extend(files_of(world, link.provider.folder(), here));
            synced.push(SyncedItem {
                logical_id: here.logical_id,
                item_type: here.item_type.clone(),
                display_name: here.display_name.clone(),
                fingerprint: here.fingerprint.clone(),
            });
        }
    }
    let principal = world.principals.get(author);
    let name = principal.map_or("Fabric", |principal| principal.display_name.as_str());
    let address = principal.and_then(|principal| principal.user_principal_name.as_deref());
    let repository = branch(completion.settings, &link)?.repository;
    let head = repository
        .commit(&NewCommit {
            branch: &link.provider.branch_name,
            parent: Some(&both.head),
            author: name,
            address: address.unwrap_or("fabric@emulator.example"),
            time: completion.at.div_euclid(1_000_000),
            message: comment,
            removed,
            written,
        })
        .map_err(|error| sync_failed(&error))?;
    if let Some(link) = world.git_links.edit(workspace) {
        link.head = Some(head);
        link.last_sync = completion.at;
        link.synced = synced;
    }
    Ok(Outcome::Nothing)
}

fn files_of(world: &World, folder: &str, item: &LocalItem) -> Vec<(String, Vec<u8>)> {
    let Some(stored) = world.items.get(item.object_id) else { return Vec::new() };
    let mut path: Vec<String> = folder.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    path.extend(world.folder_path(stored.folder_id));
    path.push(format!("{}.{}", stored.display_name, stored.item_type));
    let root = path.join("/");
    let mut files = vec![(format!("{root}/{PLATFORM}"), definitions::write_platform(stored, item.logical_id))];
    files.extend(
        stored.parts.iter().map(|part| (format!("{root}/{}", part.path), world.content(&part.digest).to_vec())),
    );
    files
}
