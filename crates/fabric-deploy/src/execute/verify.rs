//! Re-reads the workspace and looks for what is still not as it shall be.

use std::collections::BTreeSet;

use fabric_client::Client;
use uuid::Uuid;

use crate::actual::{self, ReadOptions};
use crate::desired::{DesiredState, ItemKey, WorkspaceSelector};
use crate::error::DeployError;
use crate::plan::{self, Change, Plan, PlanOptions};
use crate::report::LeftBehind;

/// How much is re-read before success is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verification {
    /// Everything but the content of definitions: the workspace, folders, items with name, description and place,
    /// roles, value sets, publish states. The content is what the service's own operation reported as stored.
    #[default]
    Listing,
    /// The content of definitions as well, which costs one more long-running operation.
    Definitions,
}

/// What of `done` is not true of the workspace. Empty means that all of it is. Deletes that nothing can undo are not
/// looked at: in a transaction they come after this.
pub async fn verify(
    client: &Client,
    desired: &DesiredState,
    workspace: Option<Uuid>,
    done: &Plan,
    verification: Verification,
) -> Result<Vec<LeftBehind>, DeployError> {
    verify_with(client, desired, workspace, done, verification, &BTreeSet::new()).await
}

/// The same, where the definitions of the items in `doubted` are read in any case.
#[tracing::instrument(name = "verify", level = "info", skip_all)]
pub(crate) async fn verify_with(
    client: &Client,
    desired: &DesiredState,
    workspace: Option<Uuid>,
    done: &Plan,
    verification: Verification,
    doubted: &BTreeSet<ItemKey>,
) -> Result<Vec<LeftBehind>, DeployError> {
    let selector = workspace.map_or_else(|| desired.workspace.selector.clone(), WorkspaceSelector::Id);
    let all = verification == Verification::Definitions;
    let options = ReadOptions { definitions: all || !doubted.is_empty(), ..ReadOptions::default() };
    let actual = actual::read(client, &selector, desired, options).await?;
    let again = plan::build(desired, &actual, PlanOptions::default())?;
    let mut left: Vec<_> = again
        .steps
        .iter()
        .filter(|step| {
            // A commit is looked at by its own step, which in a transaction comes after this.
            match &step.change {
                Change::CommitToGit { .. } => false,
                Change::UpdateDefinition { key, .. } => all || doubted.contains(key),
                Change::PublishEnvironment { .. } => all,
                _ => true,
            }
        })
        .map(|step| LeftBehind {
            step: step.id.clone(),
            what: format!("{} is not as it shall be, though the service said it was done", step.change.subject()),
            remedy: "deploy again, and report the request ids to the service's support if it happens again".to_owned(),
        })
        .collect();
    let deleted =
        done.steps.iter().filter(|step| !step.change.is_irreversible()).filter_map(|step| match &step.change {
            Change::DeleteItem { key, id, .. } => Some((step, key, id)),
            _ => None,
        });
    for (step, key, id) in deleted {
        if actual.items.iter().any(|item| item.id == *id) {
            left.push(LeftBehind {
                step: step.id.clone(),
                what: format!("{key} is still there, though the service said it was deleted"),
                remedy: "deploy again with --prune".to_owned(),
            });
        }
    }
    for step in &done.steps {
        let Change::DeleteShortcut { key, shortcut, .. } = &step.change else { continue };
        let item = actual.items.find(key, desired.items.get(key).and_then(|item| item.folder.as_ref()))?;
        if item.and_then(|item| actual.shortcuts.get(&item.id)).is_some_and(|there| there.contains_key(shortcut)) {
            left.push(LeftBehind {
                step: step.id.clone(),
                what: format!(
                    "the shortcut {shortcut} of {key} is still there, though the service said it was deleted"
                ),
                remedy: "deploy again with --prune".to_owned(),
            });
        }
    }
    Ok(left)
}
