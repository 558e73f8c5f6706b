//! `POST /v1.0/$batch`: up to twenty questions in one request, answered in an order of the service's choosing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::permissions;
use super::objects::{Question, answer};
use super::wording::{self, bad, missing, stamped};
use crate::call::Query;
use crate::services::{Refused, ServiceCall, ServiceReply};

/// The most questions in one batch.
const LARGEST: usize = 20;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Inner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    depends_on: Option<Value>,
}

/// Answers each question by itself: one that is refused does not spoil the others.
pub(super) fn carry_out(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let permissions = permissions(call)?;
    let batch: Batch = call.json().map_err(|error| bad(format!("Invalid batch payload format: {error}")))?;
    if batch.requests.len() > LARGEST {
        return Err(bad(format!("Number of batch requests exceeds the maximum value of {LARGEST}.")));
    }
    let ids: BTreeSet<&str> = batch.requests.iter().map(|inner| inner.id.as_str()).collect();
    if ids.len() < batch.requests.len() {
        return Err(bad("Request Id has to be unique in a batch."));
    }
    let mut responses = Vec::new();
    // From the last to the first: a client that counts on the order of its questions shall notice.
    for inner in batch.requests.iter().rev() {
        let outcome = if !inner.method.eq_ignore_ascii_case("GET") || inner.depends_on.is_some() {
            Err(missing("anything but independent GET requests in a batch"))
        } else {
            let (path, query) =
                inner.url.split_once('?').map_or((inner.url.as_str(), None), |(path, query)| (path, Some(query)));
            let query = Query::parse(query);
            let eventual = inner.headers.iter().any(|(name, level)| {
                name.eq_ignore_ascii_case("consistencylevel") && level.eq_ignore_ascii_case("eventual")
            });
            answer(call, &permissions, &Question { path, query: &query, eventual })
        };
        let (status, body) = match outcome {
            Ok(body) => (200, body),
            Err(refused) => (refused.status.as_u16(), wording::body(&refused, call)),
        };
        let headers = json!({"Content-Type": "application/json"});
        responses.push(json!({"id": inner.id, "status": status, "headers": headers, "body": body}));
    }
    Ok(stamped(ServiceReply::ok(&json!({ "responses": responses })), call))
}
