//! The first look at both sides of a new connection: which of them has to follow the other.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{GIT_RETRY, branch, check_idle, link, ready_link, remote_items};
use crate::api::bulk;
use crate::call::Call;
use crate::git::changes::{self, LocalItem};
use crate::git::remote::RemoteItem;
use crate::operations::{self, Completion};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types::Answer;
use crate::world::World;
use crate::world::git::LogicalId;
use crate::world::operation::{Effect, Outcome};

/// Which side wins where both hold items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Preference {
    Remote,
    Workspace,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Initialize {
    #[serde(default)]
    initialization_strategy: Option<String>,
}

/// Reads a preference as callers write it.
pub(super) fn preference(text: &str) -> Option<Preference> {
    [("PreferRemote", Preference::Remote), ("PreferWorkspace", Preference::Workspace)]
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, preference)| preference)
}

pub(crate) fn initialize(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: Initialize = call.json_or_default()?;
    let strategy = match wanted.initialization_strategy.as_deref() {
        None => None,
        Some(text) if text.eq_ignore_ascii_case("None") => None,
        Some(text) => {
            Some(preference(text).ok_or_else(|| Refusal::body(format!("'{text}' is not an initialization strategy")))?)
        }
    };
    let link = ready_link(call)?;
    if link.initialized {
        return Err(Refusal::conflict(
            "WorkspaceGitConnectionAlreadyInitialized",
            "The connection to Git is already initialized",
        ));
    }
    check_idle(call)?;
    let workspace = link.id;
    let branch = branch(call.settings, link)?;
    let remote = remote_items(call.settings, link, &branch.repository, &branch.head)?;
    let local = changes::local(call.world, workspace, call.now);
    check_strategy(&local, &remote, strategy)?;
    let effect = Effect::GitInitialize { workspace, strategy };
    operations::run(call, Answer::Immediate, GIT_RETRY, effect, |_, outcome| match outcome {
        Outcome::Value(value) => Reply::ok(value),
        _ => Reply::done(),
    })
}

fn check_strategy(local: &[LocalItem], remote: &[RemoteItem], strategy: Option<Preference>) -> Result<(), Refusal> {
    if !local.is_empty() && !remote.is_empty() && strategy.is_none() {
        return Err(Refusal::bad(
            "MissingInitializationPolicy",
            "Both the workspace and the branch hold items: an initialization strategy is required",
        ));
    }
    Ok(())
}

pub(crate) fn finish(
    world: &mut World,
    completion: &Completion<'_>,
    workspace: Uuid,
    strategy: Option<Preference>,
) -> Result<Outcome, Refusal> {
    let link = link(world, workspace)?.clone();
    let branch = branch(completion.settings, &link)?;
    let remote = remote_items(completion.settings, &link, &branch.repository, &branch.head)?;
    pair(world, &changes::local(world, workspace, completion.at), &remote);
    let local = changes::local(world, workspace, completion.at);
    check_strategy(&local, &remote, strategy)?;
    // The strategy is for two sides with items; one that holds nothing follows the other.
    let prefers_workspace = match (local.is_empty(), remote.is_empty()) {
        (true, _) => false,
        (false, true) => true,
        (false, false) => strategy == Some(Preference::Workspace),
    };
    // Whoever has to follow starts from what it holds: the difference is then all on the other side.
    let (base, head, action) = if prefers_workspace {
        (changes::remote_as_base(&remote), Some(branch.head.clone()), "CommitToGit")
    } else {
        (changes::as_base(&local), None, "UpdateFromGit")
    };
    let is_same = changes::compare(&base, &local, &remote).is_empty();
    if let Some(link) = world.git_links.edit(workspace) {
        link.initialized = true;
        link.synced = base;
        link.head = if is_same { Some(branch.head.clone()) } else { head };
        if is_same {
            link.last_sync = completion.at;
        }
    }
    let mut answer = serde_json::Map::new();
    answer.insert("requiredAction".to_owned(), json!(if is_same { "None" } else { action }));
    if let Some(head) = super::link(world, workspace)?.head.clone() {
        answer.insert("workspaceHead".to_owned(), json!(head));
    }
    answer.insert("remoteCommitHash".to_owned(), json!(branch.head));
    Ok(Outcome::Value(Value::Object(answer)))
}

/// An item that the branch knows by type and name is the same item: it takes the logical id from there.
fn pair(world: &mut World, local: &[LocalItem], remote: &[RemoteItem]) {
    for there in remote.iter().filter(|there| !local.iter().any(|here| here.logical_id == there.logical_id)) {
        let namesake = local.iter().find(|here| {
            here.item_type == there.item_type.name
                && here.display_name.eq_ignore_ascii_case(&there.metadata.display_name)
                && !remote.iter().any(|other| other.logical_id == here.logical_id)
        });
        if let Some(here) = namesake {
            remember(world, here.object_id, there.logical_id);
        }
    }
}

/// Keeps the id that a repository knows an item by.
pub(super) fn remember(world: &mut World, item: Uuid, logical_id: Uuid) {
    if bulk::logical_id(item) != logical_id {
        world.logical_ids.put(LogicalId { id: item, logical_id });
    }
}
