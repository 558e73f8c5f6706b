//! Whether the effect of a change is there.

use std::time::Duration;

use fabric_client::{CapacityAssignmentProgress, PublishState, VariableLibraryProperties};
use fabric_txn::{Failure, Finding, StepContext};
use uuid::Uuid;

use super::finding::{applied, by_value, unanswered};
use super::step::refused;
use super::{id_of, image, undo};
use crate::actual;
use crate::desired::{FolderPath, ItemKey, WorkspaceRole};
use crate::execute::{Known, settle};
use crate::plan::{Change, Replaced};

/// How often a publish that is under way is asked for.
const PUBLISH_PAUSE: Duration = Duration::from_secs(2);

pub(super) async fn probe(context: &StepContext<'_>, known: &Known, change: &Change) -> Finding {
    let probed = match change {
        Change::CreateWorkspace { name, .. } => created_workspace(context, known, name).await,
        Change::DescribeWorkspace { description } => described(known, description).await,
        Change::AssignCapacity { capacity_id } => capacity(known, capacity_id).await,
        Change::CreateFolder { path } => folder(known, path, true).await,
        Change::DeleteFolder { path, .. } => folder(known, path, false).await,
        Change::CreateItem { key, folder } => created_item(context, known, key, folder).await,
        Change::UpdateDefinition { key, id, .. } => definition(context, known, key, *id).await,
        Change::UpdateMetadata { id, name, description, .. } => {
            metadata(known, *id, name.as_ref(), description.as_ref()).await
        }
        Change::MoveItem { id, folder, .. } => moved(known, *id, folder).await,
        Change::DeleteItem { key, id, folder, .. } => deleted_item(known, key, *id, folder).await,
        Change::AddRole { principal, role, .. } => role_of(known, *principal, None, Some(*role)).await,
        Change::ChangeRole { principal, role, .. } => role_of(known, *principal, role.from, role.to).await,
        Change::PublishEnvironment { key } => published(context, known, key).await,
        Change::SetActiveValueSet { key, value_set } => active_value_set(context, known, key, value_set).await,
    };
    probed.unwrap_or_else(|error| unanswered(&error))
}

type Probed = Result<Finding, fabric_client::Error>;

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
    let found = settle(how_long(context, known), &look_up).await?;
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
    let found = known.workspace().get().await?;
    if found.capacity_assignment_progress == Some(CapacityAssignmentProgress::InProgress) {
        return Ok(Finding::Unknown(Failure::new("the capacity assignment is still under way")));
    }
    Ok(by_value("the capacity", &found.capacity_id, &capacity_id.from, &capacity_id.to, found.id))
}

async fn folder(known: &Known, path: &FolderPath, created: bool) -> Probed {
    let folders = undo::folders(known).await?;
    Ok(match folders.get(path) {
        Some(id) if created => {
            known.folder_is(path.clone(), *id);
            applied(*id)
        }
        None if !created => applied(None),
        _ => Finding::NotApplied,
    })
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
    let found = settle(how_long(context, known), &look_up).await?;
    if let Some(id) = found {
        known.item_is(key.clone(), id);
    }
    Ok(found.map_or(Finding::NotApplied, applied))
}

/// A create whose answer is known to be a refusal is not waited for.
fn how_long(context: &StepContext<'_>, known: &Known) -> Duration {
    if refused(context) { Duration::ZERO } else { known.limits.settle }
}

async fn exists(known: &Known, id: Uuid) -> Result<bool, fabric_client::Error> {
    match known.workspace().items().get(id).await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.error_code(), Some("ItemNotFound" | "WorkspaceNotFound")) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn definition(context: &StepContext<'_>, known: &Known, key: &ItemKey, id: Uuid) -> Probed {
    let (before, after) = match (image::load(context, image::BEFORE).await, image::load(context, image::AFTER).await) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(failure), _) | (_, Err(failure)) => return Ok(Finding::Unknown(failure)),
    };
    // The before-image is saved first of all: without it nothing was sent.
    let Some(before) = before else { return Ok(Finding::NotApplied) };
    let now = image::read_definition(known, id, before.format.as_deref()).await?;
    Ok(if after.is_some_and(|after| image::same(key, &now, &after)) {
        applied(id)
    } else if image::same(key, &now, &before) {
        Finding::NotApplied
    } else {
        Finding::Unknown(Failure::new("the definition is neither as before nor as after: somebody changed it"))
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
    let Ok(id) = known.item(key) else { return Ok(Finding::NotApplied) };
    if undo::was_undone(context) || context.output().is_null() {
        loop {
            match known.workspace().environments().state(id).await {
                Ok(properties) => match properties.publish_details.state {
                    Some(PublishState::Running | PublishState::Waiting | PublishState::Cancelling) => {
                        tokio::time::sleep(PUBLISH_PAUSE).await;
                    }
                    _ => return Ok(Finding::NotApplied),
                },
                Err(error) if error.error_code() == Some("ItemNotFound") => return Ok(Finding::NotApplied),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(applied(id))
}

async fn active_value_set(
    context: &StepContext<'_>,
    known: &Known,
    key: &ItemKey,
    value_set: &Replaced<Option<String>>,
) -> Probed {
    let Ok(id) = known.item(key) else { return Ok(Finding::NotApplied) };
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
