//! Items of every type: created, listed, read, changed, deleted. Typed collections come here too.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{definitions, folders, names, page, properties};
use crate::call::{Call, item_not_found};
use crate::clock::micros;
use crate::operations::{self, Completion, ITEM_RETRY};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types::{self, Definition, ItemType};
use crate::world::World;
use crate::world::entities::{Item, PrincipalKind, Role, StoredPart};
use crate::world::operation::{Effect, Outcome};
use crate::world::table::Entity as _;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateItem {
    display_name: String,
    #[serde(default, rename = "type")]
    item_type: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    folder_id: Option<String>,
    #[serde(default)]
    definition: Option<Value>,
    #[serde(default)]
    creation_payload: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateItem {
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    properties: Option<Map<String, Value>>,
}

/// The members that every item shows.
pub(crate) fn show(item: &Item) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(item.id));
    shown.insert("type".to_owned(), json!(item.item_type));
    shown.insert("displayName".to_owned(), json!(item.display_name));
    shown.insert("description".to_owned(), json!(item.description));
    shown.insert("workspaceId".to_owned(), json!(item.workspace_id));
    if let Some(folder) = item.folder_id {
        shown.insert("folderId".to_owned(), json!(folder));
    }
    shown
}

/// The item, with its properties where the route is typed.
pub(super) fn show_for(call: &Call<'_>, item: &Item) -> Value {
    let mut shown = show(item);
    if call.route.item_type.is_some()
        && let Some(properties) = properties::of(call.world, item, call.now)
    {
        shown.insert("properties".to_owned(), properties);
    }
    Value::Object(shown)
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    let workspace = call.workspace()?.id;
    let wanted = match (call.route.item_type, call.query.get("type")) {
        (Some(item_type), _) => Some(item_type.name),
        (None, None) => None,
        (None, Some(name)) => Some(types::find(name).ok_or_else(|| invalid_type(name))?.name),
    };
    let root = folders::resolve(call.world, workspace, call.query.get("rootFolderId"))?;
    let recursive = call.query.flag("recursive", true);
    page::reply(call, |after| {
        call.world
            .items
            .after(after)
            .filter(move |item| item.workspace_id == workspace && item.is_visible(call.now))
            .filter(move |item| wanted.is_none_or(|wanted| item.item_type == wanted))
            .filter(move |item| {
                if recursive { folders::is_below(call.world, item.folder_id, root) } else { item.folder_id == root }
            })
            .map(|item| (item.id(), show_for(call, item)))
    })
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let item = call.item()?;
    Ok(Reply::ok(show_for(call, item)).with_etag())
}

pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: CreateItem = call.json()?;
    let item_type = wanted_type(call, wanted.item_type.as_deref())?;
    let workspace_id = call.workspace()?.id;
    check_caller(call, item_type)?;
    check_capacity(call, item_type)?;
    let folder_id = folders::resolve(call.world, workspace_id, wanted.folder_id.as_deref())?;
    names::check(item_type, &wanted.display_name)?;
    names::check_description(wanted.description.as_deref())?;
    check_payload(item_type, &wanted)?;
    let definition = wanted.definition.as_ref().map(|value| definitions::read(item_type, value)).transpose()?;
    names::check_free(call.world, call.settings, call.now, workspace_id, item_type, &wanted.display_name, None)?;
    if call.settings.item_limit.is_some_and(|limit| call.world.items_in(workspace_id).count() >= limit) {
        return Err(Refusal::bad("WorkspaceItemsLimitExceeded", "The workspace has too many items"));
    }
    let parent = parent_of(call, item_type, &wanted, definition.as_ref())?;
    let answer = item_type.creation_answer(definition.is_some(), wanted.creation_payload.is_some());
    let (format, parts) = match definition {
        Some(definition) => {
            (definition.format.clone(), definition.store(call.world, item_type, call.settings.normalise_definitions))
        }
        None => (None, default_parts(call.world, item_type)),
    };
    let item = Item {
        id: Uuid::new_v4(),
        workspace_id,
        item_type: item_type.name.to_owned(),
        display_name: wanted.display_name,
        description: wanted.description.unwrap_or_default(),
        folder_id,
        provisioning: true,
        visible_from: 0,
        ready_from: 0,
        created: call.now,
        updated: call.now,
        format,
        parts,
        creation_payload: wanted.creation_payload,
        parent,
        properties: Map::new(),
        shortcuts: Vec::new(),
        connections: Vec::new(),
        publication: None,
        mirroring: None,
    };
    let effect = Effect::CreateItem { item: item.id };
    call.world.items.put(item);
    operations::run(call, answer, ITEM_RETRY, effect, |_, outcome| match outcome {
        Outcome::Value(item) => Reply::created(item),
        _ => Reply::done(),
    })
    .map(|reply| if item_type.is_power_bi() { reply } else { reply.with_etag() })
}

fn wanted_type(call: &Call<'_>, named: Option<&str>) -> Result<&'static ItemType, Refusal> {
    if let Some(item_type) = call.route.item_type {
        return match named {
            Some(name) if !name.eq_ignore_ascii_case(item_type.name) => Err(invalid_type(name)),
            _ => Ok(item_type),
        };
    }
    let name = named.ok_or_else(|| Refusal::body("missing field `type`"))?;
    types::find(name).filter(|known| known.managed).ok_or_else(|| invalid_type(name))
}

fn invalid_type(name: &str) -> Refusal {
    Refusal::bad("InvalidItemType", format!("The item type '{name}' is invalid"))
}

/// Refuses service principals where the type does.
pub(crate) fn check_caller(call: &Call<'_>, item_type: &ItemType) -> Result<(), Refusal> {
    let is_application = call.caller.kind == PrincipalKind::ServicePrincipal;
    if is_application && call.settings.refuse_service_principals && !item_type.service_principals {
        return Err(Refusal::forbidden(
            "PrincipalTypeNotSupported",
            format!("The operation is not supported for the principal type with items of type {}", item_type.name),
        ));
    }
    Ok(())
}

/// Refuses to work with items whose workspace has no active capacity.
pub(crate) fn check_capacity(call: &Call<'_>, item_type: &ItemType) -> Result<(), Refusal> {
    if !item_type.needs_capacity {
        return Ok(());
    }
    let Some(capacity) = call.workspace()?.capacity_id else {
        return Err(Refusal::bad(
            "WorkspaceHasNoCapacityAssigned",
            "A workspace with a capacity assigned is required for the operation",
        ));
    };
    if call.world.capacities.get(capacity).is_some_and(|capacity| !capacity.is_active()) {
        return Err(Refusal::bad("CapacityNotInActiveState", "The capacity is not in an active state"));
    }
    Ok(())
}

fn check_payload(item_type: &ItemType, wanted: &CreateItem) -> Result<(), Refusal> {
    if wanted.definition.is_some() && wanted.creation_payload.is_some() {
        return Err(Refusal::bad(
            "RequestWithDefinitionAndCreationPayloadNotSupported",
            "A request cannot have both a definition and a creation payload",
        ));
    }
    if wanted.creation_payload.is_some() && !item_type.creation_payload {
        return Err(Refusal::bad(
            "ItemTypeDoesNotSupportCreationPayload",
            format!("Items of type {} do not support a creation payload", item_type.name),
        ));
    }
    match item_type.definition {
        Definition::Required if wanted.definition.is_none() => {
            Err(Refusal::bad("MissingDefinition", format!("Items of type {} need a definition", item_type.name)))
        }
        Definition::None if wanted.definition.is_some() => Err(definitions::not_supported()),
        _ => Ok(()),
    }
}

/// The item that the new one belongs to, for types that only exist inside another.
fn parent_of(
    call: &Call<'_>,
    item_type: &ItemType,
    wanted: &CreateItem,
    definition: Option<&definitions::Given>,
) -> Result<Option<Uuid>, Refusal> {
    let (member, parent_type) = match item_type.name {
        "KQLDatabase" => ("parentEventhouseItemId", "Eventhouse"),
        "WarehouseSnapshot" => ("parentWarehouseId", "Warehouse"),
        _ => return Ok(None),
    };
    let from_definition = definition.and_then(|given| given.json("DatabaseProperties.json"));
    let named = wanted
        .creation_payload
        .as_ref()
        .and_then(|payload| payload.get(member))
        .or_else(|| from_definition.as_ref().and_then(|properties| properties.get(member)));
    let Some(id) = named.and_then(Value::as_str).and_then(|text| text.parse::<Uuid>().ok()) else {
        return Err(Refusal::input(format!("`{member}` is missing")));
    };
    call.world
        .item_of(call.workspace_id(), id, call.now)
        .filter(|parent| parent.item_type == parent_type)
        .map(|parent| Some(parent.id))
        .ok_or_else(|| item_not_found(id))
}

fn default_parts(world: &mut World, item_type: &ItemType) -> Vec<StoredPart> {
    types::default_parts::of(item_type)
        .iter()
        .map(|(path, content)| StoredPart { path: (*path).to_owned(), digest: world.blobs.put(content.as_bytes()) })
        .collect()
}

/// Lets a prepared item be seen, and its child appear a while later.
pub(crate) fn finish_creation(world: &mut World, completion: &Completion<'_>, id: Uuid) -> Result<Outcome, Refusal> {
    let ready = completion.at.saturating_add(micros(completion.settings.provisioning_delay));
    let item = world.items.edit(id).ok_or_else(|| item_not_found(id))?;
    item.provisioning = false;
    item.visible_from = completion.at;
    item.ready_from = ready;
    item.created = completion.at;
    item.updated = completion.at;
    let item = item.clone();
    if let Some(child) = types::find(&item.item_type).and_then(|known| known.child).and_then(types::find) {
        add_child(world, &item, child, completion.at, ready);
    }
    Ok(Outcome::Value(Value::Object(show(&item))))
}

fn add_child(world: &mut World, parent: &Item, child: &'static ItemType, at: i64, ready: i64) {
    let parts = default_parts(world, child);
    // An eventhouse has its database from the start; SQL endpoints take their time.
    let visible_from = if child.name == "KQLDatabase" { at } else { ready };
    world.items.put(Item {
        id: Uuid::new_v4(),
        workspace_id: parent.workspace_id,
        item_type: child.name.to_owned(),
        display_name: parent.display_name.clone(),
        description: String::new(),
        folder_id: parent.folder_id,
        provisioning: false,
        visible_from,
        ready_from: ready,
        created: visible_from,
        updated: visible_from,
        format: None,
        parts,
        creation_payload: None,
        parent: Some(parent.id),
        properties: Map::new(),
        shortcuts: Vec::new(),
        connections: Vec::new(),
        publication: None,
        mirroring: None,
    });
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: UpdateItem = call.json()?;
    if wanted.display_name.is_none() && wanted.description.is_none() && wanted.properties.is_none() {
        return Err(Refusal::bad("InvalidRequest", "The request changes nothing"));
    }
    let item = call.item()?.clone();
    if let Some(item_type) = types::find(&item.item_type) {
        check_caller(call, item_type)?;
        if let Some(name) = &wanted.display_name {
            check_rename(call.world, call.settings, call.now, &item, item_type, name)?;
        }
    }
    names::check_description(wanted.description.as_deref())?;
    let properties = match &wanted.properties {
        Some(properties) => properties::read_update(call.world, &item, properties)?,
        None => Map::new(),
    };
    let now = call.now;
    let changed = call.item_mut()?;
    changed.description = wanted.description.unwrap_or(item.description);
    changed.properties.extend(properties);
    changed.updated = now;
    if let Some(name) = wanted.display_name {
        rename(call.world, item.id, &name);
    }
    get(call)
}

/// Refuses a new name that the item cannot have.
pub(crate) fn check_rename(
    world: &World,
    settings: &crate::settings::Settings,
    now: crate::clock::Moment,
    item: &Item,
    item_type: &ItemType,
    name: &str,
) -> Result<(), Refusal> {
    if item.display_name == name {
        return Ok(());
    }
    if !item_type.renamable {
        return Err(Refusal::bad(
            &format!("{}DisplayNameCannotBeChanged", item_type.name),
            format!("The display name of {} items cannot be changed", item_type.name),
        ));
    }
    names::check(item_type, name)?;
    names::check_free(world, settings, now, item.workspace_id, item_type, name, Some(item.id))
}

/// Renames an item, and the SQL endpoint that bears its name.
pub(crate) fn rename(world: &mut World, id: Uuid, name: &str) {
    let endpoints: Vec<Uuid> =
        world.children_of(id).filter(|child| child.item_type == "SQLEndpoint").map(|child| child.id).collect();
    for renamed in endpoints.into_iter().chain([id]) {
        if let Some(item) = world.items.edit(renamed) {
            name.clone_into(&mut item.display_name);
        }
    }
}

pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let item = call.item()?;
    let (id, is_endpoint) = (item.id, item.item_type == "SQLEndpoint");
    if let Some(item_type) = types::find(&item.item_type) {
        check_caller(call, item_type)?;
    }
    if call.query.flag("hardDelete", false) && call.require(Role::Admin).is_err() {
        return Err(Refusal::forbidden("InsufficientWorkspaceRole", "A hard delete needs the admin role"));
    }
    if is_endpoint {
        return Err(Refusal::bad("UnsupportedItemType", "A SQL endpoint goes with the item it belongs to"));
    }
    let held_until = call.later(call.settings.name_reservation);
    call.world.delete_item(id, call.now, held_until);
    Ok(Reply::done())
}
