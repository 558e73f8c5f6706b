//! Who may do what with a connection.

use serde_json::{Value, json};

use super::roles::{AddRoleAssignment, UpdateRoleAssignment};
use super::{connections, page};
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::World;
use crate::world::entities::{ConnectionRole, ConnectionRoleAssignment, PrincipalKind};

/// Unlike a workspace, a connection names its principals by id and type alone.
fn show(world: &World, held: &ConnectionRoleAssignment) -> Value {
    let kind = world.principals.get(held.principal_id).map_or(PrincipalKind::User, |known| known.kind);
    json!({"id": held.principal_id, "principal": {"id": held.principal_id, "type": kind}, "role": held.role})
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    let held = &connections::find(call)?.role_assignments;
    let entries = held.iter().map(|held| (held.principal_id, show(call.world, held))).collect();
    page::reply(call, |after| page::ordered(entries, after))
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let held = &connections::find(call)?.role_assignments[position(call)?];
    Ok(Reply::ok(show(call.world, held)))
}

pub(crate) fn add(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: AddRoleAssignment = call.json()?;
    let role = parse_role(&wanted.role)?;
    let connection = connections::owned(call)?;
    let id = connection.id;
    let principal = wanted.principal.id;
    if call.world.principals.get(principal).is_none() {
        // Recorded in this form; the service knows no better word for it.
        return Err(Refusal::bad("UnknownError", "An unexpected error occurred while processing the request"));
    }
    if connection.role_assignments.iter().any(|held| held.principal_id == principal) {
        return Err(Refusal::conflict("EntityConflict", "The principal already has a role on the connection"));
    }
    let held = ConnectionRoleAssignment { principal_id: principal, role };
    let reply = Reply::created(show(call.world, &held))
        .with_location(format!("/v1/connections/{id}/roleAssignments/{principal}"));
    if let Some(connection) = call.world.connections.edit(id) {
        connection.role_assignments.push(held);
    }
    Ok(reply)
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: UpdateRoleAssignment = call.json()?;
    let role = parse_role(&wanted.role)?;
    let id = connections::owned(call)?.id;
    let position = position(call)?;
    if role != ConnectionRole::Owner {
        check_not_last_owner(call, position)?;
    }
    if let Some(connection) = call.world.connections.edit(id) {
        connection.role_assignments[position].role = role;
    }
    get(call)
}

pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = connections::owned(call)?.id;
    let position = position(call)?;
    check_not_last_owner(call, position)?;
    if let Some(connection) = call.world.connections.edit(id) {
        connection.role_assignments.remove(position);
    }
    Ok(Reply::done())
}

fn position(call: &Call<'_>) -> Result<usize, Refusal> {
    let id = call.parameters.id("connectionRoleAssignmentId");
    let held = &connections::find(call)?.role_assignments;
    held.iter()
        .position(|held| held.principal_id == id)
        .ok_or_else(|| Refusal::not_found("EntityNotFound", "The requested role assignment could not be found"))
}

fn check_not_last_owner(call: &Call<'_>, position: usize) -> Result<(), Refusal> {
    let held = &connections::find(call)?.role_assignments;
    let is_owner = |held: &ConnectionRoleAssignment| held.role == ConnectionRole::Owner;
    let is_last = is_owner(&held[position]) && held.iter().filter(|held| is_owner(held)).count() == 1;
    if is_last {
        return Err(Refusal::forbidden("InsufficientPrivileges", "The last owner of a connection cannot be removed"));
    }
    Ok(())
}

fn parse_role(text: &str) -> Result<ConnectionRole, Refusal> {
    ConnectionRole::parse(text).ok_or_else(|| Refusal::body(format!("'{text}' is not a connection role")))
}
