//! What differs between a workspace and its branch.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{GIT_RETRY, branch, check_types, initialized_link, link, remote_items};
use crate::call::Call;
use crate::git::changes::{self, Change};
use crate::operations::{self, Completion};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types::Answer;
use crate::world::World;
use crate::world::operation::{Effect, Outcome};

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = initialized_link(call)?.id;
    branch(call.settings, link(call.world, workspace)?)?;
    let items = changes::local(call.world, workspace, call.now);
    check_types(call, items.iter().map(|item| item.item_type.as_str()))?;
    let effect = Effect::GitStatus { workspace };
    operations::run(call, Answer::Immediate, GIT_RETRY, effect, |_, outcome| match outcome {
        Outcome::Value(value) => Reply::ok(value),
        _ => Reply::done(),
    })
}

pub(crate) fn finish(world: &World, completion: &Completion<'_>, workspace: Uuid) -> Result<Outcome, Refusal> {
    let link = link(world, workspace)?;
    let branch = branch(completion.settings, link)?;
    let remote = remote_items(completion.settings, link, &branch.repository, &branch.head)?;
    let local = changes::local(world, workspace, completion.at);
    let changes: Vec<Value> = changes::compare(&link.synced, &local, &remote).iter().map(Change::show).collect();
    Ok(Outcome::Value(json!({
        // The schema wants a text even where the workspace has not been in step with any commit.
        "workspaceHead": link.head.clone().unwrap_or_default(),
        "remoteCommitHash": branch.head,
        "changes": changes,
    })))
}
