//! OAuth 2.0 device authorisation (RFC 8628): a code here, a person who decides elsewhere.

use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::application::{self, required};
use super::wording::bad;
use super::{discovery, grant};
use crate::call::Query;
use crate::clock::Moment;
use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::world::defaults::ADMINISTRATOR;
use crate::world::entities::PrincipalKind;

/// For how long a code can be used, in seconds.
const LIFETIME: i64 = 900;

/// How long a client waits between two questions, in seconds; who asks sooner waits that much longer.
const INTERVAL: i64 = 5;

/// What user codes are made of: nothing that is mistaken for something else.
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

/// A code that was given out.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    user_code: String,
    client: Uuid,
    scope: String,
    expires: Moment,
    /// Seconds.
    interval: i64,
    /// When the client asked last.
    asked: Option<Moment>,
    decision: Decision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Open,
    Approved(Uuid),
    Declined,
    Redeemed,
}

const MICROS: i64 = 1_000_000;

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub(super) fn begin(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    discovery::tenant(call)?;
    let form = call.form();
    let client = application::public(call, &form)?;
    let scope = required(&form, "scope")?.to_owned();
    let device_code = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let user_code: String = Uuid::new_v4().as_bytes()[..9]
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
        .collect();
    let page = format!("{}/devicelogin", call.request.origin);
    let expires = call.now + LIFETIME * MICROS;
    call.memory.entra.pending.retain(|_, known| known.expires > call.now - LIFETIME * MICROS);
    let pending = Pending {
        user_code: user_code.clone(),
        client,
        scope,
        expires,
        interval: INTERVAL,
        asked: None,
        decision: Decision::Open,
    };
    call.memory.entra.pending.insert(device_code.clone(), pending);
    Ok(ServiceReply::ok(&json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": LIFETIME,
        "interval": INTERVAL,
        "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."),
    })))
}

/// The device code's turn at the token endpoint.
pub(super) fn redeem(call: &mut ServiceCall<'_>, form: &Query) -> Result<ServiceReply, Refused> {
    let client = application::public(call, form)?;
    let code = required(form, "device_code")?;
    let now = call.now;
    let known = call.memory.entra.pending.get_mut(code).filter(|known| known.client == client);
    let Some(pending) = known else {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "bad_verification_code",
            "The device_code sent was not recognized.",
        ));
    };
    if pending.decision == Decision::Redeemed {
        return Err(bad("invalid_grant", 54_005, "OAuth2 Authorization code was already redeemed."));
    }
    if now >= pending.expires {
        let text = "The provided value for the 'device_code' parameter is not valid: it has expired.";
        return Err(bad("expired_token", 70_020, text));
    }
    let too_soon = pending.asked.is_some_and(|asked| now < asked + pending.interval * MICROS);
    pending.asked = Some(now);
    if too_soon {
        pending.interval += INTERVAL;
        let text = format!("The client asks too often: wait {} seconds.", pending.interval);
        return Err(Refused::new(StatusCode::BAD_REQUEST, "slow_down", text));
    }
    match pending.decision {
        Decision::Open => {
            let text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
            Err(bad("authorization_pending", 70_016, text))
        }
        Decision::Approved(principal) => {
            pending.decision = Decision::Redeemed;
            let scope = pending.scope.clone();
            grant::for_person(call, client, principal, &scope, form.get("client_info") == Some("1"))
        }
        Decision::Declined | Decision::Redeemed => {
            let text = "The person declined the authorization request.";
            Err(Refused::new(StatusCode::BAD_REQUEST, "authorization_declined", text))
        }
    }
}

/// `GET /devicelogin`: the page that a person opens.
pub(super) fn page(_: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let body = "<!doctype html><html lang=\"en\"><title>Emulated sign-in</title><form method=\"post\">\
                <label>Code <input name=\"user_code\" autofocus></label> \
                <button name=\"decision\" value=\"approve\">Sign in as the administrator</button> \
                <button name=\"decision\" value=\"decline\">Decline</button></form></html>";
    Ok(ServiceReply::with_body(StatusCode::OK, "text/html; charset=utf-8", body))
}

/// `POST /devicelogin` with `user_code`, `decision` (`approve` or `decline`) and, for somebody else than the
/// administrator, the object id of a user as `principal`.
pub(super) fn decide(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let form = call.form();
    let wrong = |message: &str| Refused::new(StatusCode::BAD_REQUEST, "invalid_request", message);
    let principal = match form.get("principal") {
        Some(named) => named.parse().map_err(|_| wrong("The principal is not an object id"))?,
        None => ADMINISTRATOR,
    };
    let is_user = call.world.principals.get(principal).is_some_and(|known| known.kind == PrincipalKind::User);
    if !is_user {
        return Err(wrong("The principal is not a user of the tenant"));
    }
    let decision = match required(&form, "decision")? {
        "approve" => Decision::Approved(principal),
        "decline" => Decision::Declined,
        _ => return Err(wrong("The decision is neither approve nor decline")),
    };
    let code = required(&form, "user_code")?.trim().to_ascii_uppercase();
    let now = call.now;
    let mut open = call.memory.entra.pending.values_mut();
    let open = open.find(|known| known.user_code == code && known.expires > now && known.decision == Decision::Open);
    open.ok_or_else(|| wrong("That code is not known, or not any more"))?.decision = decision;
    let body = "<!doctype html><html lang=\"en\"><title>Emulated sign-in</title><p>You may close this page.</html>";
    Ok(ServiceReply::with_body(StatusCode::OK, "text/html; charset=utf-8", body))
}
