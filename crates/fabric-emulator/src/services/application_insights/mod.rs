//! Application Insights: takes telemetry, item by item, and shows what it took.

mod body;
mod envelope;
mod live;
mod track;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Definition, Refused, ServiceCall, ServiceReply, read, write};

pub(super) static DEFINITION: Definition = Definition {
    routes: &[
        write(Method::POST, "/v2.1/track", "Track", track::track),
        write(Method::POST, "/v2/track", "TrackV2", track::track),
        read(Method::POST, "/QuickPulseService.svc/ping", "LivePing", live::nobody_watches),
        read(Method::POST, "/QuickPulseService.svc/post", "LivePost", live::nobody_watches),
        read(Method::GET, "/items", "Items", items),
    ],
    word,
};

/// What Application Insights remembers.
#[derive(Debug, Default)]
pub(crate) struct InsightsMemory {
    /// The envelopes that were accepted, in the order in which they came.
    accepted: Vec<Value>,
}

impl InsightsMemory {
    /// The envelopes that were accepted.
    pub(crate) fn accepted(&self) -> &[Value] {
        &self.accepted
    }
}

/// `GET /items`: everything that was accepted. The real service has a query language instead.
#[expect(clippy::unnecessary_wraps, reason = "every handler may refuse")]
fn items(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    Ok(ServiceReply::ok(&json!({ "value": call.memory.application_insights.accepted })))
}

/// A refusal of the whole request, worded as the ingestion does: no item was received.
fn word(refused: &Refused, _: &ServiceCall<'_>) -> ServiceReply {
    let code = refused.code_or(|status| match status.as_u16() {
        400 => "BadRequest",
        404 => "NotFound",
        429 => "TooManyRequests",
        439 => "DailyQuotaExceeded",
        _ => "InternalServerError",
    });
    let errors = json!([{ "index": 0, "statusCode": refused.status.as_u16(), "message": refused.message }]);
    let body = match refused.status {
        StatusCode::NOT_FOUND => Value::Null,
        _ => json!({ "itemsReceived": 0, "itemsAccepted": 0, "appId": null, "errors": errors }),
    };
    ServiceReply::json(refused.status, &body).refusing(code, refused.retry_after)
}
