//! GitHub's sign-in: OAuth 2.0 device authorisation as its applications use it. Refusals are answered with 200.

use std::collections::HashMap;

use http::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use super::{Definition, Refused, ServiceCall, ServiceReply, read, write};
use crate::call::Query;
use crate::clock::Moment;

/// For how long a code can be used, in seconds.
const LIFETIME: i64 = 900;
/// How long a client waits between two questions, in seconds; who asks sooner waits that much longer.
const INTERVAL: i64 = 5;
/// For how long a token counts, in seconds, and what renews it.
const TOKEN_LIFETIME: i64 = 28_800;
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const MICROS: i64 = 1_000_000;

pub(super) static DEFINITION: Definition = Definition {
    routes: &[
        write(Method::POST, "/login/device/code", "DeviceCode", begin),
        write(Method::POST, "/login/oauth/access_token", "AccessToken", token),
        read(Method::GET, "/login/device", "DeviceLoginPage", page),
        write(Method::POST, "/login/device", "DeviceLogin", decide),
    ],
    word,
};

/// What GitHub remembers between requests.
#[derive(Debug, Default)]
pub(crate) struct GitHubMemory {
    /// By device code.
    pending: HashMap<String, Pending>,
    /// Client ids by the refresh token that they were given.
    refresh_tokens: HashMap<String, String>,
}

#[derive(Debug, Clone)]
struct Pending {
    user_code: String,
    client: String,
    expires: Moment,
    /// Seconds.
    interval: i64,
    asked: Option<Moment>,
    decision: Decision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Open,
    Approved,
    Declined,
    Redeemed,
}

/// GitHub says 200 to whatever OAuth is about; faults keep their status.
fn word(refused: &Refused, _: &ServiceCall<'_>) -> ServiceReply {
    let code = refused.code_or(|_| "server_error");
    let mut body = json!({"error": code, "error_description": refused.message});
    if let Some(interval) = refused.details.get("interval") {
        body["interval"] = interval.clone();
    }
    ServiceReply::json(refused.status, &body).refusing(code, refused.retry_after)
}

fn refuse(code: &str, message: &str) -> Refused {
    Refused::new(StatusCode::OK, code, message)
}

fn field<'a>(form: &'a Query, name: &str) -> Result<&'a str, Refused> {
    let missing = || refuse("incorrect_client_credentials", "The client_id passed is incorrect.");
    form.get(name).filter(|value| !value.is_empty()).ok_or_else(missing)
}

fn begin(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let form = call.form();
    let client = field(&form, "client_id")?.to_owned();
    let device_code = Uuid::new_v4().simple().to_string();
    let digits = Uuid::new_v4().simple().to_string().to_ascii_uppercase();
    let user_code = format!("{}-{}", &digits[..4], &digits[4..8]);
    let pending = Pending {
        user_code: user_code.clone(),
        client,
        expires: call.now + LIFETIME * MICROS,
        interval: INTERVAL,
        asked: None,
        decision: Decision::Open,
    };
    call.memory.github.pending.insert(device_code.clone(), pending);
    Ok(ServiceReply::ok(&json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": format!("{}/login/device", call.request.origin),
        "expires_in": LIFETIME,
        "interval": INTERVAL,
    })))
}

fn token(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let form = call.form();
    let client = field(&form, "client_id")?.to_owned();
    match form.get("grant_type") {
        Some(GRANT) => redeem(call, &form, &client)?,
        Some("refresh_token") => {
            let token = form.get("refresh_token").unwrap_or_default();
            if call.memory.github.refresh_tokens.get(token) != Some(&client) {
                return Err(refuse("bad_refresh_token", "The refresh token passed is incorrect or expired."));
            }
            call.memory.github.refresh_tokens.remove(token);
        }
        _ => return Err(refuse("unsupported_grant_type", "The grant type is not supported.")),
    }
    let refresh = format!("ghr_{}", Uuid::new_v4().simple());
    call.memory.github.refresh_tokens.insert(refresh.clone(), client);
    Ok(ServiceReply::ok(&json!({
        "access_token": format!("ghu_{}", Uuid::new_v4().simple()),
        "expires_in": TOKEN_LIFETIME,
        "refresh_token": refresh,
        "token_type": "bearer",
        "scope": "",
    })))
}

/// The device code's turn.
fn redeem(call: &mut ServiceCall<'_>, form: &Query, client: &str) -> Result<(), Refused> {
    let now = call.now;
    let code = form.get("device_code").unwrap_or_default();
    let known = call.memory.github.pending.get_mut(code).filter(|known| known.client == client);
    let pending = known.ok_or_else(|| refuse("incorrect_device_code", "The device_code provided is not valid."))?;
    if now >= pending.expires || pending.decision == Decision::Redeemed {
        return Err(refuse("expired_token", "The device_code has expired."));
    }
    let too_soon = pending.asked.is_some_and(|asked| now < asked + pending.interval * MICROS);
    pending.asked = Some(now);
    if too_soon {
        pending.interval += INTERVAL;
        let interval = json!({"interval": pending.interval});
        return Err(
            refuse("slow_down", "Too many requests have been made in the same timeframe.").with_details(interval)
        );
    }
    match pending.decision {
        Decision::Approved => {
            pending.decision = Decision::Redeemed;
            Ok(())
        }
        Decision::Declined => Err(refuse("access_denied", "The authorization request was denied.")),
        Decision::Open | Decision::Redeemed => {
            Err(refuse("authorization_pending", "The authorization request is still pending."))
        }
    }
}

fn page(_: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let body = "<!doctype html><html lang=\"en\"><title>Emulated sign-in</title><form method=\"post\">\
                <label>Code <input name=\"user_code\" autofocus></label> \
                <button name=\"decision\" value=\"approve\">Authorize</button> \
                <button name=\"decision\" value=\"decline\">Cancel</button></form></html>";
    Ok(ServiceReply::with_body(StatusCode::OK, "text/html; charset=utf-8", body))
}

/// What a person decides: `user_code`, and `decision`, which is `approve` or `decline`.
fn decide(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let form = call.form();
    let wrong = |message: &str| Refused::new(StatusCode::BAD_REQUEST, "invalid_request", message);
    let decision = match form.get("decision") {
        Some("approve") => Decision::Approved,
        Some("decline") => Decision::Declined,
        _ => return Err(wrong("The decision is neither approve nor decline")),
    };
    let code = form.get("user_code").unwrap_or_default().trim().to_ascii_uppercase();
    let now = call.now;
    let mut open = call.memory.github.pending.values_mut();
    let open = open.find(|known| known.user_code == code && known.expires > now && known.decision == Decision::Open);
    open.ok_or_else(|| wrong("That code is not known, or not any more"))?.decision = decision;
    Ok(ServiceReply::with_body(
        StatusCode::OK,
        "text/html; charset=utf-8",
        "<!doctype html><p>You may close this page.",
    ))
}
