//! Refusals the way Graph words them.

use http::StatusCode;
use serde_json::{Value, json};

use crate::clock::stamp;
use crate::services::{Refused, ServiceCall, ServiceReply};

/// A query that cannot be understood.
pub(super) fn bad(message: impl Into<String>) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "BadRequest", message)
}

/// A query that Graph understands but does not answer in this form.
pub(super) fn unsupported(message: impl Into<String>) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
}

/// A query that Graph answers and the emulator does not.
pub(super) fn missing(what: &str) -> Refused {
    Refused::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", format!("The emulator does not implement {what}."))
}

/// The body of a refusal.
pub(super) fn body(refused: &Refused, call: &ServiceCall<'_>) -> Value {
    let client = call.header("client-request-id").map_or_else(|| call.request_id.to_string(), str::to_owned);
    let date = stamp(call.now);
    json!({"error": {
        "code": code(refused),
        "message": refused.message,
        "innerError": {
            "date": date.split('.').next(),
            "request-id": call.request_id,
            "client-request-id": client,
        },
    }})
}

/// Graph's `error` with its code, message and ids.
pub(super) fn word(refused: &Refused, call: &ServiceCall<'_>) -> ServiceReply {
    let reply = ServiceReply::json(refused.status, &body(refused, call)).refusing(code(refused), refused.retry_after);
    stamped(reply, call)
}

/// With the headers that every answer has.
pub(super) fn stamped(reply: ServiceReply, call: &ServiceCall<'_>) -> ServiceReply {
    reply.header(http::header::HeaderName::from_static("request-id"), &call.request_id.to_string())
}

fn code(refused: &Refused) -> &str {
    refused.code_or(|status| match status {
        StatusCode::BAD_REQUEST => "BadRequest",
        StatusCode::UNAUTHORIZED => "InvalidAuthenticationToken",
        StatusCode::FORBIDDEN => "Authorization_RequestDenied",
        StatusCode::NOT_FOUND => "ResourceNotFound",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        _ => "UnknownError",
    })
}
