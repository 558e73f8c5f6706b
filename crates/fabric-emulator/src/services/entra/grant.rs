//! `POST /{tenant}/oauth2/v2.0/token`: a token for whatever proves who asks.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::application::{self, required};
use super::wording::{bad, numbered};
use super::{device_code, discovery};
use crate::call::Query;
use crate::clock::micros;
use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::token::{self, Audience, seconds, signing_key};
use crate::world::defaults::TENANT;

/// Scopes that ask for something about the person instead of a service.
const ABOUT_THE_PERSON: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Whom a refresh token is for.
#[derive(Debug, Clone)]
pub(super) struct Refresh {
    client: Uuid,
    principal: Uuid,
    scope: String,
}

/// Gives a token, or says why not.
pub(super) fn token(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    discovery::tenant(call)?;
    let form = call.form();
    match required(&form, "grant_type")? {
        "client_credentials" => client_credentials(call, &form),
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => device_code::redeem(call, &form),
        "refresh_token" => refresh(call, &form),
        other => {
            let text = format!(
                "The app requested an unsupported grant type '{other}'. Only client_credentials, device_code and \
                 refresh_token are emulated."
            );
            Err(bad("unsupported_grant_type", 70_003, text))
        }
    }
}

fn client_credentials(call: &mut ServiceCall<'_>, form: &Query) -> Result<ServiceReply, Refused> {
    discovery::own_tenant(call)?;
    let principal = application::proven(call, form)?;
    call.principal = Some(principal.id);
    let scope = required(form, "scope")?;
    let Some(resource) = scope.strip_suffix("/.default") else {
        let text = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
        );
        return Err(bad("invalid_scope", 1_002_012, text));
    };
    let (access_token, lifetime) = issue(call, principal.id, resource)?;
    Ok(answer(&json!({
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": access_token,
    })))
}

fn refresh(call: &mut ServiceCall<'_>, form: &Query) -> Result<ServiceReply, Refused> {
    let client = application::public(call, form)?;
    let presented = required(form, "refresh_token")?;
    let known = call.memory.entra.refresh_tokens.get(presented).filter(|known| known.client == client).cloned();
    let invalid = || {
        let text = "Provided grant is invalid or malformed. The refresh token isn't valid.";
        bad("invalid_grant", 70_000, text)
    };
    let Refresh { principal, scope, .. } = known.ok_or_else(invalid)?;
    let scope = form.get("scope").filter(|scope| !scope.is_empty()).unwrap_or(&scope).to_owned();
    let with_client_info = form.get("client_info") == Some("1");
    for_person(call, client, principal, &scope, with_client_info)
}

/// The tokens of a person who has signed in.
pub(super) fn for_person(
    call: &mut ServiceCall<'_>,
    client: Uuid,
    principal: Uuid,
    scope: &str,
    with_client_info: bool,
) -> Result<ServiceReply, Refused> {
    call.principal = Some(principal);
    let asked: Vec<&str> = scope.split_whitespace().collect();
    let of_service = asked.iter().find(|scope| !ABOUT_THE_PERSON.contains(scope));
    let resource = of_service.map_or("https://graph.microsoft.com", |scope| resource(scope));
    let (access_token, lifetime) = issue(call, principal, resource)?;
    let mut body = json!({
        "token_type": "Bearer",
        "scope": scope,
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": access_token,
    });
    if asked.contains(&"offline_access") {
        let token = format!("1.{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let refresh = Refresh { client, principal, scope: scope.to_owned() };
        call.memory.entra.refresh_tokens.insert(token.clone(), refresh);
        body["refresh_token"] = json!(token);
    }
    if asked.contains(&"openid") {
        body["id_token"] = json!(id_token(call, client, principal, lifetime)?);
    }
    if with_client_info {
        body["client_info"] = json!(token::encode(&json!({"uid": principal, "utid": TENANT})));
    }
    Ok(answer(&body))
}

/// What a scope such as `https://vault.azure.net/user_impersonation` asks for.
fn resource(scope: &str) -> &str {
    match scope.rsplit_once('/') {
        Some((resource, _permission)) if !resource.ends_with('/') => resource,
        // A permission alone is one of Graph's.
        _ => "https://graph.microsoft.com",
    }
}

/// A signed token and for how many seconds it is valid.
pub(super) fn issue(call: &ServiceCall<'_>, principal: Uuid, resource: &str) -> Result<(String, i64), Refused> {
    if Audience::of(resource).is_none() {
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {TENANT}. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You might have sent your authentication request to the wrong tenant."
        );
        return Err(numbered(StatusCode::BAD_REQUEST, "invalid_resource", 500_011, text));
    }
    let lifetime = call.settings.token_lifetime;
    let expires = call.now.saturating_add(micros(lifetime));
    let claims = token::claims(call.world, principal, resource, call.now, expires);
    Ok((sign(&claims)?, seconds(expires) - seconds(call.now)))
}

fn id_token(call: &ServiceCall<'_>, client: Uuid, principal: Uuid, lifetime: i64) -> Result<String, Refused> {
    let known = call.world.principals.get(principal);
    sign(&json!({
        "aud": client,
        "iss": format!("{}/{TENANT}/v2.0", call.request.origin),
        "iat": seconds(call.now),
        "nbf": seconds(call.now),
        "exp": seconds(call.now) + lifetime,
        "name": known.map(|known| known.display_name.as_str()),
        "preferred_username": known.and_then(|known| known.user_principal_name.as_deref()),
        "oid": principal,
        "sub": principal,
        "tid": TENANT,
        "ver": "2.0",
    }))
}

fn sign(claims: &Value) -> Result<String, Refused> {
    signing_key().and_then(|key| key.sign(claims)).ok_or_else(discovery::no_key)
}

/// Tokens are for nobody's cache.
fn answer(body: &Value) -> ServiceReply {
    ServiceReply::ok(body).header(http::header::CACHE_CONTROL, "no-store, no-cache")
}
