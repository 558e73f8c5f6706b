//! Steps about items.

use std::time::Duration;

use fabric_client::{Deletion, ItemChange, NewItem, UpdateMetadata};
use uuid::Uuid;

use super::known::Known;
use super::{StepError, create};
use crate::desired::{DesiredBody, FolderPath, ItemKey};
use crate::plan::Replaced;

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
    let id = send_create(known, key, &new_item).await?;
    known.item_is(key.clone(), id);
    Ok(Some(id.to_string()))
}

/// Creates the item once. An outcome that is unknown is looked up by type, name and folder.
pub(crate) async fn send_create(known: &Known, key: &ItemKey, new_item: &NewItem) -> Result<Uuid, StepError> {
    let look_up = || async {
        let listed = known.workspace().items().list_of_type(&key.item_type).await?;
        let mut ours =
            listed.iter().filter(|item| item.display_name == key.name && item.folder_id == new_item.folder_id);
        Ok(match (ours.next(), ours.next()) {
            (Some(item), None) => Some(item.id),
            _ => None,
        })
    };
    create::once(
        known.limits.creates.of_type(&key.item_type),
        &["ItemDisplayNameAlreadyInUse"],
        || send_when_free(known, key, new_item),
        look_up,
    )
    .await
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
    if let Some(definition) = known.definition(item).await? {
        known.workspace().items().update_definition(id, &definition, UpdateMetadata::No).await?;
    }
    Ok(Some(id.to_string()))
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
