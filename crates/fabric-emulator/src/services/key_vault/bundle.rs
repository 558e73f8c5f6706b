//! Secrets as the vault shows them.

use serde_json::{Map, Value, json};

use super::wording::{bad, not_found};
use crate::clock::Moment;
use crate::services::{Refused, ServiceCall};
use crate::token::seconds;
use crate::world::vault::{SecretVersion, VaultSecret};

/// For how many days a deleted secret can be recovered.
const RECOVERABLE_DAYS: i64 = 90;

/// The secret of the path, deleted or not but not gone for good, by its name in any case.
pub(super) fn find<'a>(call: &'a ServiceCall<'_>) -> Result<Option<&'a VaultSecret>, Refused> {
    let name = name(call)?;
    let is_gone = |secret: &VaultSecret| secret.deleted.is_some_and(|at| call.now >= purged_at(at));
    Ok(call.world.secrets.iter().find(|secret| secret.name.eq_ignore_ascii_case(name) && !is_gone(secret)))
}

/// The secret of the path, if it is not deleted.
pub(super) fn current<'a>(call: &'a ServiceCall<'_>) -> Result<&'a VaultSecret, Refused> {
    let secret = find(call)?.filter(|secret| secret.deleted.is_none());
    secret.ok_or_else(|| not_found(call.parameters.text("name")))
}

/// The name in the path.
pub(super) fn name<'a>(call: &'a ServiceCall<'_>) -> Result<&'a str, Refused> {
    let name = call.parameters.text("name");
    let fits = (1..=127).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { Ok(name) } else { Err(bad(format!("The request URI contains an invalid name: {name}"))) }
}

/// The version that the path names, or else the newest.
pub(super) fn version<'a>(call: &ServiceCall<'_>, secret: &'a VaultSecret) -> Result<&'a SecretVersion, Refused> {
    let wanted = call.parameters.text("version");
    let found = if wanted.is_empty() {
        secret.versions.last()
    } else {
        secret.versions.iter().find(|known| known.version.eq_ignore_ascii_case(wanted))
    };
    found.ok_or_else(|| not_found(&format!("{}/{wanted}", secret.name)))
}

/// A version without its value.
pub(super) fn properties(call: &ServiceCall<'_>, secret: &VaultSecret, version: &SecretVersion) -> Map<String, Value> {
    let mut attributes = json!({
        "enabled": version.enabled,
        "created": seconds(version.created),
        "updated": seconds(version.updated),
        "recoveryLevel": "Recoverable+Purgeable",
        "recoverableDays": RECOVERABLE_DAYS,
    });
    for (name, time) in [("nbf", version.nbf), ("exp", version.exp)] {
        if let Some(time) = time {
            attributes[name] = json!(time);
        }
    }
    let mut bundle = Map::new();
    if let Some(content_type) = &version.content_type {
        bundle.insert("contentType".to_owned(), json!(content_type));
    }
    let id = format!("{}/secrets/{}/{}", call.request.origin, secret.name, version.version);
    bundle.insert("id".to_owned(), json!(id));
    bundle.insert("attributes".to_owned(), attributes);
    if let Some(tags) = &version.tags {
        bundle.insert("tags".to_owned(), json!(tags));
    }
    if let Some(deleted) = secret.deleted {
        let recovery = format!("{}/deletedsecrets/{}", call.request.origin, secret.name);
        bundle.insert("recoveryId".to_owned(), json!(recovery));
        bundle.insert("deletedDate".to_owned(), json!(seconds(deleted)));
        bundle.insert("scheduledPurgeDate".to_owned(), json!(seconds(purged_at(deleted))));
    }
    bundle
}

/// An entry of a list: without value and version.
pub(super) fn entry(call: &ServiceCall<'_>, secret: &VaultSecret, version: &SecretVersion) -> Value {
    let mut bundle = properties(call, secret, version);
    bundle.insert("id".to_owned(), json!(format!("{}/secrets/{}", call.request.origin, secret.name)));
    Value::Object(bundle)
}

/// When a deleted secret is gone for good.
pub(super) fn purged_at(deleted: Moment) -> Moment {
    deleted.saturating_add(RECOVERABLE_DAYS * 24 * 60 * 60 * 1_000_000)
}
