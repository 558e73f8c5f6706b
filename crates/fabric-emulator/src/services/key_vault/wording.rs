//! Refusals the way Key Vault words them.

use http::StatusCode;
use serde_json::json;

use crate::services::{Refused, ServiceCall, ServiceReply};

/// A value in the request that cannot be used.
pub(super) fn bad(message: impl Into<String>) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "BadParameter", message)
}

/// A refusal whose inner code says more.
pub(super) fn inner(status: StatusCode, code: &str, inner: &str, message: impl Into<String>) -> Refused {
    Refused::new(status, code, message).with_details(json!({ "code": inner }))
}

/// No secret of this name, or no version.
pub(super) fn not_found(id: &str) -> Refused {
    let message = format!(
        "A secret with (name/id) {id} was not found in this key vault. If you recently deleted this secret you may be able to \
         recover it using the correct recovery command. For help resolving this issue, please see \
         https://go.microsoft.com/fwlink/?linkid=2125182"
    );
    Refused::new(StatusCode::NOT_FOUND, "SecretNotFound", message)
}

/// Key Vault's `error` with its code, message and, where there is one, inner error.
pub(super) fn word(refused: &Refused, call: &ServiceCall<'_>) -> ServiceReply {
    let code = refused.code_or(|status| match status {
        StatusCode::BAD_REQUEST => "BadParameter",
        StatusCode::UNAUTHORIZED => "Unauthorized",
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::NOT_FOUND => "NotFound",
        StatusCode::CONFLICT => "Conflict",
        StatusCode::TOO_MANY_REQUESTS => "Throttled",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        _ => "InternalServerError",
    });
    let message = if code == "Throttled" {
        "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached"
    } else {
        refused.message.as_str()
    };
    let mut error = json!({"code": code, "message": message});
    if !refused.details.is_null() {
        error["innererror"] = refused.details.clone();
    }
    let mut reply = ServiceReply::json(refused.status, &json!({ "error": error })).refusing(code, refused.retry_after);
    reply.headers.extend(refused.headers.clone());
    stamped(reply, call)
}

/// With the headers that every answer has.
pub(super) fn stamped(reply: ServiceReply, call: &ServiceCall<'_>) -> ServiceReply {
    use http::header::{CACHE_CONTROL, HeaderName};
    let mut reply = reply
        .header(CACHE_CONTROL, "no-cache")
        .header(HeaderName::from_static("x-ms-request-id"), &call.request_id.to_string())
        .header(HeaderName::from_static("x-ms-keyvault-region"), "westeurope");
    if let Some(id) = call.header("x-ms-client-request-id") {
        reply = reply.header(HeaderName::from_static("x-ms-client-request-id"), id);
    }
    reply
}
