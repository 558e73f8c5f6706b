//! Whether somebody is signed in, for how long, and whether Fabric accepts the token.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::surroundings::SignedIn;
use super::{Cause, Finding, Status, Surroundings};

/// A token that is valid for less than this may not last as long as a deployment.
const SHORT: Duration = Duration::from_secs(10 * 60);

#[expect(clippy::disallowed_methods, reason = "a token expires on the wall clock")]
pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    let caller = surroundings.caller().await?;
    let claims = claims(caller.token.token.secret());
    let who = who(caller, claims.as_ref());
    let given = caller.method == fabric_identity::Method::Token.to_string();
    // A token that was given cannot be renewed, and only it knows how long it is valid.
    let claimed = claims.as_ref().and_then(|claims| claims["exp"].as_i64());
    let claimed = claimed.and_then(|expiry| OffsetDateTime::from_unix_timestamp(expiry).ok());
    let expiry = claimed.or((!given).then_some(caller.token.expires_on));
    let now = OffsetDateTime::from(std::time::SystemTime::now());
    let until = match expiry.map(|expiry| (expiry, expiry.format(&Rfc3339))) {
        Some((expiry, Ok(text))) if expiry <= now => {
            return Err(Finding::denied(
                format!("{who}: the token expired at {text}"),
                "sign in again, or set a new token",
            ));
        }
        Some((_, Ok(text))) => format!("valid until {text}"),
        _ => "it does not tell how long it is valid".to_owned(),
    };
    if let Err(refused) = surroundings.workspaces().await {
        let detail = format!("{who}, {until}; {}", refused.detail);
        return Err(match refused.status {
            Status::Unhealthy if refused.cause != Cause::Denied => {
                Finding { status: Status::Degraded, detail, ..refused }
            }
            _ => Finding { detail, ..refused },
        });
    }
    let short = given && expiry.is_some_and(|expiry| expiry - now < SHORT);
    let detail = format!("{who}, {until}; Fabric accepts the token");
    Ok(if short {
        Finding::degraded(detail, "a given token is not renewed: set a new one before a deployment")
    } else {
        Finding::healthy(detail)
    })
}

/// How somebody signed in, and who that is as far as the token says.
fn who(caller: &SignedIn, claims: Option<&Value>) -> String {
    let claim = |name: &str| claims.and_then(|claims| claims[name].as_str());
    let named = ["upn", "preferred_username", "appid", "azp", "oid"].iter().find_map(|name| claim(name));
    named.map_or_else(|| caller.method.clone(), |named| format!("{} as {named}", caller.method))
}

/// What a token says of itself. It is not checked: that is for the service to do.
fn claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}
