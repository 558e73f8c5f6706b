//! Refusals the way Entra words them.

use http::StatusCode;
use serde_json::json;

use crate::clock::stamp_utc;
use crate::services::{Refused, ServiceCall, ServiceReply};

/// A refusal with one of Entra's numbers: `AADSTS90002` is `(90002, …)`.
pub(super) fn numbered(status: StatusCode, error: &str, number: u32, text: impl AsRef<str>) -> Refused {
    Refused::new(status, error, format!("AADSTS{number}: {}", text.as_ref())).with_details(json!(number))
}

/// The request itself is wrong.
pub(super) fn bad(error: &str, number: u32, text: impl AsRef<str>) -> Refused {
    numbered(StatusCode::BAD_REQUEST, error, number, text)
}

/// Who asks is not who it says it is.
pub(super) fn not_proven(number: u32, text: impl AsRef<str>) -> Refused {
    numbered(StatusCode::UNAUTHORIZED, "invalid_client", number, text)
}

/// OAuth's `error` and `error_description`, with the numbers and ids that Entra adds.
pub(super) fn word(refused: &Refused, call: &ServiceCall<'_>) -> ServiceReply {
    let code = refused.code_or(|status| match status {
        StatusCode::BAD_REQUEST => "invalid_request",
        StatusCode::UNAUTHORIZED => "invalid_client",
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        StatusCode::NOT_FOUND => "not_found",
        _ => "server_error",
    });
    // The hosts of managed identities speak OAuth, but are not Entra.
    if ["/metadata/", "/msi/"].iter().any(|host| call.request.path.starts_with(host)) {
        let body = json!({"error": code, "error_description": refused.message});
        return ServiceReply::json(refused.status, &body).refusing(code, refused.retry_after);
    }
    let stamp = stamp_utc(call.now);
    let stamp = format!("{}Z", stamp.split(['.', 'Z']).next().unwrap_or_default().replace('T', " "));
    let trace = call.request_id;
    let correlation = call.header("client-request-id").map_or_else(|| trace.to_string(), str::to_owned);
    let description = format!("{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}", refused.message);
    let number = refused.details.as_u64();
    let mut body = json!({
        "error": code,
        "error_description": description,
        "error_codes": number.into_iter().collect::<Vec<_>>(),
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": correlation,
    });
    if let Some(number) = number {
        body["error_uri"] = json!(format!("{}/error?code={number}", call.request.origin));
    }
    ServiceReply::json(refused.status, &body).refusing(code, refused.retry_after)
}
