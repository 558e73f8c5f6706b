//! Before-images: the definition that was there, kept so that it can be put back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fabric_client::{DefinitionPart, ItemDefinition};
use fabric_txn::{Failure, StepContext};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::finding::of_fabric;
use crate::desired::{DesiredBody, ItemKey};
use crate::execute::Known;
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
    match change {
        Change::UpdateDefinition { key, id, .. } => {
            let item = known.desired(key).map_err(|error| super::finding::failure(&error))?;
            let format = match &item.body {
                DesiredBody::Definition { format, .. } => format.clone(),
                DesiredBody::Shell { .. } => None,
            };
            let before = definition_of(known, *id, format).await?;
            context.save(BEFORE, &encode(&before)?).await?;
            let after = known.definition(item).await.map_err(|error| super::finding::failure(&error))?;
            if let Some(after) = after {
                context.save(AFTER, &encode(&after)?).await?;
            }
        }
        Change::DeleteItem { key, id, .. } if !item_type::holds_data(&key.item_type) => {
            if let Some(before) = definition_if_any(known, *id).await? {
                context.save(BEFORE, &encode(&before)?).await?;
            }
        }
        _ => {}
    }
    Ok(())
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

/// Whether two definitions mean the same. A part that the service adds by itself may be missing from one of them.
pub(super) fn same(key: &ItemKey, left: &ItemDefinition, right: &ItemDefinition) -> bool {
    let content = |definition: &ItemDefinition| -> std::collections::BTreeMap<String, bytes::Bytes> {
        let parts = definition.parts.iter().filter(|part| part.path != ".platform");
        parts.map(|part| (part.path.clone(), part.payload.clone())).collect()
    };
    let (left, right) = (content(left), content(right));
    let mut paths = left.keys().chain(right.keys());
    paths.all(|path| match (left.get(path), right.get(path)) {
        (Some(left), Some(right)) => crate::canonical::same(&key.item_type, path, left, right),
        _ => crate::canonical::added_by_server(&key.item_type, path),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(parts: &[(&str, &str)]) -> ItemDefinition {
        let part = |(path, text): &(&str, &str)| DefinitionPart {
            path: (*path).to_owned(),
            payload: text.to_string().into_bytes().into(),
        };
        ItemDefinition { format: None, parts: parts.iter().map(part).collect() }
    }

    #[test]
    fn a_part_that_the_service_adds_may_be_missing_but_not_differ() {
        const SETTINGS: &str = "Setting/Sparkcompute.yml";
        let key = ItemKey::new("Environment", "Spark");
        let (bare, two, four) = (
            environment(&[]),
            environment(&[(SETTINGS, "driver_cores: 2\n")]),
            environment(&[(SETTINGS, "driver_cores: 4\n")]),
        );
        assert!(same(&key, &bare, &two) && same(&key, &two, &bare) && same(&key, &two, &two));
        assert!(!same(&key, &two, &four));
        assert!(!same(&key, &bare, &environment(&[("Libraries/PublicLibraries/environment.yml", "x: 1")])));
    }
}
