//! Bearer tokens: unsigned, shaped like Entra's, and read as strictly as the service would.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::clock::Moment;
use crate::refusal::Refusal;
use crate::world::World;
use crate::world::defaults::TENANT;
use crate::world::entities::PrincipalKind;

/// The audience of tokens for the Fabric API.
const AUDIENCE: &str = "https://api.fabric.microsoft.com";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    #[serde(default)]
    aud: Option<String>,
    oid: Uuid,
    /// Seconds since 1970.
    exp: i64,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) id: Uuid,
    pub(crate) kind: PrincipalKind,
}

/// Makes a token for a principal; it expires at the given moment.
pub(crate) fn issue(world: &World, principal: Uuid, now: Moment, expires: Moment) -> String {
    let known = world.principals.get(principal);
    let is_application = known.is_some_and(|known| known.kind == PrincipalKind::ServicePrincipal);
    let mut claims = json!({
        "aud": AUDIENCE,
        "iss": format!("https://sts.windows.net/{TENANT}/"),
        "iat": seconds(now),
        "nbf": seconds(now),
        "exp": seconds(expires),
        "oid": principal,
        "sub": principal,
        "tid": TENANT,
        "idtyp": if is_application { "app" } else { "user" },
        "ver": "1.0",
    });
    if let Some(known) = known {
        if let Some(address) = &known.user_principal_name {
            claims["upn"] = json!(address);
        }
        if let Some(application) = known.app_id {
            claims["appid"] = json!(application);
        }
    }
    let header = json!({"typ": "JWT", "alg": "none"});
    format!("{}.{}.", encode(&header.to_string()), encode(&claims.to_string()))
}

fn seconds(moment: Moment) -> i64 {
    moment.div_euclid(1_000_000)
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Reads the `Authorization` header.
pub(crate) fn authenticate(world: &World, header: Option<&str>, now: Moment) -> Result<Caller, Refusal> {
    let token = header
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| unauthorized("The request has no bearer token"))?;
    let claims = read(token).ok_or_else(|| unauthorized("The bearer token is not valid"))?;
    if claims.aud.as_deref().is_some_and(|audience| !is_our_audience(audience)) {
        return Err(unauthorized("The bearer token is meant for another audience"));
    }
    if claims.exp <= seconds(now) {
        return Err(refused("TokenExpired", "Access token has expired, resubmit with a new access token"));
    }
    let known = world.principals.get(claims.oid).filter(|known| known.kind != PrincipalKind::Group);
    let known = known.ok_or_else(|| unauthorized("The principal of the bearer token is not known"))?;
    Ok(Caller { id: known.id, kind: known.kind })
}

fn read(token: &str) -> Option<Claims> {
    let mut segments = token.split('.');
    let (_header, claims, _signature) = (segments.next()?, segments.next()?, segments.next()?);
    if segments.next().is_some() {
        return None;
    }
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&claims).ok()
}

fn is_our_audience(audience: &str) -> bool {
    let audience = audience.trim_end_matches('/');
    // Tokens for the Power BI resource are accepted by Fabric too.
    [AUDIENCE, "https://analysis.windows.net/powerbi/api", "00000009-0000-0000-c000-000000000000"].contains(&audience)
}

fn unauthorized(message: &str) -> Refusal {
    refused("Unauthorized", message)
}

fn refused(code: &str, message: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, code, message)
}
