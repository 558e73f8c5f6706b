//! Bearer tokens: shaped like Entra's, and read as strictly as the services would.
//!
//! Entra of the emulator signs its tokens. The control plane's are unsigned, which only the emulator accepts.

mod audience;
mod signing;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;
use uuid::Uuid;

use crate::clock::Moment;
use crate::refusal::Refusal;
use crate::world::World;
use crate::world::defaults::TENANT;
use crate::world::entities::PrincipalKind;
pub(crate) use audience::{Audience, FABRIC, GRAPH};
pub(crate) use signing::signing_key;

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
}

#[derive(Debug, Deserialize)]
struct Claims {
    #[serde(default)]
    aud: Option<String>,
    oid: Uuid,
    /// Seconds since 1970.
    exp: i64,
    /// What an application may do.
    #[serde(default)]
    roles: Vec<String>,
    /// What a user lets an application do, separated by blanks.
    #[serde(default)]
    scp: String,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) id: Uuid,
    pub(crate) kind: PrincipalKind,
}

/// A token that was accepted.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) caller: Caller,
    /// The permissions that the token carries.
    pub(crate) permissions: Vec<String>,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum TokenFault {
    #[error("The request has no bearer token")]
    Missing,
    #[error("The bearer token is not valid")]
    Malformed,
    #[error("The signature of the bearer token is not valid")]
    Signature,
    #[error("The bearer token is meant for another audience")]
    Audience,
    #[error("Access token has expired, resubmit with a new access token")]
    Expired,
    #[error("The principal of the bearer token is not known")]
    Unknown,
}

/// What a token for a principal says; it expires at the given moment.
pub(crate) fn claims(world: &World, principal: Uuid, audience: &str, now: Moment, expires: Moment) -> Value {
    let known = world.principals.get(principal);
    let is_application = known.is_some_and(|known| known.kind == PrincipalKind::ServicePrincipal);
    let mut claims = json!({
        "aud": audience,
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
        if Audience::of(audience) == Some(Audience::Graph) {
            let all = || audience::GRAPH_PERMISSIONS.map(str::to_owned).to_vec();
            let permissions = known.graph_permissions.clone().unwrap_or_else(all);
            if is_application {
                claims["roles"] = json!(permissions);
            } else {
                claims["scp"] = json!(permissions.join(" "));
            }
        }
    }
    claims
}

/// A token without a signature.
pub(crate) fn unsigned(claims: &Value) -> String {
    let header = json!({"typ": "JWT", "alg": "none"});
    format!("{}.{}.", encode(&header), encode(claims))
}

/// Whole seconds since 1970.
pub(crate) fn seconds(moment: Moment) -> i64 {
    moment.div_euclid(1_000_000)
}

/// JSON as a segment of a token.
pub(crate) fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A segment of a token as JSON.
pub(crate) fn decode<T: serde::de::DeserializeOwned>(segment: &str) -> Option<T> {
    let text = URL_SAFE_NO_PAD.decode(segment.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Reads the `Authorization` header of a request to the Fabric API.
pub(crate) fn authenticate(world: &World, header: Option<&str>, now: Moment) -> Result<Caller, Refusal> {
    let refused = |fault: TokenFault| {
        let code = if fault == TokenFault::Expired { "TokenExpired" } else { "Unauthorized" };
        Refusal::new(http::StatusCode::UNAUTHORIZED, code, fault.to_string())
    };
    accept(world, header, now, Audience::Fabric).map(|accepted| accepted.caller).map_err(refused)
}

/// Reads the `Authorization` header of a request to a service that takes tokens for `audience`.
pub(crate) fn accept(
    world: &World,
    header: Option<&str>,
    now: Moment,
    audience: Audience,
) -> Result<Accepted, TokenFault> {
    let token = header
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(TokenFault::Missing)?;
    let claims = read(token)?;
    // A token that says nothing is Fabric's, as it always was for hand-made ones.
    let meant_for = claims.aud.as_deref().map_or(Some(Audience::Fabric), Audience::of);
    if meant_for != Some(audience) {
        return Err(TokenFault::Audience);
    }
    if claims.exp <= seconds(now) {
        return Err(TokenFault::Expired);
    }
    let known = world.principals.get(claims.oid).filter(|known| known.kind != PrincipalKind::Group);
    let known = known.ok_or(TokenFault::Unknown)?;
    let delegated = claims.scp.split_whitespace().map(str::to_owned);
    Ok(Accepted {
        caller: Caller { id: known.id, kind: known.kind },
        permissions: claims.roles.into_iter().chain(delegated).collect(),
    })
}

fn read(token: &str) -> Result<Claims, TokenFault> {
    let segments: Vec<&str> = token.split('.').collect();
    let &[header, claims, signature] = segments.as_slice() else { return Err(TokenFault::Malformed) };
    let parsed: Claims = decode(claims).ok_or(TokenFault::Malformed)?;
    let is_signed = decode(header).is_some_and(|header: Header| !header.alg.eq_ignore_ascii_case("none"));
    if is_signed {
        let content = &token[..header.len() + 1 + claims.len()];
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenFault::Signature)?;
        let is_ours = signing_key().is_some_and(|key| key.has_signed(content.as_bytes(), &signature));
        if !is_ours {
            return Err(TokenFault::Signature);
        }
    }
    Ok(parsed)
}
