//! Before-images: the definition that was there, kept so that it can be put back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fabric_client::{DefinitionPart, ItemDefinition};
use fabric_txn::{Failure, StepContext};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::finding::of_fabric;
use crate::desired::{DesiredBody, ItemKey};
use crate::execute::{self, Known};
use crate::item_type;
use crate::plan::Change;

/// The definition before the change.
pub(super) const BEFORE: &str = "before";
/// The definition that is sent.
pub(super) const AFTER: &str = "after";

#[derive(Serialize, Deserialize)]
struct Image {
    format: Option<String>,
    parts: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    path: String,
    payload: String,
}

/// Saves what undoing `change` will need, before it is applied.
pub(super) async fn save(context: &StepContext<'_>, known: &Known, change: &Change) -> Result<(), Failure> {
    // What an earlier attempt found there counts: what is there now may be half of that attempt's effect.
    if context.before(BEFORE).await?.is_some() {
        return Ok(());
    }
    match change {
        Change::UpdateDefinition { key, id, .. } => {
            let item = known.desired(key).map_err(|error| super::finding::failure(&error))?;
            let format = match &item.body {
                DesiredBody::Definition { format, .. } => format.clone(),
                DesiredBody::Shell { .. } => None,
            };
            let before = definition_of(known, *id, format).await?;
            let after = known.definition(item).await.map_err(|error| super::finding::failure(&error))?;
            if let Some(after) = after {
                context.save(AFTER, &encode(&after)?).await?;
            }
            context.save(BEFORE, &encode(&before)?).await?;
        }
        Change::DeleteItem { key, id, .. } if !item_type::holds_data(&key.item_type) => {
            if let Some(before) = definition_if_any(known, *id).await? {
                context.save(BEFORE, &encode(&before)?).await?;
            }
        }
        Change::WriteShortcut { key, shortcut, from } => {
            let after = execute::wanted_shortcut(known, key, shortcut).await;
            let after = after.map_err(|error| super::finding::failure(&error))?;
            context.save(AFTER, &serde_json::to_vec(&after)?).await?;
            context.save(BEFORE, &serde_json::to_vec(from)?).await?;
        }
        _ => {}
    }
    Ok(())
}

/// What a shortcut was made to say.
pub(super) async fn shortcut_after(context: &StepContext<'_>) -> Result<Option<serde_json::Value>, Failure> {
    Ok(context.before(AFTER).await?.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// What was saved under `name`.
pub(super) async fn load(context: &StepContext<'_>, name: &str) -> Result<Option<ItemDefinition>, Failure> {
    context.before(name).await?.map(|bytes| decode(&bytes)).transpose()
}

async fn definition_of(known: &Known, id: Uuid, format: Option<String>) -> Result<ItemDefinition, Failure> {
    let read = match known.read_before(id) {
        Some(definition) => definition,
        None => read_definition(known, id, format.as_deref()).await.map_err(|error| of_fabric(&error))?,
    };
    Ok(ItemDefinition { format: read.format.or(format), parts: read.parts })
}

async fn definition_if_any(known: &Known, id: Uuid) -> Result<Option<ItemDefinition>, Failure> {
    match read_definition(known, id, None).await {
        Ok(definition) => Ok(Some(definition)),
        Err(error) if error.error_code() == Some("OperationNotSupportedForItem") => Ok(None),
        Err(error) => Err(of_fabric(&error)),
    }
}

/// Reads the definition as it is now.
pub(super) async fn read_definition(
    known: &Known,
    id: Uuid,
    format: Option<&str>,
) -> Result<ItemDefinition, fabric_client::Error> {
    known.workspace().items().definition(id, format).await
}

/// Whether what was found means what is expected. Parts that the service adds of itself may be there besides.
pub(super) fn same(key: &ItemKey, expected: &ItemDefinition, found: &ItemDefinition) -> bool {
    let content = |definition: &ItemDefinition| -> std::collections::BTreeMap<String, bytes::Bytes> {
        let own = definition.parts.iter().filter(|part| part.path != ".platform");
        own.map(|part| (part.path.clone(), part.payload.clone())).collect()
    };
    let (expected, mut found) = (content(expected), content(found));
    found.retain(|path, _| expected.contains_key(path) || !crate::canonical::added_by_server(&key.item_type, path));
    expected.len() == found.len()
        && expected.iter().all(|(path, bytes)| {
            found.get(path).is_some_and(|other| crate::canonical::same(&key.item_type, path, bytes, other))
        })
}

fn encode(definition: &ItemDefinition) -> Result<Vec<u8>, Failure> {
    let image = Image {
        format: definition.format.clone(),
        parts: definition
            .parts
            .iter()
            .filter(|part| part.path != ".platform")
            .map(|part| Part { path: part.path.clone(), payload: STANDARD.encode(&part.payload) })
            .collect(),
    };
    serde_json::to_vec(&image).map_err(Failure::from)
}

fn decode(bytes: &[u8]) -> Result<ItemDefinition, Failure> {
    let image: Image = serde_json::from_slice(bytes)?;
    let parts = image.parts.into_iter().map(|part| {
        let payload = STANDARD.decode(&part.payload)?;
        Ok(DefinitionPart { path: part.path, payload: payload.into() })
    });
    Ok(ItemDefinition { format: image.format, parts: parts.collect::<Result<_, base64::DecodeError>>()? })
}
