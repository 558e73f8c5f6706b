//! Definitions of items: checked when given, normalised when stored, completed when read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::items;
use crate::call::{Call, item_not_found};
use crate::operations::{self, Completion, ITEM_RETRY};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types::{self, ItemType, normalise};
use crate::world::World;
use crate::world::entities::{Item, StoredPart};
use crate::world::operation::{Effect, Metadata, Outcome};

/// The part that describes the item itself.
pub(crate) const PLATFORM: &str = ".platform";
const PLATFORM_SCHEMA: &str =
    "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenDefinition {
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    parts: Vec<GivenPart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GivenPart {
    pub(crate) path: String,
    pub(crate) payload: String,
    pub(crate) payload_type: String,
}

/// A definition that passed every check.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) format: Option<String>,
    /// Path and content, without `.platform`.
    parts: Vec<(String, Vec<u8>)>,
    pub(crate) platform: Option<Platform>,
}

/// What a `.platform` part says.
#[derive(Debug, Clone)]
pub(crate) struct Platform {
    pub(crate) metadata: Metadata,
    pub(crate) logical_id: Uuid,
    pub(crate) item_type: String,
}

impl Given {
    /// The part of the given path, read as JSON.
    pub(crate) fn json(&self, path: &str) -> Option<Value> {
        let (_, content) = self.parts.iter().find(|(known, _)| known == path)?;
        serde_json::from_slice(content).ok()
    }

    /// What the parts hold.
    pub(super) fn contents(&self) -> Vec<&[u8]> {
        self.parts.iter().map(|(_, content)| content.as_slice()).collect()
    }

    /// Puts the contents into the world, rewritten the way the service does.
    pub(crate) fn store(self, world: &mut World, item_type: &ItemType, normalised: bool) -> Vec<StoredPart> {
        let parts = stored_form(self.parts, item_type, normalised);
        parts.into_iter().map(|(path, content)| StoredPart { path, digest: world.blobs.put(&content) }).collect()
    }
}

/// Parts as the service stores them: rewritten, and with those that it adds.
pub(crate) fn stored_form(
    parts: Vec<(String, Vec<u8>)>,
    item_type: &ItemType,
    normalised: bool,
) -> Vec<(String, Vec<u8>)> {
    if !normalised {
        return parts;
    }
    let rewrite = |(path, content): (String, Vec<u8>)| {
        let content = normalise::part(item_type.name, &path, content);
        (path, content)
    };
    let mut stored: Vec<(String, Vec<u8>)> = parts.into_iter().map(rewrite).collect();
    for (path, content) in types::default_parts::added_to(item_type) {
        if !stored.iter().any(|(known, _)| known == path) {
            stored.push(((*path).to_owned(), content.as_bytes().to_vec()));
        }
    }
    stored
}

pub(crate) fn not_supported() -> Refusal {
    Refusal::bad("OperationNotSupportedForItem", "Operation not supported for requested item")
}

/// Reads and checks a definition for an item of the type.
pub(crate) fn read(item_type: &ItemType, value: &Value) -> Result<Given, Refusal> {
    let given: GivenDefinition =
        serde_json::from_value(value.clone()).map_err(|error| Refusal::body(error.to_string()))?;
    read_parts(item_type, given.format, &given.parts)
}

/// Checks the parts of a definition for an item of the type.
pub(crate) fn read_parts(item_type: &ItemType, format: Option<String>, given: &[GivenPart]) -> Result<Given, Refusal> {
    if !item_type.has_definition() {
        return Err(not_supported());
    }
    check_format(item_type, format.as_deref())?;
    let mut parts: Vec<(String, Vec<u8>)> = Vec::with_capacity(given.len());
    let mut platform = None;
    for part in given {
        if !part.payload_type.eq_ignore_ascii_case("InlineBase64") {
            return Err(Refusal::bad(
                "UnsupportedPayloadType",
                format!("The payload type '{}' is not supported", part.payload_type),
            ));
        }
        if part.path.is_empty() || parts.iter().any(|(path, _)| *path == part.path) {
            return Err(invalid_parts(&format!("the path '{}' is empty or given twice", part.path)));
        }
        let content = STANDARD
            .decode(&part.payload)
            .map_err(|_| Refusal::bad("CorruptedPayload", format!("The payload of '{}' is not base64", part.path)))?;
        if part.path == PLATFORM {
            let read = read_platform(&content)?;
            if !read.item_type.eq_ignore_ascii_case(item_type.name) {
                return Err(invalid_platform("its type is not the item's"));
            }
            platform = Some(read);
        } else {
            parts.push((part.path.clone(), content));
        }
    }
    if parts.is_empty() {
        return Err(Refusal::bad("MissingDefinitionParts", "The definition has no parts"));
    }
    let required = item_type.required_part;
    let is_complete = required.iter().any(|beginning| parts.iter().any(|(path, _)| path.starts_with(beginning)));
    if !required.is_empty() && !is_complete {
        return Err(invalid_parts(&format!("one of {} is missing", required.join(", "))));
    }
    let format = format.or_else(|| natural_format(item_type, &parts));
    Ok(Given { format, parts, platform })
}

fn natural_format(item_type: &ItemType, parts: &[(String, Vec<u8>)]) -> Option<String> {
    let is_tmsl = item_type.name == "SemanticModel" && parts.iter().any(|(path, _)| path == "model.bim");
    if is_tmsl { Some("TMSL".to_owned()) } else { item_type.shown_format.map(str::to_owned) }
}

fn check_format(item_type: &ItemType, format: Option<&str>) -> Result<(), Refusal> {
    let Some(format) = format.filter(|format| !format.is_empty()) else { return Ok(()) };
    if item_type.formats.is_empty() || item_type.formats.iter().any(|known| known.eq_ignore_ascii_case(format)) {
        return Ok(());
    }
    Err(Refusal::bad("InvalidDefinitionFormat", format!("The definition format '{format}' is invalid")))
}

fn invalid_parts(reason: &str) -> Refusal {
    Refusal::bad("InvalidDefinitionParts", format!("The definition parts are invalid: {reason}"))
}

fn invalid_platform(reason: &str) -> Refusal {
    Refusal::bad("InvalidPlatformFile", format!("The .platform file is invalid: {reason}"))
}

/// Reads a `.platform` part.
pub(crate) fn read_platform(content: &[u8]) -> Result<Platform, Refusal> {
    let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
    let value: Value = serde_json::from_slice(content).map_err(|_| invalid_platform("it is not JSON"))?;
    let text = |pointer| value.pointer(pointer).and_then(Value::as_str);
    let item_type = text("/metadata/type").ok_or_else(|| invalid_platform("metadata.type is missing"))?;
    let name = text("/metadata/displayName").ok_or_else(|| invalid_platform("metadata.displayName is missing"))?;
    let logical_id = match text("/config/logicalId") {
        Some(id) => id.parse().map_err(|_| invalid_platform("config.logicalId is not an id"))?,
        None => Uuid::nil(),
    };
    Ok(Platform {
        metadata: Metadata {
            display_name: name.to_owned(),
            description: text("/metadata/description").map(str::to_owned),
        },
        logical_id,
        item_type: item_type.to_owned(),
    })
}

/// Writes the `.platform` part of an item.
pub(crate) fn write_platform(item: &Item, logical_id: Uuid) -> Vec<u8> {
    let mut metadata = Map::new();
    metadata.insert("type".to_owned(), json!(item.item_type));
    metadata.insert("displayName".to_owned(), json!(item.display_name));
    if !item.description.is_empty() {
        metadata.insert("description".to_owned(), json!(item.description));
    }
    let platform = json!({
        "$schema": PLATFORM_SCHEMA,
        "metadata": metadata,
        "config": {"version": "2.0", "logicalId": logical_id},
    });
    normalise::pretty(&platform).unwrap_or_default().into_bytes()
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let item = call.item()?;
    let item_type = types::find(&item.item_type).filter(|known| known.has_definition()).ok_or_else(not_supported)?;
    let id = item.id;
    items::check_caller(call, item_type)?;
    items::check_capacity(call, item_type)?;
    let format = call.query.get("format").filter(|format| !format.is_empty()).map(str::to_owned);
    check_format(item_type, format.as_deref())?;
    check_conversion(call.item()?, format.as_deref())?;
    let effect = Effect::GetDefinition { item: id, format };
    operations::run(call, item_type.get_definition, ITEM_RETRY, effect, |world, outcome| {
        Reply::ok(show(world, &outcome))
    })
}

/// The emulator stores what it was given and does not translate between formats.
fn check_conversion(item: &Item, format: Option<&str>) -> Result<(), Refusal> {
    let has = |ending: &str| item.parts.iter().any(|part| part.path.ends_with(ending));
    let translates = match format.unwrap_or_default().to_ascii_lowercase().as_str() {
        "ipynb" => !has(".ipynb"),
        "tmdl" => has("model.bim"),
        "tmsl" => !has("model.bim"),
        _ => false,
    };
    if translates {
        return Err(Refusal::bad(
            "InvalidDefinitionFormat",
            "The emulator does not translate definitions from one format into another",
        ));
    }
    Ok(())
}

pub(crate) fn finish_reading(world: &mut World, id: Uuid, format: Option<String>) -> Result<Outcome, Refusal> {
    let item = world.items.get(id).ok_or_else(|| item_not_found(id))?.clone();
    let mut parts = item.parts.clone();
    // What a caller reads outside Git never carries the real logical id.
    let platform = world.blobs.put(&write_platform(&item, Uuid::nil()));
    parts.push(StoredPart { path: PLATFORM.to_owned(), digest: platform });
    let shown = types::find(&item.item_type).and_then(|known| known.shown_format);
    let format = shown.map(|shown| format.or(item.format).unwrap_or_else(|| shown.to_owned()));
    Ok(Outcome::Definition { format, parts })
}

/// The body of a definition that was read.
pub(crate) fn show(world: &World, outcome: &Outcome) -> Value {
    let Outcome::Definition { format, parts } = outcome else { return Value::Null };
    let mut definition = Map::new();
    if let Some(format) = format {
        definition.insert("format".to_owned(), json!(format));
    }
    definition.insert("parts".to_owned(), show_parts(world, parts));
    json!({ "definition": definition })
}

pub(crate) fn show_parts(world: &World, parts: &[StoredPart]) -> Value {
    let show = |part: &StoredPart| {
        let payload = STANDARD.encode(world.content(&part.digest));
        json!({"path": part.path, "payload": payload, "payloadType": "InlineBase64"})
    };
    Value::Array(parts.iter().map(show).collect())
}

#[derive(Deserialize)]
struct UpdateDefinition {
    definition: Value,
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let item = call.item()?.clone();
    let item_type = types::find(&item.item_type).filter(|known| known.has_definition()).ok_or_else(not_supported)?;
    items::check_caller(call, item_type)?;
    items::check_capacity(call, item_type)?;
    let wanted: UpdateDefinition = call.json()?;
    let given = read(item_type, &wanted.definition)?;
    let metadata = if call.query.flag("updateMetadata", false) {
        let platform = given.platform.clone().ok_or_else(|| invalid_platform("it is missing"))?;
        items::check_rename(call.world, call.settings, call.now, &item, item_type, &platform.metadata.display_name)?;
        Some(platform.metadata)
    } else {
        None
    };
    let format = given.format.clone();
    let parts = given.store(call.world, item_type, call.settings.normalise_definitions);
    let effect = Effect::UpdateDefinition { item: item.id, parts, format, metadata };
    let reply = operations::run(call, item_type.update_definition, ITEM_RETRY, effect, |_, _| Reply::done())?;
    // The documents promise the item for lakehouses alone; every recorded answer was empty.
    if reply.status == StatusCode::OK && call.route.item_type() == Some("Lakehouse") {
        return Ok(Reply::ok(items::show_for(call, call.item()?)));
    }
    Ok(reply)
}

pub(crate) fn finish_update(
    world: &mut World,
    completion: &Completion<'_>,
    id: Uuid,
    parts: &[StoredPart],
    format: Option<&String>,
    metadata: Option<&Metadata>,
) -> Result<Outcome, Refusal> {
    let item = world.items.get(id).ok_or_else(|| item_not_found(id))?.clone();
    if let (Some(metadata), Some(item_type)) = (metadata, types::find(&item.item_type)) {
        let name = &metadata.display_name;
        items::check_rename(world, completion.settings, completion.at, &item, item_type, name)?;
        items::rename(world, id, name);
    }
    let item = world.items.edit(id).ok_or_else(|| item_not_found(id))?;
    item.parts = parts.to_vec();
    item.format = format.cloned().or_else(|| item.format.clone());
    item.updated = completion.at;
    if let Some(description) = metadata.and_then(|metadata| metadata.description.clone()) {
        item.description = description;
    }
    Ok(Outcome::Value(Value::Object(items::show(item))))
}
