//! Taking telemetry: all of it, some of it, or none.

use http::StatusCode;
use serde_json::json;

use super::{body, envelope};
use crate::faults::FaultKind;
use crate::services::{Refused, ServiceCall, ServiceReply};

/// `POST /v2.1/track` and `/v2/track`
pub(super) fn track(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let items = body::items(call)?;
    let received = items.len();
    let mut errors = Vec::new();
    let mut accepted = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let refusal = match inflicted(call, index) {
            Some(status) => Some((status, "The item failed because a fault was inflicted on it".to_owned())),
            None => envelope::fault(&item).map(|message| (400, message)),
        };
        match refusal {
            Some((status, message)) => {
                errors.push(json!({ "index": index, "statusCode": status, "message": message }));
            }
            None => accepted.push(item),
        }
    }
    let answer = json!({
        "itemsReceived": received, "itemsAccepted": accepted.len(), "appId": null, "errors": errors,
    });
    let status = match (accepted.len(), errors.len()) {
        (_, 0) => StatusCode::OK,
        (0, _) if !errors.iter().any(|error| error["statusCode"] != 400) => StatusCode::BAD_REQUEST,
        _ => StatusCode::PARTIAL_CONTENT,
    };
    call.memory.application_insights.accepted.extend(accepted);
    let reply = ServiceReply::json(status, &answer);
    Ok(if errors.is_empty() { reply } else { reply.refusing("PartlyAccepted", None) })
}

/// The status that a fault gives the item.
fn inflicted(call: &ServiceCall<'_>, index: usize) -> Option<u16> {
    match call.fault {
        Some(FaultKind::ItemsRefused(refused)) if index.is_multiple_of(refused.every.max(1)) => Some(refused.code),
        _ => None,
    }
}
