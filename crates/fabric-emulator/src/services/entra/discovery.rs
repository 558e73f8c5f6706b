//! What Entra publishes about itself: where its endpoints are, and the keys that sign its tokens.

use http::StatusCode;
use serde_json::json;

use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::world::defaults::TENANT;

/// Tenants that are none: accounts of any, of organisations, of consumers.
const SHARED: [&str; 3] = ["common", "organizations", "consumers"];

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(super) fn configuration(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let tenant = tenant(call)?;
    let base = format!("{}/{tenant}", call.request.origin);
    let issuer = if SHARED.contains(&&*tenant) { "{tenantid}".to_owned() } else { TENANT.to_string() };
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

/// The tenant of the path: the emulator's own, by its id, or one of the shared ones.
pub(super) fn tenant(call: &ServiceCall<'_>) -> Result<String, Refused> {
    let tenant = call.parameters.text("tenant").to_ascii_lowercase();
    if SHARED.contains(&&*tenant) || tenant == TENANT.to_string() {
        return Ok(tenant);
    }
    Err(Refused::new(
        StatusCode::BAD_REQUEST,
        "invalid_tenant",
        format!(
            "AADSTS90002: Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing \
             into the correct cloud."
        ),
    ))
}
