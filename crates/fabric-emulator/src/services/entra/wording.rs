//! Refusals the way Entra words them.

use http::StatusCode;
use serde_json::json;

use crate::clock::stamp_utc;
use crate::services::{Refused, ServiceCall, ServiceReply};

/// OAuth's `error` and `error_description`, with the numbers and ids that Entra adds.
pub(super) fn word(refused: &Refused, call: &ServiceCall<'_>) -> ServiceReply {
    let code = refused.code_or(|status| match status {
        StatusCode::BAD_REQUEST => "invalid_request",
        StatusCode::UNAUTHORIZED => "invalid_client",
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        StatusCode::NOT_FOUND => "not_found",
        _ => "server_error",
    });
    let stamp = stamp_utc(call.now);
    let stamp = format!("{}Z", stamp.trim_end_matches('Z').split('.').next().unwrap_or_default());
    let (trace, correlation) = (call.request_id, call.header("client-request-id").unwrap_or_default());
    let correlation = if correlation.is_empty() { trace.to_string() } else { correlation.to_owned() };
    let description = format!(
        "{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {}",
        refused.message,
        stamp.replace('T', " ")
    );
    let number: Option<u64> = refused
        .message
        .strip_prefix("AADSTS")
        .and_then(|rest| rest.split(':').next())
        .and_then(|number| number.parse().ok());
    let mut body = json!({
        "error": code,
        "error_description": description,
        "error_codes": number.into_iter().collect::<Vec<_>>(),
        "timestamp": stamp.replace('T', " "),
        "trace_id": trace,
        "correlation_id": correlation,
    });
    if let Some(number) = number {
        body["error_uri"] = json!(format!("{}/error?code={number}", call.request.origin));
    }
    ServiceReply::json(refused.status, &body).refusing(code, refused.retry_after)
}
