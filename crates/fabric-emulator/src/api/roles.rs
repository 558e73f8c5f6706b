//! Who may do what in a workspace.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::page;
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::World;
use crate::world::entities::{Principal, PrincipalKind, Role, RoleAssignment};

/// Most role assignments of a workspace.
const LIMIT: usize = 1_000;

#[derive(Deserialize)]
pub(super) struct AddRoleAssignment {
    pub(super) principal: PrincipalReference,
    pub(super) role: String,
}

#[derive(Deserialize)]
pub(super) struct PrincipalReference {
    pub(super) id: Uuid,
    // The kind is required, but the service goes by what the principal really is.
    #[serde(rename = "type")]
    _kind: String,
}

#[derive(Deserialize)]
pub(super) struct UpdateRoleAssignment {
    pub(super) role: String,
}

fn show(world: &World, held: &RoleAssignment) -> Value {
    json!({
        "id": held.principal_id,
        "principal": world.principals.get(held.principal_id).map_or_else(
            || json!({"id": held.principal_id, "type": "User"}),
            show_principal,
        ),
        "role": held.role.name(),
    })
}

fn show_principal(principal: &Principal) -> Value {
    let mut shown = json!({
        "id": principal.id,
        "displayName": principal.display_name,
        "type": principal.kind,
    });
    match principal.kind {
        PrincipalKind::User => {
            shown["userDetails"] =
                json!({"userPrincipalName": principal.user_principal_name.clone().unwrap_or_default()});
        }
        PrincipalKind::Group => shown["groupDetails"] = json!({"groupType": "SecurityGroup"}),
        PrincipalKind::ServicePrincipal => {
            shown["servicePrincipalDetails"] = json!({"aadAppId": principal.app_id.unwrap_or_default()});
        }
    }
    shown
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    let held = &call.workspace()?.role_assignments;
    let entries = held.iter().map(|held| (held.principal_id, show(call.world, held))).collect();
    page::reply(call, |after| page::ordered(entries, after))
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let position = position(call)?;
    let held = &call.workspace()?.role_assignments[position];
    Ok(Reply::ok(show(call.world, held)))
}

pub(crate) fn add(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: AddRoleAssignment = call.json()?;
    let role = parse_role(&wanted.role)?;
    let workspace = call.workspace()?;
    let id = workspace.id;
    let own = call.world.role_of(workspace, call.caller.id);
    if own.is_none_or(|own| own < role) {
        return Err(Refusal::insufficient_privileges());
    }
    let principal = wanted.principal.id;
    if call.world.principals.get(principal).is_none() {
        let mut refusal =
            Refusal::bad("PrincipalNotFound", "The provided principal was not found").about(id, "Workspace");
        refusal.details.push(json!({"relatedResource": {"resourceId": principal, "resourceType": "Principal"}}));
        return Err(refusal);
    }
    if workspace.role_assignments.iter().any(|held| held.principal_id == principal) {
        return Err(Refusal::conflict(
            "PrincipalAlreadyHasWorkspaceRolePermissions",
            "The principal already has a role in the workspace",
        ));
    }
    if workspace.role_assignments.len() >= LIMIT {
        return Err(Refusal::input("The workspace has 1000 role assignments already"));
    }
    let held = RoleAssignment { principal_id: principal, role };
    let reply = Reply::created(show(call.world, &held))
        .with_location(format!("/v1/workspaces/{id}/roleAssignments/{principal}"));
    if let Some(workspace) = call.world.workspaces.edit(id) {
        workspace.role_assignments.push(held);
    }
    Ok(reply)
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: UpdateRoleAssignment = call.json()?;
    let role = parse_role(&wanted.role)?;
    let position = position(call)?;
    if role != Role::Admin {
        check_not_last_admin(call, position)?;
    }
    let id = call.workspace_id();
    if let Some(workspace) = call.world.workspaces.edit(id) {
        workspace.role_assignments[position].role = role;
    }
    get(call)
}

pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let position = position(call)?;
    check_not_last_admin(call, position)?;
    let id = call.workspace_id();
    if let Some(workspace) = call.world.workspaces.edit(id) {
        workspace.role_assignments.remove(position);
    }
    Ok(Reply::done())
}

fn position(call: &Call<'_>) -> Result<usize, Refusal> {
    let id = call.parameters.id("workspaceRoleAssignmentId");
    let held = &call.workspace()?.role_assignments;
    held.iter()
        .position(|held| held.principal_id == id)
        .ok_or_else(|| Refusal::not_found("EntityNotFound", "The requested role assignment could not be found"))
}

fn check_not_last_admin(call: &Call<'_>, position: usize) -> Result<(), Refusal> {
    let held = &call.workspace()?.role_assignments;
    let others = held.iter().enumerate().filter(|(other, held)| *other != position && held.role == Role::Admin);
    if held[position].role == Role::Admin && others.count() == 0 {
        return Err(Refusal::forbidden("InsufficientPrivileges", "The last admin of a workspace cannot be removed"));
    }
    Ok(())
}

fn parse_role(text: &str) -> Result<Role, Refusal> {
    Role::parse(text).ok_or_else(|| Refusal::body(format!("'{text}' is not a workspace role")))
}
