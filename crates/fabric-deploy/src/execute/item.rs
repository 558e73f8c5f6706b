//! Steps about items.

use std::time::Duration;

use fabric_client::{Deletion, ItemChange, ItemDefinition, NewItem, UpdateMetadata};
use uuid::Uuid;

use super::imports::{self, Imported, Member};
use super::known::Known;
use super::{StepError, create};
use crate::desired::{DesiredBody, FolderPath, ItemKey};
use crate::plan::{Action, Replaced};

/// How long to wait for a held name where the service does not say.
const HELD_NAME_PAUSE: Duration = Duration::from_secs(20);

pub(super) async fn create_item(known: &Known, key: &ItemKey) -> Result<Option<String>, StepError> {
    let item = known.desired(key)?;
    let definition = known.definition(item).await?;
    let creation_payload = match &item.body {
        DesiredBody::Shell { creation_payload } => creation_payload.clone(),
        DesiredBody::Definition { .. } => None,
    };
    let new_item = NewItem {
        item_type: key.item_type.clone(),
        display_name: key.name.clone(),
        description: item.description.clone(),
        folder_id: item.folder.as_ref().map(|folder| known.folder(folder)).transpose()?.flatten(),
        definition,
        creation_payload,
    };
    let id = match new_item.definition {
        Some(_) if known.imports.has(key, Action::Create) => {
            let folder = item.folder.clone().unwrap_or_default();
            create_in_bulk(known, key, folder, new_item).await?
        }
        _ => send_create(known, key, &new_item).await?,
    };
    known.item_is(key.clone(), id);
    Ok(Some(id.to_string()))
}

/// Creates the item together with others, and by itself where that did not create it.
async fn create_in_bulk(
    known: &Known,
    key: &ItemKey,
    folder: FolderPath,
    new_item: NewItem,
) -> Result<Uuid, StepError> {
    let definition = new_item.definition.clone().unwrap_or_default();
    let member = Member {
        key: key.clone(),
        folder,
        folder_id: new_item.folder_id,
        description: new_item.description.clone(),
        id: None,
        definition,
    };
    match imports::send(known, member).await {
        Imported::Done(id) => Ok(id),
        Imported::NotDone => send_create(known, key, &new_item).await,
        Imported::InPart(id) => complete(known, key, id, &new_item.definition.unwrap_or_default()).await,
        Imported::Unknown(error) if imports::may_follow(known, key, &error) => {
            send(known, key, &new_item, Before::InDoubt).await
        }
        Imported::Unknown(error) | Imported::Refused(error) => Err(StepError::Shared(error)),
        Imported::Lost => Err(StepError::ImportLost(key.clone())),
    }
}

/// Makes an item whole that was created in part, or takes it away.
async fn complete(known: &Known, key: &ItemKey, id: Uuid, definition: &ItemDefinition) -> Result<Uuid, StepError> {
    let items = known.workspace().items();
    let Err(error) = items.update_definition(id, definition, UpdateMetadata::No).await else { return Ok(id) };
    match items.delete(id, Deletion::Soft).await {
        Ok(()) => Err(error.into()),
        Err(lookup) => {
            known.doubt(key);
            Err(StepError::Unresolved { create: Box::new(error), lookup: Box::new(lookup) })
        }
    }
}

/// Creates the item once. An outcome that is unknown is looked up by type, name and folder.
pub(crate) async fn send_create(known: &Known, key: &ItemKey, new_item: &NewItem) -> Result<Uuid, StepError> {
    send(known, key, new_item, Before::Nothing).await
}

/// What is known of earlier attempts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// There was none.
    Nothing,
    /// What became of it is unknown.
    InDoubt,
}

async fn send(known: &Known, key: &ItemKey, new_item: &NewItem, before: Before) -> Result<Uuid, StepError> {
    let look_up = || async {
        let listed = known.workspace().items().list_of_type(&key.item_type).await?;
        let mut ours =
            listed.iter().filter(|item| item.display_name == key.name && item.folder_id == new_item.folder_id);
        Ok(match (ours.next(), ours.next()) {
            (Some(item), None) => Some(item.id),
            _ => None,
        })
    };
    let policy = known.limits.creates.of_type(&key.item_type);
    let taken = ["ItemDisplayNameAlreadyInUse"];
    let send = || send_when_free(known, key, new_item);
    match before {
        Before::Nothing => create::once(policy, &taken, send, look_up).await,
        Before::InDoubt => create::again(policy, &taken, send, look_up).await,
    }
}

/// Sends the create, and again as long as a deleted item still holds the name: that answer says that nothing was done.
async fn send_when_free(known: &Known, key: &ItemKey, new_item: &NewItem) -> Result<Uuid, fabric_client::Error> {
    let mut waited = Duration::ZERO;
    loop {
        match known.workspace().items().create(new_item).await {
            Err(error) if error.error_code() == Some("ItemDisplayNameNotAvailableYet") => {
                let pause = error.api().and_then(|api| api.retry_after).unwrap_or(HELD_NAME_PAUSE);
                if waited + pause > known.limits.held_names {
                    return Err(error);
                }
                tracing::info!(item = %key, wait_s = pause.as_secs(), "the name is still held by a deleted item");
                tokio::time::sleep(pause).await;
                waited += pause;
            }
            other => return other.map(|created| created.id),
        }
    }
}

pub(super) async fn update_definition(known: &Known, key: &ItemKey, id: Uuid) -> Result<Option<String>, StepError> {
    let item = known.desired(key)?;
    let Some(definition) = known.definition(item).await? else { return Ok(Some(id.to_string())) };
    let mut in_part = false;
    match known.found(id) {
        Some(found) if known.imports.has(key, Action::Update) => {
            let member = Member {
                key: found.key.clone(),
                folder: found.folder.clone(),
                folder_id: None,
                description: Some(found.description.clone()),
                id: Some(id),
                definition: definition.clone(),
            };
            match imports::send(known, member).await {
                Imported::Done(id) => return Ok(Some(id.to_string())),
                // Sent once more by itself, it says what is wrong.
                Imported::InPart(_) => in_part = true,
                Imported::NotDone => {}
                Imported::Unknown(error) if imports::may_follow(known, key, &error) => {}
                Imported::Unknown(error) | Imported::Refused(error) => return Err(StepError::Shared(error)),
                Imported::Lost => return Err(StepError::ImportLost(key.clone())),
            }
        }
        _ => {}
    }
    match known.workspace().items().update_definition(id, &definition, UpdateMetadata::No).await {
        Err(error) if in_part => {
            known.doubt(key);
            Err(StepError::InPart(error))
        }
        other => Ok(other.map(|()| Some(id.to_string()))?),
    }
}

pub(super) async fn update_metadata(
    known: &Known,
    id: Uuid,
    name: Option<&Replaced<String>>,
    description: Option<&Replaced<String>>,
) -> Result<Option<String>, StepError> {
    let change = ItemChange {
        display_name: name.map(|name| name.to.clone()),
        description: description.map(|description| description.to.clone()),
    };
    known.workspace().items().update(id, &change).await?;
    Ok(Some(id.to_string()))
}

pub(super) async fn move_to(known: &Known, id: Uuid, folder: &FolderPath) -> Result<Option<String>, StepError> {
    known.workspace().items().move_to(id, known.folder(folder)?).await?;
    Ok(Some(id.to_string()))
}

pub(super) async fn delete(known: &Known, id: Uuid) -> Result<Option<String>, StepError> {
    match known.workspace().items().delete(id, Deletion::Soft).await {
        Err(error) if error.error_code() == Some("ItemNotFound") => Ok(Some(id.to_string())),
        other => Ok(other.map(|()| Some(id.to_string()))?),
    }
}
