//! Workspaces: created, listed, read, renamed, deleted, put on a capacity.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{capacities, page};
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types;
use crate::world::entities::{Role, Workspace};
use crate::world::table::Entity as _;
use crate::world::{World, administrator};

/// The longest display name, in characters.
const NAME_LIMIT: usize = 256;
/// The longest description, in characters.
const DESCRIPTION_LIMIT: usize = 4_000;
const RESERVED_NAME: &str = "Admin monitoring";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateWorkspace {
    display_name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    capacity_id: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateWorkspace {
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssignToCapacity {
    capacity_id: Uuid,
}

/// The members that lists, creations and updates show.
fn show(world: &World, workspace: &Workspace) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(workspace.id));
    shown.insert("displayName".to_owned(), json!(workspace.display_name));
    shown.insert("description".to_owned(), json!(workspace.description));
    shown.insert("type".to_owned(), json!(workspace.kind));
    if let Some(capacity) = workspace.capacity_id {
        shown.insert("capacityId".to_owned(), json!(capacity));
        if let Some(capacity) = world.capacities.get(capacity) {
            shown.insert("capacityRegion".to_owned(), json!(capacity.region));
        }
    }
    shown
}

pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: CreateWorkspace = call.json()?;
    check_name(call.world, &wanted.display_name, None)?;
    check_description(wanted.description.as_deref())?;
    if let Some(capacity) = wanted.capacity_id {
        check_capacity(call.world, capacity)?;
    }
    let workspace = Workspace {
        id: Uuid::new_v4(),
        display_name: wanted.display_name,
        description: wanted.description.unwrap_or_default(),
        kind: "Workspace".to_owned(),
        capacity_id: wanted.capacity_id,
        capacity_ready: call.now,
        role_assignments: vec![administrator(call.caller.id)],
        identity: None,
        spark_pools: Vec::new(),
    };
    let reply = Reply::created(Value::Object(show(call.world, &workspace)))
        .with_location(format!("/v1/workspaces/{}", workspace.id));
    call.world.workspaces.put(workspace);
    Ok(reply)
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    let roles: Option<Vec<Role>> = match call.query.get("roles") {
        None => None,
        Some(names) => {
            let roles = names.split(',').map(|name| Role::parse(name.trim()));
            Some(roles.collect::<Option<_>>().ok_or_else(|| Refusal::parameter("roles"))?)
        }
    };
    page::reply(call, |after| {
        let mine = call.world.workspaces.after(after).filter(move |workspace| {
            let held = call.world.role_of(workspace, call.caller.id);
            held.is_some_and(|held| roles.as_ref().is_none_or(|roles| roles.contains(&held)))
        });
        mine.map(|workspace| (workspace.id(), Value::Object(show(call.world, workspace))))
    })
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.workspace()?;
    let mut shown = show(call.world, workspace);
    if let Some(capacity) = workspace.capacity_id.and_then(|id| call.world.capacities.get(id)) {
        let region = capacity.region.to_lowercase().replace(' ', "");
        shown.insert(
            "oneLakeEndpoints".to_owned(),
            json!({
                "blobEndpoint": format!("https://{region}-onelake.blob.fabric.microsoft.com"),
                "dfsEndpoint": format!("https://{region}-onelake.dfs.fabric.microsoft.com"),
            }),
        );
        let progress = if call.now >= workspace.capacity_ready { "Completed" } else { "InProgress" };
        shown.insert("capacityAssignmentProgress".to_owned(), json!(progress));
    }
    if let Some(identity) = &workspace.identity {
        shown.insert("workspaceIdentity".to_owned(), json!(identity));
    }
    Ok(Reply::ok(Value::Object(shown)))
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: UpdateWorkspace = call.json()?;
    let id = call.workspace()?.id;
    if let Some(name) = &wanted.display_name {
        check_name(call.world, name, Some(id))?;
    }
    check_description(wanted.description.as_deref())?;
    if let Some(workspace) = call.world.workspaces.edit(id) {
        workspace.display_name = wanted.display_name.unwrap_or_else(|| workspace.display_name.clone());
        workspace.description = wanted.description.unwrap_or_else(|| workspace.description.clone());
    }
    let shown = show(call.world, call.workspace()?);
    Ok(Reply::ok(Value::Object(shown)))
}

pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.workspace()?.id;
    call.world.delete_workspace(id, call.now);
    Ok(Reply::done())
}

pub(crate) fn assign_to_capacity(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: AssignToCapacity = call.json()?;
    check_capacity(call.world, wanted.capacity_id)?;
    let ready = call.later(call.settings.provisioning_delay);
    let id = call.workspace_id();
    if let Some(workspace) = call.world.workspaces.edit(id) {
        workspace.capacity_id = Some(wanted.capacity_id);
        workspace.capacity_ready = ready;
    }
    Ok(Reply::accepted())
}

pub(crate) fn unassign_from_capacity(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.workspace_id();
    let in_need =
        call.world.items_in(id).any(|item| types::find(&item.item_type).is_none_or(|known| known.needs_capacity));
    if in_need {
        return Err(Refusal::bad(
            "WorkspaceItemsCanNotBeUnassignedFromCapacity",
            "The workspace contains items that need a capacity",
        ));
    }
    if let Some(workspace) = call.world.workspaces.edit(id) {
        workspace.capacity_id = None;
    }
    Ok(Reply::accepted())
}

fn check_capacity(world: &World, id: Uuid) -> Result<(), Refusal> {
    let capacity = world.capacities.get(id).ok_or_else(capacities::not_found)?;
    if capacity.is_active() {
        Ok(())
    } else {
        Err(Refusal::bad("CapacityNotInActiveState", "The capacity is not in an active state"))
    }
}

fn check_name(world: &World, name: &str, own: Option<Uuid>) -> Result<(), Refusal> {
    let length = name.chars().count();
    if name.trim().is_empty() {
        return Err(Refusal::input("The display name is empty"));
    }
    if length > NAME_LIMIT {
        return Err(Refusal::bad("WorkspaceNameTooLong", "The workspace name is longer than 256 characters"));
    }
    if name.eq_ignore_ascii_case(RESERVED_NAME) {
        return Err(Refusal::bad("WorkspaceNameIsReserved", "The workspace name is reserved"));
    }
    let folded = name.to_lowercase();
    let taken =
        world.workspaces.iter().any(|other| Some(other.id) != own && other.display_name.to_lowercase() == folded);
    if taken {
        return Err(Refusal::conflict("WorkspaceNameAlreadyExists", "A workspace with this name already exists"));
    }
    Ok(())
}

fn check_description(description: Option<&str>) -> Result<(), Refusal> {
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_LIMIT) {
        return Err(Refusal::input("The description is longer than 4000 characters"));
    }
    Ok(())
}
