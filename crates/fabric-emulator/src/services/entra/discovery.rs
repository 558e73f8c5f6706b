//! What Entra publishes about itself: where its endpoints are, and the keys that sign its tokens.

use http::StatusCode;
use serde_json::json;

use super::wording::bad;
use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::token::signing_key;
use crate::world::defaults::TENANT;

/// Tenants that are none: accounts of any, of organisations, of consumers.
const SHARED: [&str; 3] = ["common", "organizations", "consumers"];

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(super) fn configuration(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let tenant = tenant(call)?;
    let base = format!("{}/{tenant}", call.request.origin);
    let issuer = if is_shared(&tenant) { "{tenantid}".to_owned() } else { TENANT.to_string() };
    Ok(ServiceReply::ok(&json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{}/{issuer}/v2.0", call.request.origin),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "oid", "tid", "upn", "appid", "ver"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
    })))
}

/// `GET /{tenant}/discovery/v2.0/keys`
pub(super) fn keys(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    tenant(call)?;
    let key = signing_key().ok_or_else(no_key)?;
    Ok(ServiceReply::ok(&json!({"keys": [key.published()]})))
}

/// `GET /{tenant}/discovery/instance`: which hosts are the same authority. Here it is one.
pub(super) fn instance(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let tenant = tenant(call)?;
    let origin = &call.request.origin;
    let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
    Ok(ServiceReply::ok(&json!({
        "tenant_discovery_endpoint": format!("{origin}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    })))
}

/// The tenant of the path: the emulator's own, by its id, or one of the shared ones.
pub(super) fn tenant(call: &ServiceCall<'_>) -> Result<String, Refused> {
    let tenant = call.parameters.text("tenant").to_ascii_lowercase();
    if is_shared(&tenant) || tenant == TENANT.to_string() { Ok(tenant) } else { Err(not_found(&tenant)) }
}

/// The emulator's own tenant: an application signs in to one, not to any.
pub(super) fn own_tenant(call: &ServiceCall<'_>) -> Result<(), Refused> {
    let tenant = tenant(call)?;
    if is_shared(&tenant) { Err(not_found(&tenant)) } else { Ok(()) }
}

fn is_shared(tenant: &str) -> bool {
    SHARED.contains(&tenant)
}

fn not_found(tenant: &str) -> Refused {
    let text = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
         cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the \
         tenant."
    );
    bad("invalid_request", 90002, text)
}

/// The machine cannot make a key or sign with it.
pub(super) fn no_key() -> Refused {
    Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The emulator cannot sign tokens")
}
