//! Steps about items.

use std::time::Duration;

use fabric_client::{Deletion, Item, ItemChange, NewItem, UpdateMetadata};
use uuid::Uuid;

use super::StepError;
use super::known::Known;
use crate::desired::{DesiredBody, FolderPath, ItemKey};
use crate::plan::Replaced;

/// How long to wait for a held name where the service does not say.
const HELD_NAME_PAUSE: Duration = Duration::from_secs(20);

pub(super) async fn create(known: &Known<'_>, key: &ItemKey) -> Result<Option<String>, StepError> {
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

/// Creates the item once. A name that is still held is waited for; an outcome that is unknown is looked up, never
/// repeated.
async fn send_create(known: &Known<'_>, key: &ItemKey, new_item: &NewItem) -> Result<Uuid, StepError> {
    let mut waited = Duration::ZERO;
    loop {
        match known.workspace().items().create(new_item).await {
            Ok(created) => return Ok(created.id),
            Err(error) if error.error_code() == Some("ItemDisplayNameNotAvailableYet") => {
                let pause = error.api().and_then(|api| api.retry_after).unwrap_or(HELD_NAME_PAUSE);
                if waited + pause > known.limits.held_names {
                    return Err(error.into());
                }
                tracing::info!(item = %key, wait_s = pause.as_secs(), "the name is still held by a deleted item");
                tokio::time::sleep(pause).await;
                waited += pause;
            }
            Err(error) if error.is_ambiguous() => return look_up(known, key, new_item, error).await,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn look_up(
    known: &Known<'_>,
    key: &ItemKey,
    new_item: &NewItem,
    error: fabric_client::Error,
) -> Result<Uuid, StepError> {
    let listed = match known.workspace().items().list_of_type(&key.item_type).await {
        Ok(listed) => listed,
        Err(lookup) => return Err(StepError::Unresolved { create: Box::new(error), lookup: Box::new(lookup) }),
    };
    let is_ours = |item: &&Item| {
        item.display_name == key.name && item.folder_id == new_item.folder_id && !known.was_there(item.id)
    };
    let mut found = listed.iter().filter(is_ours);
    match (found.next(), found.next()) {
        (Some(item), None) => {
            tracing::info!(item = %key, id = %item.id, %error, "the create was answered by a look-up");
            Ok(item.id)
        }
        _ => Err(error.into()),
    }
}

pub(super) async fn update_definition(known: &Known<'_>, key: &ItemKey, id: Uuid) -> Result<Option<String>, StepError> {
    let item = known.desired(key)?;
    if let Some(definition) = known.definition(item).await? {
        known.workspace().items().update_definition(id, &definition, UpdateMetadata::No).await?;
    }
    Ok(Some(id.to_string()))
}

pub(super) async fn update_metadata(
    known: &Known<'_>,
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

pub(super) async fn move_to(known: &Known<'_>, id: Uuid, folder: &FolderPath) -> Result<Option<String>, StepError> {
    known.workspace().items().move_to(id, known.folder(folder)?).await?;
    Ok(Some(id.to_string()))
}

pub(super) async fn delete(known: &Known<'_>, id: Uuid) -> Result<Option<String>, StepError> {
    match known.workspace().items().delete(id, Deletion::Soft).await {
        Err(error) if error.error_code() == Some("ItemNotFound") => Ok(Some(id.to_string())),
        other => Ok(other.map(|()| Some(id.to_string()))?),
    }
}
