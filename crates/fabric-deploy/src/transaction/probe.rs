//! Whether the effect of a change is there.

use std::time::Duration;

use fabric_client::{CapacityAssignmentProgress, OperationStatus, VariableLibraryProperties};
use fabric_txn::{Failure, Finding, StepContext};
use serde_json::Value;
use uuid::Uuid;

use super::finding::{applied, by_value, unanswered};
use super::step::{in_flight, in_part, left_under_way, refused};
use super::{git, id_of, image, undo};
use crate::actual;
use crate::canonical;
use crate::desired::{DataSource, FolderPath, ItemKey, ShortcutKey, WorkspaceRole};
use crate::execute::{self, CreatePolicy, Known, is_gone, publish_under_way, settle};
use crate::plan::{Binding, Change, Replaced};

/// How often an assignment that is under way is asked for.
const PROGRESS_PAUSE: Duration = Duration::from_secs(2);

/// How long to wait before a look-up that failed is tried again.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];
/// How long a capacity assignment that is under way is waited for.
const ASSIGNMENT_DEADLINE: Duration = Duration::from_secs(300);

/// Looks the effect up, and again where the service did not answer: one lost answer leaves nothing behind.
pub(super) async fn probe(context: &StepContext<'_>, known: &Known, change: &Change) -> Finding {
    if refused(context) {
        return Finding::NotApplied;
    }
    for pause in PAUSES {
        match look_twice(context, known, change).await {
            Ok(finding) => return finding,
            Err(error) => tracing::info!(step = context.name(), %error, "the look-up failed and is tried again"),
        }
        tokio::time::sleep(pause).await;
    }
    look_twice(context, known, change).await.unwrap_or_else(|error| unanswered(&error))
}

/// What is not there may still come, while the operation that the step started is under way: then nobody knows, and
/// nothing is sent again.
async fn look_twice(context: &StepContext<'_>, known: &Known, change: &Change) -> Probed {
    let found = look(context, known, change).await?;
    let (Finding::NotApplied, Some(operation)) = (&found, left_under_way(context)) else { return Ok(found) };
    match known.client.operation(operation.as_str()).state().await {
        Ok(state) if matches!(state.status, OperationStatus::Succeeded) => look(context, known, change).await,
        Ok(state) if matches!(state.status, OperationStatus::Failed) => Ok(found),
        Ok(_) => Ok(Finding::Unknown(Failure::new(format!("operation {operation} is still under way")))),
        // The service forgets operations that have ended.
        Err(error) if error.status() == Some(404) => Ok(found),
        Err(error) => Err(error),
    }
}

async fn look(context: &StepContext<'_>, known: &Known, change: &Change) -> Probed {
    match change {
        Change::CreateWorkspace { name, .. } => created_workspace(context, known, name).await,
        Change::DescribeWorkspace { description } => described(known, description).await,
        Change::AssignCapacity { capacity_id } => capacity(known, capacity_id).await,
        Change::CreateFolder { path } => created_folder(context, known, path).await,
        Change::DeleteFolder { path, .. } => deleted_folder(known, path).await,
        Change::CreateItem { key, folder, .. } => created_item(context, known, key, folder).await,
        Change::UpdateDefinition { key, id, .. } => definition(context, known, key, *id).await,
        Change::UpdateMetadata { id, name, description, .. } => {
            metadata(known, *id, name.as_ref(), description.as_ref()).await
        }
        Change::MoveItem { id, folder, .. } => moved(known, *id, folder).await,
        Change::DeleteItem { key, id, folder, .. } => deleted_item(known, key, *id, folder).await,
        Change::AddRole { principal, role, .. } => role_of(known, *principal, None, Some(*role)).await,
        Change::ChangeRole { principal, role, .. } => role_of(known, *principal, role.from, role.to).await,
        Change::CreateGitConnection { provider, .. } => git::created_connection(context, known, provider).await,
        Change::ConnectGit { provider, from, .. } => git::connected(known, provider, from.as_ref()).await,
        Change::CommitToGit { deletions, .. } => git::committed(known, *deletions).await,
        Change::PublishEnvironment { key } => published(context, known, key).await,
        Change::BindConnection { key, connection, source, from, .. } => {
            bound(context, known, key, *connection, source, from.as_ref()).await
        }
        Change::WriteShortcut { key, shortcut, from } => written_shortcut(context, known, key, shortcut, from).await,
        Change::DeleteShortcut { key, shortcut, from } => deleted_shortcut(context, known, key, shortcut, from).await,
        Change::SetActiveValueSet { key, value_set } => active_value_set(context, known, key, value_set).await,
    }
}

pub(super) type Probed = Result<Finding, fabric_client::Error>;

async fn created_workspace(context: &StepContext<'_>, known: &Known, name: &str) -> Probed {
    if let Some(id) = id_of(&context.output()) {
        return Ok(match known.client.workspace(id).get().await {
            Ok(_) => applied(id),
            Err(error) if error.error_code() == Some("WorkspaceNotFound") => Finding::NotApplied,
            Err(error) => return Err(error),
        });
    }
    let look_up = || async {
        let listed = known.client.workspaces().list().await?;
        Ok(listed.iter().find(|workspace| workspace.display_name == name).map(|workspace| workspace.id))
    };
    let found = settle(in_flight(context, known.limits.settle), &look_up).await?;
    if let Some(id) = found {
        known.workspace_is(id);
    }
    Ok(found.map_or(Finding::NotApplied, applied))
}

async fn described(known: &Known, description: &Replaced<String>) -> Probed {
    let found = known.workspace().get().await?;
    Ok(by_value("the description", &found.description, &description.from, &description.to, found.id))
}

async fn capacity(known: &Known, capacity_id: &Replaced<Option<Uuid>>) -> Probed {
    let mut waited = Duration::ZERO;
    loop {
        let found = known.workspace().get().await?;
        if found.capacity_assignment_progress != Some(CapacityAssignmentProgress::InProgress) {
            return Ok(by_value("the capacity", &found.capacity_id, &capacity_id.from, &capacity_id.to, found.id));
        }
        if waited >= ASSIGNMENT_DEADLINE {
            return Ok(Finding::Unknown(Failure::new("the capacity assignment is still under way")));
        }
        tokio::time::sleep(PROGRESS_PAUSE).await;
        waited += PROGRESS_PAUSE;
    }
}

/// A folder that another one of the same name has replaced is somebody else's.
async fn created_folder(context: &StepContext<'_>, known: &Known, path: &FolderPath) -> Probed {
    let folders = undo::folders(known).await?;
    let found = match id_of(&context.output()) {
        Some(id) => folders.values().find(|found| **found == id),
        None => folders.get(path),
    };
    if let Some(id) = found {
        known.folder_is(path.clone(), *id);
    }
    Ok(found.map_or(Finding::NotApplied, |id| applied(*id)))
}

async fn deleted_folder(known: &Known, path: &FolderPath) -> Probed {
    let is_there = undo::folders(known).await?.contains_key(path);
    Ok(if is_there { Finding::NotApplied } else { applied(None) })
}

async fn created_item(context: &StepContext<'_>, known: &Known, key: &ItemKey, folder: &FolderPath) -> Probed {
    if let Some(id) = id_of(&context.output()) {
        return Ok(if exists(known, id).await? { applied(id) } else { Finding::NotApplied });
    }
    let look_up = || async {
        let items = actual::list(&known.workspace()).await?;
        let mut ours = items.iter().filter(|item| item.key == *key && item.folder == *folder);
        Ok(match (ours.next(), ours.next()) {
            (Some(item), None) => Some(item.id),
            _ => None,
        })
    };
    // What is found not to be there may be sent again.
    let limit = CreatePolicy { settle: known.limits.settle, ..known.limits.creates }.of_type(&key.item_type).settle;
    let found = settle(in_flight(context, limit), &look_up).await?;
    if let Some(id) = found {
        known.item_is(key.clone(), id);
        known.doubt(key);
    }
    Ok(found.map_or(Finding::NotApplied, applied))
}

async fn exists(known: &Known, id: Uuid) -> Result<bool, fabric_client::Error> {
    match known.workspace().items().get(id).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.error_code(), Some("ItemNotFound" | "WorkspaceNotFound")) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn definition(context: &StepContext<'_>, known: &Known, key: &ItemKey, id: Uuid) -> Probed {
    let (before, after) =
        match (image::load(context, known, image::BEFORE).await, image::load(context, known, image::AFTER).await) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(failure), _) | (_, Err(failure)) => return Ok(Finding::Unknown(failure)),
        };
    // The before-image is saved first of all: without it nothing was sent.
    let Some(before) = before else { return Ok(Finding::NotApplied) };
    // An update that is under way shows only when it is done.
    let look_up = || async {
        let now = image::read_definition(known, id, before.format.as_deref()).await?;
        Ok::<_, fabric_client::Error>(if after.as_ref().is_some_and(|after| image::same(key, after, &now)) {
            Some(applied(id))
        } else if image::same(key, &before, &now) {
            None
        } else if in_part(context) {
            known.doubt(key);
            Some(applied(id))
        } else {
            let neither = "the definition is neither as before nor as after: somebody changed it";
            Some(Finding::Unknown(Failure::new(neither)))
        })
    };
    Ok(match settle(in_flight(context, known.limits.settle), &look_up).await? {
        Some(finding) => finding,
        // As before, but not yet published.
        None if undo::is_publish_due(context) => applied(id),
        None => Finding::NotApplied,
    })
}

async fn metadata(
    known: &Known,
    id: Uuid,
    name: Option<&Replaced<String>>,
    description: Option<&Replaced<String>>,
) -> Probed {
    let found = known.workspace().items().get(id).await?;
    let found_description = found.description.unwrap_or_default();
    let is = |side: fn(&Replaced<String>) -> &String| {
        name.is_none_or(|name| *side(name) == found.display_name)
            && description.is_none_or(|description| *side(description) == found_description)
    };
    Ok(if is(|replaced| &replaced.to) {
        applied(id)
    } else if is(|replaced| &replaced.from) {
        Finding::NotApplied
    } else {
        Finding::Unknown(Failure::new("name and description are neither as before nor as after: somebody changed them"))
    })
}

async fn moved(known: &Known, id: Uuid, folder: &Replaced<FolderPath>) -> Probed {
    let items = known.workspace().items();
    let (item, folders) = futures::try_join!(items.get(id), undo::folders(known))?;
    let found =
        folders.into_iter().find(|(_, id)| Some(*id) == item.folder_id).map(|(path, _)| path).unwrap_or_default();
    Ok(by_value("the folder", &found, &folder.from, &folder.to, id))
}

/// A deleted item that was created anew has another id, so it is looked for by name as well.
async fn deleted_item(known: &Known, key: &ItemKey, id: Uuid, folder: &FolderPath) -> Probed {
    if exists(known, id).await? {
        return Ok(Finding::NotApplied);
    }
    let items = actual::list(&known.workspace()).await?;
    let again = items.iter().any(|item| item.key == *key && item.folder == *folder);
    Ok(if again { Finding::NotApplied } else { applied(id) })
}

async fn role_of(known: &Known, principal: Uuid, from: Option<WorkspaceRole>, to: Option<WorkspaceRole>) -> Probed {
    let listed = known.workspace().role_assignments().list().await?;
    let found = listed.iter().find(|assignment| assignment.principal.id == principal);
    let role = found.and_then(|assignment| actual::role(&assignment.role));
    let id = found.map(|assignment| assignment.id).unwrap_or_default();
    Ok(by_value("the role", &role, &from, &to, id))
}

/// Publishing twice does no harm, so a publish that was not recorded as done counts as not done.
async fn published(context: &StepContext<'_>, known: &Known, key: &ItemKey) -> Probed {
    let Some(id) = item(context, known, key).await? else { return Ok(Finding::NotApplied) };
    if !undo::was_undone(context) && !context.output().is_null() {
        return Ok(applied(id));
    }
    match publish_under_way(known, id).await {
        Err(error) if error.error_code() == Some("ItemNotFound") => Ok(Finding::NotApplied),
        ended => ended.map(|_| Finding::NotApplied),
    }
}

/// The item that a step is about and whose id its change does not tell: as this step or another one found it, or by name.
async fn item(context: &StepContext<'_>, known: &Known, key: &ItemKey) -> Result<Option<Uuid>, fabric_client::Error> {
    if let Some(id) = id_of(&context.output()).or_else(|| known.item(key).ok()) {
        return Ok(Some(id));
    }
    let items = actual::list(&known.workspace()).await?;
    let mut named = items.iter().filter(|item| item.key == *key);
    let found = match (named.next(), named.next()) {
        (Some(item), None) => Some(item.id),
        _ => None,
    };
    if let Some(id) = found {
        known.item_is(key.clone(), id);
    }
    Ok(found)
}

async fn bound(
    context: &StepContext<'_>,
    known: &Known,
    key: &ItemKey,
    connection: Uuid,
    source: &DataSource,
    from: Option<&Binding>,
) -> Probed {
    let Some(id) = item(context, known, key).await? else { return Ok(Finding::NotApplied) };
    if from.is_none() && undo::was_undone(context) {
        return Ok(Finding::NotApplied);
    }
    let now = match execute::connection_of(known, id, source).await {
        Ok(now) => now,
        Err(error) if error.error_code() == Some("ItemNotFound") => return Ok(Finding::NotApplied),
        Err(error) => return Err(error),
    };
    Ok(match (now, from) {
        (Some(now), _) if now.id == Some(connection) => applied(id),
        // A source that is gone, or that came with content that is not there any more, uses nothing.
        (None, _) | (_, None) => Finding::NotApplied,
        (Some(now), Some(from)) if now.id == from.connection => Finding::NotApplied,
        (Some(_), Some(_)) => {
            Finding::Unknown(Failure::new(format!("somebody else bound the data source {source} to a connection")))
        }
    })
}

async fn written_shortcut(
    context: &StepContext<'_>,
    known: &Known,
    key: &ItemKey,
    shortcut: &ShortcutKey,
    from: &Option<Value>,
) -> Probed {
    let after = match image::shortcut_after(context).await {
        Ok(Some(after)) => after,
        // What is to be written is saved first of all: without it nothing was sent.
        Ok(None) => return Ok(Finding::NotApplied),
        Err(failure) => return Ok(Finding::Unknown(failure)),
    };
    let Some(id) = item(context, known, key).await? else { return Ok(Finding::NotApplied) };
    // A creation in bulk may be under way, and shows only when it is done.
    let look_up = || async {
        Ok::<_, fabric_client::Error>(match (shortcut_now(known, id, shortcut).await?, from) {
            (Some(now), _) if canonical::shortcut_says(&after, &now) => Some(applied(id)),
            (None, None) => None,
            (Some(now), Some(from)) if canonical::shortcut_says(from, &now) => None,
            _ => Some(Finding::Unknown(Failure::new(format!(
                "the shortcut {shortcut} is neither as before nor as after: somebody changed it"
            )))),
        })
    };
    Ok(settle(in_flight(context, known.limits.settle), &look_up).await?.unwrap_or(Finding::NotApplied))
}

async fn deleted_shortcut(
    context: &StepContext<'_>,
    known: &Known,
    key: &ItemKey,
    shortcut: &ShortcutKey,
    from: &Value,
) -> Probed {
    let Some(id) = item(context, known, key).await? else { return Ok(applied(None)) };
    Ok(match shortcut_now(known, id, shortcut).await? {
        None => applied(id),
        Some(now) if canonical::shortcut_says(from, &now) => Finding::NotApplied,
        Some(_) => Finding::Unknown(Failure::new(format!("the shortcut {shortcut} points elsewhere than before"))),
    })
}

async fn shortcut_now(known: &Known, id: Uuid, shortcut: &ShortcutKey) -> Result<Option<Value>, fabric_client::Error> {
    match known.workspace().shortcuts(id).get(&shortcut.path, &shortcut.name).await {
        Ok(found) => Ok(Some(actual::shortcut_content(found))),
        Err(error) if error.error_code().is_some_and(is_gone) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn active_value_set(
    context: &StepContext<'_>,
    known: &Known,
    key: &ItemKey,
    value_set: &Replaced<Option<String>>,
) -> Probed {
    let Some(id) = item(context, known, key).await? else { return Ok(Finding::NotApplied) };
    if undo::was_undone(context) && value_set.from.is_none() {
        return Ok(Finding::NotApplied);
    }
    let found = known.workspace().item_properties::<VariableLibraryProperties>(id).await?.active_value_set_name;
    Ok(if found == value_set.to {
        applied(id)
    } else if value_set.from.is_none() {
        Finding::NotApplied
    } else {
        by_value("the active value set", &found, &value_set.from, &value_set.to, id)
    })
}
