//! The world as one JSON document: to look at, to seed, to replace.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use thiserror::Error;
use uuid::Uuid;

use super::entities::{Item, StoredPart};
use super::table::{Entity, Table};
use super::{World, administrator, defaults};

/// Why a document is not a world.
#[derive(Debug, Error)]
pub enum SeedError {
    /// The document, or one of its sections, has the wrong JSON type.
    #[error("`{0}` must be {1}")]
    Shape(String, &'static str),
    /// A section that the world does not have.
    #[error("unknown section `{0}`; known: {1}")]
    UnknownSection(String, String),
    /// An entity that cannot be read.
    #[error("`{section}[{index}]`: {reason}")]
    Entity {
        /// The section.
        section: String,
        /// The position in it, from 0.
        index: usize,
        /// What is wrong.
        reason: String,
    },
}

const SECTIONS: [&str; 13] = [
    "capacities",
    "principals",
    "workspaces",
    "folders",
    "items",
    "reservations",
    "connections",
    "jobs",
    "schedules",
    "operations",
    "secrets",
    "gitLinks",
    "logicalIds",
];

/// Writes the world down, definitions included.
pub(crate) fn write(world: &World) -> Value {
    let items: Vec<Value> = world.items.iter().map(|item| write_item(world, item)).collect();
    json!({
        "capacities": rows(&world.capacities),
        "principals": rows(&world.principals),
        "workspaces": rows(&world.workspaces),
        "folders": rows(&world.folders),
        "items": items,
        "reservations": rows(&world.reservations),
        "connections": rows(&world.connections),
        "jobs": rows(&world.jobs),
        "schedules": rows(&world.schedules),
        "operations": rows(&world.operations),
        "secrets": rows(&world.secrets),
        "gitLinks": rows(&world.git_links),
        "logicalIds": rows(&world.logical_ids),
    })
}

fn rows<T: Entity>(table: &Table<T>) -> Vec<Value> {
    table.iter().filter_map(|entity| serde_json::to_value(entity).ok()).collect()
}

fn write_item(world: &World, item: &Item) -> Value {
    let mut value = serde_json::to_value(item).unwrap_or_default();
    if let Value::Object(fields) = &mut value
        && fields.remove("parts").is_some()
    {
        let parts: Vec<Value> = item
            .parts
            .iter()
            .map(|part| {
                let payload = STANDARD.encode(world.content(&part.digest));
                json!({"path": part.path, "payload": payload, "payloadType": "InlineBase64"})
            })
            .collect();
        fields.insert("definition".to_owned(), json!({ "parts": parts }));
    }
    value
}

/// Reads a world from a document.
///
/// Ids that are absent are drawn. Without a `capacities` or `principals` section the default ones are there; a
/// workspace without role assignments belongs to the default administrator. A part of an item's definition holds
/// its content as `payload` (base64) or as `text`.
pub(crate) fn read(document: &Value) -> Result<World, SeedError> {
    let Value::Object(sections) = document else {
        return Err(SeedError::Shape("the document".to_owned(), "an object"));
    };
    if let Some(unknown) = sections.keys().find(|name| !SECTIONS.contains(&name.as_str())) {
        return Err(SeedError::UnknownSection(unknown.clone(), SECTIONS.join(", ")));
    }
    let mut world = World::default();
    if sections.contains_key("capacities") {
        read_rows(sections, "capacities", &mut world.capacities)?;
    } else {
        defaults::add_capacities(&mut world);
    }
    if sections.contains_key("principals") {
        read_rows(sections, "principals", &mut world.principals)?;
    } else {
        defaults::add_principals(&mut world);
    }
    read_rows(sections, "workspaces", &mut world.workspaces)?;
    let ownerless: Vec<Uuid> =
        world.workspaces.iter().filter(|workspace| workspace.role_assignments.is_empty()).map(Entity::id).collect();
    for id in ownerless {
        if let Some(workspace) = world.workspaces.edit(id) {
            workspace.role_assignments.push(administrator(defaults::ADMINISTRATOR));
        }
    }
    read_rows(sections, "folders", &mut world.folders)?;
    read_items(sections, &mut world)?;
    read_rows(sections, "reservations", &mut world.reservations)?;
    read_rows(sections, "connections", &mut world.connections)?;
    read_rows(sections, "jobs", &mut world.jobs)?;
    read_rows(sections, "schedules", &mut world.schedules)?;
    read_rows(sections, "operations", &mut world.operations)?;
    read_rows(&with_versions(sections), "secrets", &mut world.secrets)?;
    read_rows(sections, "gitLinks", &mut world.git_links)?;
    read_rows(sections, "logicalIds", &mut world.logical_ids)?;
    world.rebuild_agenda();
    Ok(world)
}

/// The secrets, where a `value` stands for a single version.
fn with_versions(sections: &Map<String, Value>) -> Map<String, Value> {
    let mut secrets = sections.get("secrets").cloned();
    for row in secrets.iter_mut().filter_map(Value::as_array_mut).flatten() {
        if let Value::Object(fields) = row
            && let Some(value) = fields.remove("value")
        {
            fields.insert("versions".to_owned(), json!([{ "value": value }]));
        }
    }
    secrets.map(|secrets| ("secrets".to_owned(), secrets)).into_iter().collect()
}

fn section<'a>(sections: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], SeedError> {
    match sections.get(name) {
        None => Ok(&[]),
        Some(Value::Array(rows)) => Ok(rows),
        Some(_) => Err(SeedError::Shape(name.to_owned(), "an array")),
    }
}

fn read_rows<T: Entity>(sections: &Map<String, Value>, name: &str, table: &mut Table<T>) -> Result<(), SeedError> {
    for (index, row) in section(sections, name)?.iter().enumerate() {
        let entity = serde_json::from_value(row.clone()).map_err(|error| SeedError::Entity {
            section: name.to_owned(),
            index,
            reason: error.to_string(),
        })?;
        table.put(entity);
    }
    Ok(())
}

fn read_items(sections: &Map<String, Value>, world: &mut World) -> Result<(), SeedError> {
    for (index, row) in section(sections, "items")?.iter().enumerate() {
        let wrong = |reason: String| SeedError::Entity { section: "items".to_owned(), index, reason };
        let mut item: Item = serde_json::from_value(row.clone()).map_err(|error| wrong(error.to_string()))?;
        if let Some(parts) = row.pointer("/definition/parts") {
            let Value::Array(parts) = parts else {
                return Err(wrong("`definition.parts` must be an array".to_owned()));
            };
            item.parts = parts.iter().map(|part| read_part(world, part)).collect::<Result<_, _>>().map_err(wrong)?;
        }
        world.items.put(item);
    }
    Ok(())
}

fn read_part(world: &mut World, part: &Value) -> Result<StoredPart, String> {
    let Some(path) = part["path"].as_str() else { return Err("a part has no `path`".to_owned()) };
    let content = match (part["payload"].as_str(), part["text"].as_str()) {
        (Some(payload), None) => STANDARD.decode(payload).map_err(|error| format!("part `{path}`: {error}"))?,
        (None, Some(text)) => text.as_bytes().to_vec(),
        _ => return Err(format!("part `{path}` needs either `payload` or `text`")),
    };
    Ok(StoredPart { path: path.to_owned(), digest: world.blobs.put(&content) })
}
