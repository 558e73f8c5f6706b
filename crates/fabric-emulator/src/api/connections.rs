//! Connections to data sources, and those that an item uses.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{bindings, definitions, page};
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::entities::{Connection, ConnectionRole, ConnectionRoleAssignment};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateConnection {
    connectivity_type: String,
    display_name: String,
    connection_details: ConnectionDetails,
    #[serde(default)]
    gateway_id: Option<Uuid>,
    #[serde(default)]
    privacy_level: Option<String>,
    credential_details: CredentialDetails,
    #[serde(default)]
    allow_connection_usage_in_gateway: bool,
    #[serde(default)]
    allow_usage_in_user_controlled_code: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateConnection {
    connectivity_type: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    privacy_level: Option<String>,
    #[serde(default)]
    credential_details: Option<CredentialDetails>,
    #[serde(default)]
    allow_connection_usage_in_gateway: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionDetails {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(default)]
    value: Value,
}

/// Of the credentials only what is no secret is ever read, let alone kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialDetails {
    #[serde(default)]
    single_sign_on_type: Option<String>,
    #[serde(default)]
    connection_encryption: Option<String>,
    #[serde(default)]
    skip_test_connection: bool,
    credentials: Credentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    credential_type: String,
}

fn show(connection: &Connection) -> Value {
    let mut shown = Map::new();
    if let Some(gateway) = connection.gateway_id {
        shown.insert("gatewayId".to_owned(), json!(gateway));
    } else {
        shown.insert("allowConnectionUsageInGateway".to_owned(), json!(connection.allow_connection_usage_in_gateway));
        shown
            .insert("allowUsageInUserControlledCode".to_owned(), json!(connection.allow_usage_in_user_controlled_code));
    }
    shown.insert("id".to_owned(), json!(connection.id));
    if let Some(name) = &connection.display_name {
        shown.insert("displayName".to_owned(), json!(name));
    }
    shown.insert("connectivityType".to_owned(), json!(connection.connectivity_type));
    shown.insert("connectionDetails".to_owned(), connection.connection_details.clone());
    shown.insert("privacyLevel".to_owned(), json!(connection.privacy_level));
    if !connection.credential_details.is_null() {
        shown.insert("credentialDetails".to_owned(), connection.credential_details.clone());
    }
    Value::Object(shown)
}

/// A connection belongs to who made it and to those who have a role; one that came with the seed and has no owner
/// belongs to everybody.
pub(super) fn is_permitted(call: &Call<'_>, connection: &Connection) -> bool {
    let has_role = || connection.role_assignments.iter().any(|held| held.principal_id == call.caller.id);
    connection.owner.is_none_or(|owner| owner == call.caller.id) || has_role()
}

/// The connection of the path, if the caller may change it.
pub(super) fn owned<'w>(call: &'w Call<'_>) -> Result<&'w Connection, Refusal> {
    let connection = find(call)?;
    let is_owner =
        |held: &ConnectionRoleAssignment| held.principal_id == call.caller.id && held.role == ConnectionRole::Owner;
    if connection.owner.is_none() || connection.role_assignments.iter().any(is_owner) {
        Ok(connection)
    } else {
        Err(Refusal::insufficient_privileges())
    }
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    page::reply(call, |after| {
        let mine = call.world.connections.after(after).filter(|connection| is_permitted(call, connection));
        mine.map(|connection| (connection.id, show(connection)))
    })
}

pub(super) fn find<'w>(call: &'w Call<'_>) -> Result<&'w Connection, Refusal> {
    permitted(call, call.parameters.id("connectionId"))
}

/// The connection, if the caller may use it.
pub(super) fn permitted<'w>(call: &'w Call<'_>, id: Uuid) -> Result<&'w Connection, Refusal> {
    call.world.connections.get(id).filter(|connection| is_permitted(call, connection)).ok_or_else(|| {
        Refusal::not_found("EntityNotFound", "The requested connection could not be found").about(id, "Connection")
    })
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    find(call).map(|connection| Reply::ok(show(connection)))
}

pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: CreateConnection = call.json()?;
    check_name(call, &wanted.display_name, None)?;
    let values: Vec<String> =
        wanted.connection_details.parameters.iter().map(|parameter| text_of(&parameter.value)).collect();
    let connection = Connection {
        id: Uuid::new_v4(),
        display_name: Some(wanted.display_name.clone()),
        connectivity_type: wanted.connectivity_type.clone(),
        gateway_id: wanted.gateway_id,
        connection_details: json!({"path": values.join(";"), "type": wanted.connection_details.kind}),
        privacy_level: wanted.privacy_level.clone().unwrap_or_else(|| "None".to_owned()),
        credential_details: kept(&wanted.credential_details),
        allow_connection_usage_in_gateway: wanted.allow_connection_usage_in_gateway,
        allow_usage_in_user_controlled_code: wanted.allow_usage_in_user_controlled_code,
        owner: Some(call.caller.id),
        role_assignments: vec![ConnectionRoleAssignment { principal_id: call.caller.id, role: ConnectionRole::Owner }],
    };
    let reply = Reply::created(show(&connection)).with_location(format!("/v1/connections/{}", connection.id));
    call.world.connections.put(connection);
    Ok(reply)
}

fn check_name(call: &Call<'_>, name: &str, own: Option<Uuid>) -> Result<(), Refusal> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Refusal::input("The display name is empty"));
    }
    let is_taken = call.world.connections.iter().filter(|other| Some(other.id) != own).any(|other| {
        is_permitted(call, other) && other.display_name.as_ref().is_some_and(|other| other.eq_ignore_ascii_case(name))
    });
    if is_taken {
        return Err(Refusal::conflict("DuplicateConnectionName", "The connection display name is already in use"));
    }
    Ok(())
}

/// What is remembered of credentials: everything but the secret.
fn kept(details: &CredentialDetails) -> Value {
    json!({
        "credentialType": details.credentials.credential_type,
        "singleSignOnType": details.single_sign_on_type.as_deref().unwrap_or("None"),
        "connectionEncryption": details.connection_encryption.as_deref().unwrap_or("NotEncrypted"),
        "skipTestConnection": details.skip_test_connection,
    })
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: UpdateConnection = call.json()?;
    let present = owned(call)?;
    let id = present.id;
    if !present.connectivity_type.eq_ignore_ascii_case(&wanted.connectivity_type) {
        return Err(Refusal::input(format!("The connectivity type is {}", present.connectivity_type)));
    }
    if let Some(name) = &wanted.display_name {
        check_name(call, name, Some(id))?;
    }
    if let Some(connection) = call.world.connections.edit(id) {
        if wanted.display_name.is_some() {
            connection.display_name = wanted.display_name;
        }
        if let Some(level) = wanted.privacy_level {
            connection.privacy_level = level;
        }
        if let Some(details) = &wanted.credential_details {
            connection.credential_details = kept(details);
        }
        if let Some(allowed) = wanted.allow_connection_usage_in_gateway {
            connection.allow_connection_usage_in_gateway = allowed;
        }
    }
    get(call)
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = owned(call)?.id;
    call.world.connections.remove(id);
    Ok(Reply::done())
}

/// Item types whose connections the service lists.
const WITH_CONNECTIONS: [&str; 9] = [
    "Report",
    "SemanticModel",
    "PaginatedReport",
    "DataPipeline",
    "Dataflow",
    "CopyJob",
    "Eventstream",
    "Lakehouse",
    "MirroredDatabase",
];

pub(crate) fn of_item(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    let item = call.item()?;
    if !WITH_CONNECTIONS.contains(&item.item_type.as_str()) {
        return Err(definitions::not_supported());
    }
    let used = item.connections.iter().filter_map(|id| call.world.connections.get(*id));
    let entries = used.map(|connection| {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), json!(connection.id));
        if let Some(name) = &connection.display_name {
            shown.insert("displayName".to_owned(), json!(name));
        }
        if let Some(gateway) = connection.gateway_id {
            shown.insert("gatewayId".to_owned(), json!(gateway));
        }
        shown.insert("connectivityType".to_owned(), json!(connection.connectivity_type));
        shown.insert("connectionDetails".to_owned(), connection.connection_details.clone());
        (connection.id, Value::Object(shown))
    });
    let mut entries: Vec<(Uuid, Value)> = entries.collect();
    for source in bindings::sources(call.world, item) {
        if entries.iter().any(|(_, shown)| bindings::same(&shown["connectionDetails"], &source)) {
            continue;
        }
        let digest = crate::world::blobs::Digest::of(source.to_string().as_bytes());
        let key = digest.0.get(..32).and_then(|hex| hex.parse().ok()).unwrap_or_default();
        entries.push((key, json!({"connectivityType": "Automatic", "connectionDetails": source})));
    }
    page::reply(call, |after| page::ordered(entries, after))
}
