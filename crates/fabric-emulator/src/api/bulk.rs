//! Definitions of many items at once: exported, imported.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::definitions::{self, GivenPart, PLATFORM};
use super::{dependencies, folders, items, names};
use crate::call::{Call, item_not_found};
use crate::faults::{ImportPartly, OperationFault};
use crate::operations::{self, Completion, ITEM_RETRY};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types::{self, Answer};
use crate::world::World;
use crate::world::entities::{Item, StoredPart};
use crate::world::operation::{Effect, ImportEntry, Outcome};

/// How many items one import takes, as fabric-cicd counts them.
const LARGEST_IMPORT: usize = 1_000;
/// Types that an import does not take although their items have definitions, as fabric-cicd has it.
const NOT_IN_BULK: [&str; 2] = ["Warehouse", "DataBuildToolJob"];

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct ExportRequest {
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    items: Vec<ExportItem>,
}

#[derive(Deserialize)]
struct ExportItem {
    id: Uuid,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImportRequest {
    definition_parts: Vec<GivenPart>,
    #[serde(default)]
    options: ImportOptions,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct ImportOptions {
    #[serde(default)]
    allow_pairing_by_name: bool,
}

/// The logical id the service gives an item outside Git: the item's id with its halves swapped and the 16-bit
/// words of each in reverse order, as recorded.
pub(crate) fn logical_id(id: Uuid) -> Uuid {
    let (a, b, c, rest) = id.as_fields();
    let [d0, d1, e0, e1, e2, e3, e4, e5] = *rest;
    let bytes = [e2, e3, e4, e5, e0, e1, d0, d1];
    let [f0, f1, f2, f3, f4, f5, f6, f7] = bytes;
    let low = [c.to_be_bytes(), b.to_be_bytes()];
    let [[c0, c1], [b0, b1]] = low;
    let [a0, a1, a2, a3] = a.to_be_bytes();
    Uuid::from_bytes([f0, f1, f2, f3, f4, f5, f6, f7, c0, c1, b0, b1, a0, a1, a2, a3])
}

pub(crate) fn export(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.require_beta()?;
    let wanted: ExportRequest = call.json_or_default()?;
    let workspace = call.workspace()?.id;
    let exports_all = match wanted.mode.as_deref() {
        None => wanted.items.is_empty(),
        Some(mode) if mode.eq_ignore_ascii_case("All") => true,
        Some(mode) if mode.eq_ignore_ascii_case("Selective") || mode.eq_ignore_ascii_case("Selected") => false,
        Some(mode) => return Err(Refusal::body(format!("'{mode}' is not a mode"))),
    };
    let chosen: Vec<Uuid> = if exports_all {
        let visible = call.world.items_in(workspace).filter(|item| item.is_visible(call.now) && is_exportable(item));
        visible.map(|item| item.id).collect()
    } else {
        choose(call, workspace, &wanted.items)?
    };
    let effect = Effect::Export { items: chosen };
    operations::run(call, Answer::LongRunning, ITEM_RETRY, effect, |world, outcome| Reply::ok(show(world, &outcome)))
}

fn choose(call: &Call<'_>, workspace: Uuid, wanted: &[ExportItem]) -> Result<Vec<Uuid>, Refusal> {
    let mut chosen = Vec::with_capacity(wanted.len());
    for ExportItem { id } in wanted {
        let item = call.world.item_of(workspace, *id, call.now).ok_or_else(|| item_not_found(*id))?;
        if chosen.contains(id) {
            return Err(
                Refusal::bad("ItemReferencedMoreThanOnce", "An item is named more than once").about(*id, "Item")
            );
        }
        if !is_exportable(item) {
            return Err(definitions::not_supported().about(*id, "Item"));
        }
        chosen.push(*id);
    }
    Ok(chosen)
}

fn is_exportable(item: &Item) -> bool {
    types::find(&item.item_type).is_some_and(types::ItemType::has_definition)
}

pub(crate) fn finish_export(world: &mut World, items: &[Uuid]) -> Result<Outcome, Refusal> {
    let mut index = Vec::with_capacity(items.len());
    let mut parts = Vec::new();
    for id in items {
        // What was deleted meanwhile is left out.
        let Some(item) = world.items.get(*id).cloned() else { continue };
        let mut path = world.folder_path(item.folder_id);
        path.push(format!("{}.{}", item.display_name, item.item_type));
        let root = format!("/{}", path.join("/"));
        let platform = world.blobs.put(&definitions::write_platform(&item, logical_id(*id)));
        parts.push(StoredPart { path: format!("{root}/{PLATFORM}"), digest: platform });
        parts.extend(
            item.parts
                .iter()
                .map(|part| StoredPart { path: format!("{root}/{}", part.path), digest: part.digest.clone() }),
        );
        index.push((*id, root));
    }
    Ok(Outcome::Export { index, parts })
}

/// The body of an export.
pub(crate) fn show(world: &World, outcome: &Outcome) -> Value {
    let Outcome::Export { index, parts } = outcome else { return Value::Null };
    let index: Vec<Value> = index.iter().map(|(id, root)| json!({"id": id, "rootPath": root})).collect();
    json!({"itemDefinitionsIndex": index, "definitionParts": definitions::show_parts(world, parts)})
}

pub(crate) fn import(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.require_beta()?;
    let wanted: ImportRequest = call.json()?;
    let workspace = call.workspace()?.id;
    let mut groups: BTreeMap<String, Vec<GivenPart>> = BTreeMap::new();
    for mut part in wanted.definition_parts {
        let (root, path) = split_root(&part.path).ok_or_else(|| invalid_path(&part.path))?;
        let root = root.to_owned();
        part.path = path.to_owned();
        groups.entry(root).or_default().push(part);
    }
    if groups.is_empty() {
        return Err(Refusal::bad("MissingDefinitionParts", "The definition has no parts"));
    }
    if groups.len() > LARGEST_IMPORT {
        return Err(Refusal::body(format!("{} items are more than {LARGEST_IMPORT}", groups.len())));
    }
    let mut prepared = Vec::with_capacity(groups.len());
    for (root, parts) in groups {
        prepared.push(prepare(call, workspace, &root, &parts, wanted.options.allow_pairing_by_name)?);
    }
    for (position, (entry, _)) in prepared.iter().enumerate() {
        let same = |other: &ImportEntry| {
            other.item_type == entry.item_type && other.display_name.eq_ignore_ascii_case(&entry.display_name)
        };
        let has_id = |other: &ImportEntry| other.logical_id == entry.logical_id;
        if entry.logical_id.is_nil() || prepared[..position].iter().any(|(other, _)| has_id(other)) {
            return Err(Refusal::bad(
                "InvalidPlatformFile",
                format!("'{}' has no logical id of its own", entry.display_name),
            ));
        }
        if prepared[..position].iter().any(|(other, _)| same(other)) {
            return Err(Refusal::bad(
                "DuplicateDisplayNameAndType",
                format!("'{}' of type {} is given twice", entry.display_name, entry.item_type),
            ));
        }
    }
    if !dependencies::can_be_ordered(prepared.iter().map(|(entry, given)| (entry.logical_id, given.contents()))) {
        return Err(Refusal::bad(
            "DependenciesCouldNotBeResolved",
            "The items refer to each other in a ring by their logical ids",
        ));
    }
    let mut entries = Vec::with_capacity(prepared.len());
    for (mut entry, given) in prepared {
        if let Some(item_type) = types::find(&entry.item_type) {
            entry.parts = given.store(call.world, item_type, call.settings.normalise_definitions);
        }
        entries.push(entry);
    }
    let partly = match call.fault {
        Some(OperationFault::Partly(partly)) => Some(partly),
        _ => None,
    };
    let effect = Effect::Import { workspace, entries, partly };
    operations::run(call, Answer::LongRunning, ITEM_RETRY, effect, |_, outcome| match outcome {
        Outcome::Value(details) => Reply::ok(details),
        _ => Reply::done(),
    })
}

fn prepare(
    call: &Call<'_>,
    workspace: Uuid,
    root: &str,
    parts: &[GivenPart],
    pairs_by_name: bool,
) -> Result<(ImportEntry, definitions::Given), Refusal> {
    let mut folders: Vec<String> = root.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let last = folders.pop().unwrap_or_default();
    let (_, type_name) = last.rsplit_once('.').ok_or_else(|| invalid_path(root))?;
    let item_type = types::find(type_name)
        .filter(|known| known.managed)
        .ok_or_else(|| Refusal::bad("InvalidItemType", format!("The item type '{type_name}' is invalid")))?;
    if NOT_IN_BULK.contains(&item_type.name) {
        return Err(definitions::not_supported());
    }
    items::check_caller(call, item_type)?;
    items::check_capacity(call, item_type)?;
    let given = definitions::read_parts(item_type, None, parts)?;
    let platform = given
        .platform
        .clone()
        .ok_or_else(|| Refusal::bad("InvalidPlatformFile", format!("'{root}' has no .platform file")))?;
    let name = platform.metadata.display_name;
    names::check(item_type, &name)?;
    let candidates = call
        .world
        .items_in(workspace)
        .filter(|item| item.is_visible(call.now) && item.item_type == item_type.name)
        .collect::<Vec<_>>();
    let by_logical_id = candidates.iter().find(|item| logical_id(item.id) == platform.logical_id);
    let by_name = candidates.iter().find(|item| item.display_name.eq_ignore_ascii_case(&name));
    let existing = by_logical_id.or(by_name.filter(|_| pairs_by_name)).map(|item| item.id);
    names::check_free(call.world, call.settings, call.now, workspace, item_type, &name, existing)?;
    let entry = ImportEntry {
        folders,
        item_type: item_type.name.to_owned(),
        display_name: name,
        description: platform.metadata.description,
        logical_id: platform.logical_id,
        parts: Vec::new(),
        existing,
    };
    Ok((entry, given))
}

/// Splits `/folder/name.Type/part/of/it` behind the segment that names the item.
fn split_root(path: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    for segment in path.split('/') {
        end += segment.len();
        let names_item =
            segment.rsplit_once('.').is_some_and(|(name, kind)| !name.is_empty() && types::find(kind).is_some());
        if names_item {
            let rest = path.get(end..)?.strip_prefix('/')?;
            return (!rest.is_empty()).then_some((path.get(..end)?, rest));
        }
        end += 1;
    }
    None
}

fn invalid_path(path: &str) -> Refusal {
    Refusal::bad("InvalidFilesPath", format!("The path '{path}' names no item and part"))
}

pub(crate) fn finish_import(
    world: &mut World,
    completion: &Completion<'_>,
    workspace: Uuid,
    entries: &[ImportEntry],
    partly: Option<ImportPartly>,
) -> Result<Outcome, Refusal> {
    if world.workspaces.get(workspace).is_none() {
        return Err(Refusal::not_found("WorkspaceNotFound", "The requested workspace could not be found"));
    }
    let mut details = Vec::with_capacity(entries.len());
    for (place, entry) in entries.iter().enumerate() {
        let befallen = partly.filter(|partly| partly.befalls(place));
        let mut entry = entry.clone();
        let despite = befallen.is_some_and(|partly| partly.despite);
        if despite {
            entry.parts.pop();
        }
        let entry = &entry;
        let outcome = match entry.existing {
            _ if befallen.is_some() && !despite => Err(Refusal::bad("Boom", "The item was not imported")),
            Some(id) => import_update(world, completion, id, entry).map(|()| id),
            None => import_creation(world, completion, workspace, entry),
        };
        let status = match &outcome {
            Ok(_) if despite => "SucceededDespiteFailures",
            Ok(_) => "Succeeded",
            Err(_) => "Failed",
        };
        details.push(json!({
            "itemId": outcome.as_ref().ok().or(entry.existing.as_ref()),
            "itemDisplayName": entry.display_name,
            "itemType": entry.item_type,
            "itemLogicalId": entry.logical_id,
            "operationType": if entry.existing.is_some() { "Update" } else { "Create" },
            "operationStatus": status,
        }));
    }
    Ok(Outcome::Value(json!({ "importItemDefinitionsDetails": details })))
}

pub(crate) fn import_update(
    world: &mut World,
    completion: &Completion<'_>,
    id: Uuid,
    entry: &ImportEntry,
) -> Result<(), Refusal> {
    let workspace = world.items.get(id).ok_or_else(|| item_not_found(id))?.workspace_id;
    let folder = folders::ensure(world, workspace, &entry.folders)?;
    items::rename(world, id, &entry.display_name);
    if let Some(item) = world.items.edit(id) {
        item.parts.clone_from(&entry.parts);
        item.folder_id = folder;
        item.updated = completion.at;
        if let Some(description) = &entry.description {
            item.description.clone_from(description);
        }
    }
    Ok(())
}

pub(crate) fn import_creation(
    world: &mut World,
    completion: &Completion<'_>,
    workspace: Uuid,
    entry: &ImportEntry,
) -> Result<Uuid, Refusal> {
    if let Some(item_type) = types::find(&entry.item_type) {
        let name = &entry.display_name;
        names::check_free(world, completion.settings, completion.at, workspace, item_type, name, None)?;
    }
    let folder_id = folders::ensure(world, workspace, &entry.folders)?;
    let id = Uuid::new_v4();
    world.items.put(Item {
        id,
        workspace_id: workspace,
        item_type: entry.item_type.clone(),
        display_name: entry.display_name.clone(),
        description: entry.description.clone().unwrap_or_default(),
        folder_id,
        provisioning: true,
        visible_from: 0,
        ready_from: 0,
        created: completion.at,
        updated: completion.at,
        format: None,
        parts: entry.parts.clone(),
        creation_payload: None,
        parent: None,
        properties: Map::new(),
        shortcuts: Vec::new(),
        connections: Vec::new(),
        publication: None,
        mirroring: None,
    });
    items::finish_creation(world, completion, id)?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_ids_are_item_ids_with_reversed_words() {
        let id = "347a2755-b988-4c18-8fbc-d167a80d71a1".parse().unwrap();
        assert_eq!(logical_id(id).to_string(), "a80d71a1-d167-8fbc-4c18-b988347a2755");
        assert_eq!(logical_id(logical_id(id)), id);
    }

    #[test]
    fn a_path_splits_behind_the_item() {
        let cases = [
            ("/a.b/c d/n.Notebook/.platform", Some(("/a.b/c d/n.Notebook", ".platform"))),
            ("/r.Report/definition/pages/p.json", Some(("/r.Report", "definition/pages/p.json"))),
            ("n.Notebook/x", Some(("n.Notebook", "x"))),
            ("/n.Notebook", None),
            ("/n.Notebook/", None),
            ("/folder/file.json", None),
        ];
        for (path, expected) in cases {
            assert_eq!(split_root(path), expected, "{path}");
        }
    }
}
