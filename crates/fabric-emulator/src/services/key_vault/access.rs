//! Who may: the challenge, the token, the access policy, and the version of the API that every request names.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};

use super::wording::{bad, inner};
use crate::services::{Refused, Service, ServiceCall};
use crate::token::{self, Audience, TokenFault};
use crate::world::defaults::TENANT;

/// The resource of the public cloud's vaults.
const RESOURCE: &str = "https://vault.azure.net";

/// The versions of the API whose secrets are emulated: they do not differ in what is.
const VERSIONS: [&str; 9] = ["7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"];

/// Lets the caller pass who has the permission.
pub(super) fn require(call: &mut ServiceCall<'_>, permission: &str) -> Result<(), Refused> {
    let accepted = token::accept(call.world, call.authorization(), call.now, Audience::KeyVault);
    let caller = accepted.map_err(|fault| challenge(call, fault))?.caller;
    call.principal = Some(caller.id);
    match call.query.get("api-version") {
        None => return Err(bad("The request is missing the api-version query parameter.")),
        Some(version) if !VERSIONS.contains(&version) => {
            return Err(bad(format!(
                "The specified version ({version}) is not recognized. Consider using the latest supported version (7.6)."
            )));
        }
        Some(_) => {}
    }
    let policy = call.world.principals.get(caller.id).and_then(|known| known.vault_permissions.as_ref());
    let allowed = policy.is_none_or(|policy| policy.iter().any(|held| held.eq_ignore_ascii_case(permission)));
    if allowed {
        return Ok(());
    }
    let message = format!(
        "The user, group or application 'oid={};iss=https://sts.windows.net/{TENANT}/' does not have secrets {permission} \
         permission on key vault 'emulated;location=westeurope'. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125287",
        caller.id
    );
    Err(inner(StatusCode::FORBIDDEN, "Forbidden", "AccessDenied", message))
}

/// 401, with where to get which token.
fn challenge(call: &ServiceCall<'_>, fault: TokenFault) -> Refused {
    let message = match fault {
        TokenFault::Missing => "AKV10000: Request is missing a Bearer or PoP token.".to_owned(),
        TokenFault::Audience => format!("AKV10022: Invalid audience. Expected {RESOURCE}."),
        TokenFault::Expired => "[TokenExpired] Error validating token: 'S2S12086'.".to_owned(),
        other => format!("[BearerReadAccessTokenFailed] Error validating token: {other}."),
    };
    let mut refused = Refused::new(StatusCode::UNAUTHORIZED, "Unauthorized", message);
    let entra = call.places.get(&Service::Entra).map_or("https://login.microsoftonline.com", String::as_str);
    let challenge = format!("Bearer authorization=\"{entra}/{TENANT}\", resource=\"{RESOURCE}\"");
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        refused.headers.insert(WWW_AUTHENTICATE, challenge);
    }
    refused
}
