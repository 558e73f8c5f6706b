//! Reading, writing and changing a secret.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::access::require;
use super::bundle::{self, current, find};
use super::wording::{bad, inner, not_found, stamped};
use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::world::vault::{SecretVersion, VaultSecret, new_version};

/// The most bytes that a value may have.
const LARGEST: usize = 25_600;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    value: Option<String>,
    content_type: Option<String>,
    attributes: Option<Attributes>,
    tags: Option<Map<String, Value>>,
}

#[derive(Default, Deserialize)]
struct Attributes {
    enabled: Option<bool>,
    nbf: Option<i64>,
    exp: Option<i64>,
}

/// `GET /secrets/{name}` and `GET /secrets/{name}/{version}`
pub(super) fn get(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "get")?;
    let secret = current(call)?;
    let version = bundle::version(call, secret)?;
    if !version.enabled {
        let message = "Operation get is not allowed on a disabled secret.";
        return Err(inner(StatusCode::FORBIDDEN, "Forbidden", "SecretDisabled", message));
    }
    Ok(stamped(whole(call, secret, version), call))
}

/// `PUT /secrets/{name}`
pub(super) fn set(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "set")?;
    let name = bundle::name(call)?.to_owned();
    let written: Written = body(call)?;
    let value = written.value.ok_or_else(|| bad("The property \"value\" is required."))?;
    if value.len() > LARGEST {
        return Err(bad(format!("Secret value must not be longer than {LARGEST} bytes.")));
    }
    let known = find(call)?;
    if known.is_some_and(|secret| secret.deleted.is_some()) {
        let message = format!(
            "Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, \
             the secret can only be recovered or purged."
        );
        return Err(inner(StatusCode::CONFLICT, "Conflict", "ObjectIsDeletedButRecoverable", message));
    }
    let attributes = written.attributes.unwrap_or_default();
    let version = SecretVersion {
        version: new_version(),
        value,
        content_type: written.content_type,
        enabled: attributes.enabled.unwrap_or(true),
        nbf: attributes.nbf,
        exp: attributes.exp,
        created: call.now,
        updated: call.now,
        tags: written.tags,
    };
    let mut secret =
        known.cloned().unwrap_or_else(|| VaultSecret { id: Uuid::new_v4(), name, versions: Vec::new(), deleted: None });
    secret.versions.push(version.clone());
    call.world.secrets.put(secret.clone());
    Ok(stamped(whole(call, &secret, &version), call))
}

/// `PATCH /secrets/{name}/{version}`: everything but the value.
pub(super) fn update(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "set")?;
    let written: Written = body(call)?;
    let mut secret = current(call)?.clone();
    let wanted = bundle::version(call, &secret)?.version.clone();
    let now = call.now;
    let Some(version) = secret.versions.iter_mut().find(|known| known.version == wanted) else {
        return Err(not_found(&secret.name));
    };
    let attributes = written.attributes.unwrap_or_default();
    version.enabled = attributes.enabled.unwrap_or(version.enabled);
    version.nbf = attributes.nbf.or(version.nbf);
    version.exp = attributes.exp.or(version.exp);
    version.content_type = written.content_type.or_else(|| version.content_type.take());
    version.tags = written.tags.or_else(|| version.tags.take());
    version.updated = now;
    let version = version.clone();
    call.world.secrets.put(secret.clone());
    let reply = ServiceReply::ok(&Value::Object(bundle::properties(call, &secret, &version)));
    Ok(stamped(reply, call))
}

fn whole(call: &ServiceCall<'_>, secret: &VaultSecret, version: &SecretVersion) -> ServiceReply {
    let mut body = Map::new();
    body.insert("value".to_owned(), json!(version.value));
    body.extend(bundle::properties(call, secret, version));
    ServiceReply::ok(&Value::Object(body))
}

fn body(call: &ServiceCall<'_>) -> Result<Written, Refused> {
    call.json().map_err(|error| bad(format!("The request body could not be read: {error}")))
}
