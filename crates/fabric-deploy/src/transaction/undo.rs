//! Takes the effect of a change back.

use std::collections::BTreeMap;

use fabric_client::{Deletion, Error, ItemChange, NewItem, OperationStatus, UpdateMetadata, WorkspaceChange};
use fabric_txn::{Failure, StepContext};
use serde_json::{Value, json};
use uuid::Uuid;

use super::finding::{failure, of_fabric};
use super::step::fabric_error;
use super::{git, id_of, image};
use crate::actual;
use crate::desired::{FolderPath, ItemKey, WorkspaceRole};
use crate::execute::{self, Known, StepError};
use crate::plan::{Change, Replaced};

/// What a step notes when it was undone and the service cannot tell.
const UNDONE: &str = "undone";

/// What a step notes before it puts the definition of an environment back, and when that is published.
const PUBLISH_DUE: &str = "publish due";
const PUBLISHED: &str = "published";
/// What a step notes before it creates again what it had deleted.
const CREATING: &str = "creating";
/// Under which key it notes the operation that does so and had not ended.
const CREATES: &str = "creates";

/// Whether a definition was put back whose publication was not seen to succeed.
pub(super) fn is_publish_due(context: &StepContext<'_>) -> bool {
    context
        .notes()
        .iter()
        .rfind(|note| *note == PUBLISH_DUE || *note == PUBLISHED)
        .is_some_and(|note| note == PUBLISH_DUE)
}

/// Whether this step noted that it was undone.
pub(super) fn was_undone(context: &StepContext<'_>) -> bool {
    context.notes().iter().any(|note| note == UNDONE)
}

pub(super) type Undone = Result<Value, Failure>;

pub(super) async fn undo(context: &StepContext<'_>, known: &Known, change: &Change) -> Undone {
    context.ensure_leased().await?;
    match change {
        Change::CreateWorkspace { .. } => delete_workspace(known, created(context)?).await,
        Change::DescribeWorkspace { description } => {
            let change = WorkspaceChange { display_name: None, description: Some(description.from.clone()) };
            done(known.workspace().update(&change).await)
        }
        Change::AssignCapacity { capacity_id } => reassign(known, capacity_id).await,
        Change::CreateFolder { .. } => {
            gone(known.workspace().folders().delete(created(context)?).await, "FolderNotFound")
        }
        Change::DeleteFolder { path, .. } => create_folder(known, path).await,
        Change::CreateItem { .. } => {
            gone(known.workspace().items().delete(created(context)?, Deletion::Soft).await, "ItemNotFound")
        }
        Change::UpdateDefinition { key, id, .. } => restore_definition(context, known, key, *id).await,
        Change::UpdateMetadata { id, name, description, .. } => {
            let change = ItemChange {
                display_name: name.as_ref().map(|name| name.from.clone()),
                description: description.as_ref().map(|description| description.from.clone()),
            };
            done(known.workspace().items().update(*id, &change).await)
        }
        Change::MoveItem { id, folder, .. } => {
            let target = folder_id(known, &folder.from).await?;
            done(known.workspace().items().move_to(*id, target).await)
        }
        Change::DeleteItem { key, description, folder, .. } => {
            create_again(context, known, key, description, folder).await
        }
        Change::AddRole { .. } => {
            gone(known.workspace().role_assignments().delete(created(context)?).await, "RoleAssignmentNotFound")
        }
        Change::ChangeRole { assignment_id, role, .. } => restore_role(known, *assignment_id, role.from).await,
        Change::CreateGitConnection { .. } => {
            gone(known.client.connections().delete(created(context)?).await, "EntityNotFound")
        }
        Change::ConnectGit { provider, from, .. } => git::restore(known, provider, from.as_ref()).await,
        Change::CommitToGit { .. } => Err(Failure::new("a commit stays on its branch: others may have seen it")),
        Change::PublishEnvironment { .. } => {
            // What was published before comes back when the definition does.
            context.note(Value::from(UNDONE)).await?;
            Ok(Value::Null)
        }
        Change::BindConnection { key, source, from: Some(from), .. } => {
            known_item(context, known, key)?;
            let id = known.item(key).map_err(|error| failure(&error))?;
            done(execute::set_connection(known, id, source, from).await)
        }
        Change::BindConnection { from: None, .. } => {
            // The source came with the item or its content, and goes with it.
            context.note(Value::from(UNDONE)).await?;
            Ok(Value::Null)
        }
        Change::WriteShortcut { key, shortcut, from: Some(from) } | Change::DeleteShortcut { key, shortcut, from } => {
            known_item(context, known, key)?;
            ended(execute::put_shortcut(known, key, shortcut, from.clone()).await)
        }
        Change::WriteShortcut { key, shortcut, from: None } => {
            known_item(context, known, key)?;
            ended(execute::delete_shortcut(known, key, shortcut).await)
        }
        Change::SetActiveValueSet { key, value_set } => restore_value_set(context, known, key, value_set).await,
    }
}

/// Only what this transaction created is deleted: the id is the one that its own create returned.
fn created(context: &StepContext<'_>) -> Result<Uuid, Failure> {
    id_of(&context.output()).ok_or_else(|| Failure::new("the journal does not tell which id was created"))
}

fn done<T>(outcome: Result<T, Error>) -> Undone {
    outcome.map(|_| Value::Null).map_err(|error| of_fabric(&error))
}

fn ended(outcome: Result<Option<String>, StepError>) -> Undone {
    outcome.map(|_| Value::Null).map_err(|error| failure(&error))
}

/// The item that holds what this step changed, as the step's own output or its probe tells.
fn known_item(context: &StepContext<'_>, known: &Known, key: &ItemKey) -> Result<(), Failure> {
    if let Some(id) = id_of(&context.output()) {
        known.item_is(key.clone(), id);
    }
    known.item(key).map(|_| ()).map_err(|error| failure(&error))
}

fn gone(outcome: Result<(), Error>, already: &str) -> Undone {
    match outcome {
        Err(error) if error.error_code() == Some(already) => Ok(Value::Null),
        other => done(other),
    }
}

/// A workspace that holds what this transaction did not create is not deleted.
async fn delete_workspace(known: &Known, id: Uuid) -> Undone {
    let workspace = known.client.workspace(id);
    let items = match actual::list(&workspace).await {
        Err(error) if error.error_code() == Some("WorkspaceNotFound") => return Ok(Value::Null),
        other => other.map_err(|error| of_fabric(&error))?,
    };
    let foreign: Vec<_> = items.iter().filter(|item| !items.is_child(item)).map(|item| item.key.to_string()).collect();
    if !foreign.is_empty() {
        return Err(Failure::new(format!(
            "the workspace holds what this deployment did not create: {}",
            foreign.join(", ")
        )));
    }
    gone(workspace.delete().await, "WorkspaceNotFound")
}

async fn reassign(known: &Known, capacity_id: &Replaced<Option<Uuid>>) -> Undone {
    match capacity_id.from {
        None => done(known.workspace().unassign_from_capacity().await),
        before => execute::assign_capacity(known, before).await.map(|_| Value::Null).map_err(|error| failure(&error)),
    }
}

/// The folders of the workspace, as they are now.
pub(super) async fn folders(known: &Known) -> Result<BTreeMap<FolderPath, Uuid>, Error> {
    actual::folders(&known.workspace()).await
}

async fn folder_id(known: &Known, path: &FolderPath) -> Result<Option<Uuid>, Failure> {
    if path.is_root() {
        return Ok(None);
    }
    let folders = folders(known).await.map_err(|error| of_fabric(&error))?;
    let found = folders.get(path).copied();
    found.map(Some).ok_or_else(|| Failure::new(format!("the folder {path} is no longer there")))
}

async fn create_folder(known: &Known, path: &FolderPath) -> Undone {
    for (path, id) in folders(known).await.map_err(|error| of_fabric(&error))? {
        known.folder_is(path, id);
    }
    execute::create_folder(known, path).await.map(|id| json!({ "id": id })).map_err(|error| failure(&error))
}

async fn restore_definition(context: &StepContext<'_>, known: &Known, key: &ItemKey, id: Uuid) -> Undone {
    let before = image::load(context, known, image::BEFORE)
        .await?
        .ok_or_else(|| Failure::new("the journal holds no before-image of the definition"))?;
    if key.item_type != "Environment" {
        return done(known.workspace().items().update_definition(id, &before, UpdateMetadata::No).await);
    }
    context.note(Value::from(PUBLISH_DUE)).await?;
    done(known.workspace().items().update_definition(id, &before, UpdateMetadata::No).await)?;
    known.item_is(key.clone(), id);
    execute::publish_under_way(known, id).await.map_err(|error| of_fabric(&error))?;
    context.ensure_leased().await?;
    execute::publish(known, key).await.map_err(|error| failure(&error))?;
    context.note(Value::from(PUBLISHED)).await?;
    Ok(Value::Null)
}

async fn create_again(
    context: &StepContext<'_>,
    known: &Known,
    key: &ItemKey,
    description: &str,
    folder: &FolderPath,
) -> Undone {
    let folder_id = folder_id(known, folder).await?;
    // An earlier attempt may still be under way. Where names may repeat, a second one would leave two items.
    let look_up = || async {
        let listed = known.workspace().items().list_of_type(&key.item_type).await?;
        Ok(listed.iter().find(|item| item.display_name == key.name && item.folder_id == folder_id).map(|item| item.id))
    };
    if let Some(operation) = creating(context) {
        match known.client.operation(operation.as_str()).state().await {
            Ok(state) if !matches!(state.status, OperationStatus::Succeeded | OperationStatus::Failed) => {
                return Err(Failure::new(format!("operation {operation} is still under way")));
            }
            // The service forgets operations that have ended.
            Err(error) if error.status() != Some(404) => return Err(of_fabric(&error)),
            _ => {}
        }
    }
    if context.notes().iter().any(|note| note == CREATING)
        && let Some(id) = execute::settle(execute::patience(known.limits.settle, &key.item_type), &look_up)
            .await
            .map_err(|error| of_fabric(&error))?
    {
        return Ok(json!({ "new_id": id }));
    }
    context.note(Value::from(CREATING)).await?;
    let new_item = NewItem {
        item_type: key.item_type.clone(),
        display_name: key.name.clone(),
        description: (!description.is_empty()).then(|| description.to_owned()),
        folder_id,
        definition: image::load(context, known, image::BEFORE).await?,
        creation_payload: None,
    };
    match execute::send_create(known, key, &new_item).await {
        Ok(id) => Ok(json!({ "new_id": id })),
        Err(error) => {
            if let Some(operation) =
                fabric_error(&error).filter(|error| !is_failed(error)).and_then(Error::operation_id)
            {
                context.note(json!({ CREATES: operation.to_string() })).await?;
            }
            Err(failure(&error))
        }
    }
}

/// The operation of the last attempt to create again what was deleted, where that had not ended.
fn creating(context: &StepContext<'_>) -> Option<String> {
    context.notes().iter().rev().find_map(|note| note.get(CREATES)?.as_str().map(str::to_owned))
}

fn is_failed(error: &Error) -> bool {
    matches!(error, Error::OperationFailed { .. })
}

async fn restore_role(known: &Known, assignment: Uuid, before: Option<WorkspaceRole>) -> Undone {
    let Some(before) = before else {
        return Err(Failure::new("the role before is one that this version does not know"));
    };
    execute::change_role(known, assignment, Some(before)).await.map(|_| Value::Null).map_err(|error| failure(&error))
}

async fn restore_value_set(
    context: &StepContext<'_>,
    known: &Known,
    key: &ItemKey,
    value_set: &Replaced<Option<String>>,
) -> Undone {
    match (&value_set.from, known.item(key)) {
        (Some(before), Ok(id)) => done(known.workspace().variable_libraries().set_active_value_set(id, before).await),
        // The library is new: it goes as a whole.
        _ => {
            context.note(Value::from(UNDONE)).await?;
            Ok(Value::Null)
        }
    }
}
