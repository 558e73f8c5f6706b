//! The control plane under `/_emulator/`: what a test does to the emulator, not to Fabric. It needs no token.

use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::{micros, stamp_utc};
use crate::faults::Fault;
use crate::git::hosting;
use crate::refusal::Refusal;
use crate::server::{self, Answer};
use crate::settings::Settings;
use crate::state::{Request, State};
use crate::token;
use crate::world::document;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    principal: Uuid,
}

/// Carries a control request out.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    match carry_out(state, request) {
        Ok(value) => server::json(StatusCode::OK, &value),
        Err(refusal) => server::json(refusal.status, &refusal.body_for(Uuid::nil())),
    }
}

fn carry_out(state: &mut State, request: &Request) -> Result<Value, Refusal> {
    let path = request.path.trim_start_matches("/_emulator").trim_matches('/');
    match (&request.method, path) {
        (&Method::POST, "reset") => {
            state.reset()?;
            Ok(json!({}))
        }
        (&Method::GET, "world") => Ok(state.world_document()),
        (&Method::PUT, "world") => {
            let seed: Value = body(request)?;
            let world = document::read(&seed).map_err(|error| Refusal::body(error.to_string()))?;
            state.replace_world(world)?;
            Ok(json!({}))
        }
        (&Method::POST, "faults") => {
            let faults: Vec<Fault> = body(request)?;
            state.faults.add(faults);
            Ok(json!({}))
        }
        (&Method::DELETE, "faults") => {
            state.faults.replace(Vec::new());
            Ok(json!({}))
        }
        (&Method::GET, "requests") => Ok(json!(state.requests.all())),
        (&Method::DELETE, "requests") => {
            state.requests.clear();
            Ok(json!({}))
        }
        (&Method::GET, "settings") => Ok(json!(state.settings)),
        (&Method::PATCH, "settings") => {
            state.settings = merged(&state.settings, &body(request)?)?;
            Ok(json!(state.settings))
        }
        (&Method::POST, "clock/advance") => {
            let wanted: Advance = body(request)?;
            let by = Duration::try_from_secs_f64(wanted.seconds).map_err(|error| Refusal::body(error.to_string()))?;
            state.clock.advance(by);
            state.write_changes()?;
            Ok(json!({"now": stamp_utc(state.clock.now())}))
        }
        (&Method::POST, "repositories") => {
            let wanted: Value = body(request)?;
            hosting::host(state.settings.repositories.as_deref(), &wanted, state.clock.now())
        }
        (&Method::GET, "clock") => Ok(json!({"now": stamp_utc(state.clock.now())})),
        (&Method::POST, "token") => {
            let wanted: TokenRequest = body(request)?;
            Ok(json!({"token": issue_token(state, wanted.principal)}))
        }
        _ => Err(Refusal::endpoint_not_found()),
    }
}

fn body<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, Refusal> {
    serde_json::from_slice(&request.body).map_err(|error| Refusal::body(error.to_string()))
}

fn merged(settings: &Settings, changes: &Value) -> Result<Settings, Refusal> {
    let mut merged = json!(settings);
    if let (Value::Object(known), Value::Object(changes)) = (&mut merged, changes) {
        for (name, value) in changes {
            known.insert(name.clone(), value.clone());
        }
    }
    serde_json::from_value(merged).map_err(|error| Refusal::body(error.to_string()))
}

/// A token for the principal, valid from now on.
pub(crate) fn issue_token(state: &State, principal: Uuid) -> String {
    issue_token_for(state, principal, token::FABRIC)
}

/// The same for another service.
pub(crate) fn issue_token_for(state: &State, principal: Uuid, audience: &str) -> String {
    let now = state.clock.now();
    let expires = now.saturating_add(micros(state.settings.token_lifetime));
    token::unsigned(&token::claims(&state.world, principal, audience, now, expires))
}
