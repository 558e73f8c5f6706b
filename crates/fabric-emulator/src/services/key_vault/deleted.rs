//! Deleting a secret, and what can be done with it afterwards.

use http::StatusCode;
use serde_json::Value;

use super::access::require;
use super::bundle::{self, current, find};
use super::wording::{not_found, stamped};
use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::world::vault::VaultSecret;

/// `DELETE /secrets/{name}`
pub(super) fn delete(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "delete")?;
    let mut secret = current(call)?.clone();
    secret.deleted = Some(call.now);
    call.world.secrets.put(secret.clone());
    shown(call, &secret)
}

/// `GET /deletedsecrets/{name}`
pub(super) fn get(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "get")?;
    let secret = deleted(call)?;
    shown(call, &secret)
}

/// `POST /deletedsecrets/{name}/recover`
pub(super) fn recover(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "recover")?;
    let mut secret = deleted(call)?;
    secret.deleted = None;
    call.world.secrets.put(secret.clone());
    shown(call, &secret)
}

/// `DELETE /deletedsecrets/{name}`
pub(super) fn purge(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "purge")?;
    let secret = deleted(call)?;
    call.world.secrets.remove(secret.id);
    Ok(stamped(ServiceReply::empty(StatusCode::NO_CONTENT), call))
}

fn deleted(call: &ServiceCall<'_>) -> Result<VaultSecret, Refused> {
    let secret = find(call)?.filter(|secret| secret.deleted.is_some());
    secret.cloned().ok_or_else(|| not_found(call.parameters.text("name")))
}

fn shown(call: &ServiceCall<'_>, secret: &VaultSecret) -> Result<ServiceReply, Refused> {
    let version = secret.versions.last().ok_or_else(|| not_found(&secret.name))?;
    let body = Value::Object(bundle::properties(call, secret, version));
    Ok(stamped(ServiceReply::ok(&body), call))
}
