//! Tokens for managed identities, at the address of a virtual machine's metadata service and at App Service's.

use http::StatusCode;
use serde_json::json;

use super::grant;
use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::token::seconds;
use crate::world::entities::{Principal, PrincipalKind};

/// What the variable `IDENTITY_HEADER` must say for the managed identity at `/msi/token` of the emulated Entra.
pub const IDENTITY_HEADER: &str = "emulated-identity-header";

/// `GET /metadata/identity/oauth2/token`
pub(super) fn machine(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    if !call.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(bad("Required metadata header not specified"));
    }
    version(call, &["2018-02-01"])?;
    let (token, lifetime, resource, client) = token(call)?;
    let expires = seconds(call.now) + lifetime;
    Ok(ServiceReply::ok(&json!({
        "access_token": token,
        "client_id": client,
        "expires_in": lifetime.to_string(),
        "expires_on": expires.to_string(),
        "ext_expires_in": lifetime.to_string(),
        "not_before": seconds(call.now).to_string(),
        "resource": resource,
        "token_type": "Bearer",
    })))
}

/// `GET /msi/token`, the address that `IDENTITY_ENDPOINT` names in App Service.
pub(super) fn app_service(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    if call.header("x-identity-header") != Some(IDENTITY_HEADER) {
        return Err(Refused::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "The X-IDENTITY-HEADER is not the right one",
        ));
    }
    version(call, &["2019-08-01"])?;
    let (token, lifetime, resource, client) = token(call)?;
    Ok(ServiceReply::ok(&json!({
        "access_token": token,
        "client_id": client,
        "expires_on": (seconds(call.now) + lifetime).to_string(),
        "resource": resource,
        "token_type": "Bearer",
    })))
}

fn version(call: &ServiceCall<'_>, known: &[&str]) -> Result<(), Refused> {
    match call.query.get("api-version") {
        Some(version) if known.contains(&version) => Ok(()),
        Some(version) => Err(bad(format!("Bad Request: api-version '{version}' is not supported"))),
        None => Err(bad("Bad Request: api-version is required")),
    }
}

fn token(call: &mut ServiceCall<'_>) -> Result<(String, i64, String, Option<uuid::Uuid>), Refused> {
    let resource = call.query.get("resource").filter(|resource| !resource.is_empty());
    let resource = resource.ok_or_else(|| bad("Bad Request: resource is required"))?.to_owned();
    let is_meant = |known: &Principal| match (call.query.get("client_id"), call.query.get("object_id")) {
        (Some(client), _) => known.app_id.is_some_and(|id| client.parse() == Ok(id)),
        (None, Some(object)) => object.parse() == Ok(known.id),
        (None, None) => true,
    };
    let mut assigned = call
        .world
        .principals
        .iter()
        .filter(|known| known.kind == PrincipalKind::ServicePrincipal && known.credentials.managed_identity);
    let found = assigned.find(|known| is_meant(known)).map(|known| (known.id, known.app_id));
    let (principal, client) = found.ok_or_else(|| bad("Identity not found"))?;
    call.principal = Some(principal);
    let (token, lifetime) = grant::issue(call, principal, &resource)?;
    Ok((token, lifetime, resource, client))
}

fn bad(message: impl Into<String>) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "invalid_request", message)
}
