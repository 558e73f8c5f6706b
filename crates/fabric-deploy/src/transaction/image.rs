//! Before-images: the definition that was there, kept so that it can be put back.
//!
//! Where a definition has the value of a secret that the deployment knows, the image names the secret, in the version
//! that was used, and the value is asked for again when the image is.

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
use crate::secret::{Secrets, Veil, Veiled};

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
    /// In base64; or else
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
    /// in runs, of which some are secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    runs: Vec<Veiled<String>>,
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
            let veil = known.secrets.kept_of(item).await?;
            if let Some(after) = after {
                context.save(AFTER, &encode(&after, &veil)?).await?;
            }
            context.save(BEFORE, &encode(&before, &veil)?).await?;
        }
        Change::DeleteItem { key, id, .. } if !item_type::holds_data(&key.item_type) => {
            if let Some(before) = definition_if_any(known, *id).await? {
                context.save(BEFORE, &encode(&before, &known.secrets.kept())?).await?;
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
pub(super) async fn load(
    context: &StepContext<'_>,
    known: &Known,
    name: &str,
) -> Result<Option<ItemDefinition>, Failure> {
    match context.before(name).await? {
        Some(bytes) => Ok(Some(decode(&bytes, &known.secrets).await?)),
        None => Ok(None),
    }
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

fn encode(definition: &ItemDefinition, veil: &Veil) -> Result<Vec<u8>, Failure> {
    let own = definition.parts.iter().filter(|part| part.path != ".platform");
    let image = Image { format: definition.format.clone(), parts: own.map(|part| Part::of(part, veil)).collect() };
    serde_json::to_vec(&image).map_err(Failure::from)
}

async fn decode(bytes: &[u8], secrets: &Secrets) -> Result<ItemDefinition, Failure> {
    let image: Image = serde_json::from_slice(bytes)?;
    let mut parts = Vec::with_capacity(image.parts.len());
    for part in image.parts {
        parts.push(DefinitionPart { payload: part.payload(secrets).await?.into(), path: part.path });
    }
    Ok(ItemDefinition { format: image.format, parts })
}

impl Part {
    fn of(part: &DefinitionPart, veil: &Veil) -> Self {
        let path = part.path.clone();
        match veil.over(&part.payload).as_slice() {
            [] | [Veiled::Bytes(_)] => Self { path, payload: Some(STANDARD.encode(&part.payload)), runs: Vec::new() },
            runs => Self { path, payload: None, runs: runs.iter().map(in_base64).collect() },
        }
    }

    async fn payload(&self, secrets: &Secrets) -> Result<Vec<u8>, Failure> {
        if let Some(payload) = &self.payload {
            return Ok(STANDARD.decode(payload)?);
        }
        let mut bytes = Vec::new();
        for run in &self.runs {
            match run {
                Veiled::Bytes(text) => bytes.extend(STANDARD.decode(text)?),
                Veiled::Secret { name, encoding } => {
                    bytes.extend_from_slice(secrets.written(name, *encoding).await?.as_bytes());
                }
            }
        }
        Ok(bytes)
    }
}

fn in_base64(run: &Veiled<&[u8]>) -> Veiled<String> {
    match run {
        Veiled::Bytes(bytes) => Veiled::Bytes(STANDARD.encode(bytes)),
        Veiled::Secret { name, encoding } => Veiled::Secret { name: name.clone(), encoding: *encoding },
    }
}
