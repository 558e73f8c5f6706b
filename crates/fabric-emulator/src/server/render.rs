//! Replies and refusals as HTTP, with the headers that were recorded.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::Value;

use super::body::AnswerBody;
use crate::refusal::Refusal;
use crate::reply::{Body, Location, Reply};
use crate::services::ServiceReply;
use crate::state::Answered;

const REQUEST_ID: HeaderName = HeaderName::from_static("requestid");
const OPERATION_ID: HeaderName = HeaderName::from_static("x-ms-operation-id");
const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-public-api-error-code");
const EXPOSED: HeaderName = HeaderName::from_static("access-control-expose-headers");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const PLAIN_JSON: HeaderValue = HeaderValue::from_static("application/json");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Writes the answer to a request of the Fabric API.
pub(super) fn answer(answered: &Answered, origin: &str) -> Response<AnswerBody> {
    let mut response = match &answered.outcome {
        Ok(reply) => success(reply, origin, answered.foreign_operation_host.as_deref()),
        Err(refusal) => error(refusal, answered),
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&answered.request_id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Ok(origin) = HeaderValue::from_str(&format!("{origin}/")) {
        headers.insert("home-cluster-uri", origin);
    }
    headers.insert("request-redirected", HeaderValue::from_static("true"));
    headers.insert("strict-transport-security", HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    response
}

/// Writes the answer to a request of another service.
pub(super) fn service(reply: ServiceReply) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(reply.body));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

fn success(reply: &Reply, origin: &str, foreign_host: Option<&str>) -> Response<AnswerBody> {
    let (content_type, content) = match &reply.body {
        Body::Empty => (BYTES, Bytes::new()),
        Body::Json(value) => (JSON, encode(value)),
        Body::Result(value) => (PLAIN_JSON, encode(value)),
    };
    let mut response = Response::new(AnswerBody::whole(content));
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    let mut exposed = vec!["RequestId"];
    let location = reply.location.as_ref().map(|location| match location {
        Location::Here(path) => format!("{origin}{path}"),
        Location::Operations(path) => format!("{}{path}", foreign_host.unwrap_or(origin)),
    });
    if let Some(location) = location.and_then(|location| HeaderValue::from_str(&escape(&location)).ok()) {
        headers.insert(LOCATION, location);
        exposed.push("Location");
    }
    if let Some(seconds) = reply.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        exposed.push("Retry-After");
    }
    if reply.etag {
        headers.insert(ETAG, HeaderValue::from_static("\"\""));
        exposed.push("ETag");
    }
    if let Some(id) = reply.operation_id.and_then(|id| HeaderValue::from_str(&id.to_string()).ok()) {
        headers.insert(OPERATION_ID, id);
        exposed.push("x-ms-operation-id");
    }
    if let Ok(exposed) = HeaderValue::from_str(&exposed.join(",")) {
        headers.insert(EXPOSED, exposed);
    }
    response
}

/// Blanks and what is not ASCII do not belong into a header.
fn escape(location: &str) -> String {
    let mut escaped = String::with_capacity(location.len());
    for byte in location.bytes() {
        if byte.is_ascii_graphic() {
            escaped.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

fn error(refusal: &Refusal, answered: &Answered) -> Response<AnswerBody> {
    let mut response = json(refusal.status, &refusal.body_for(answered.request_id));
    let headers = response.headers_mut();
    if let Ok(code) = HeaderValue::from_str(&refusal.code) {
        headers.insert(ERROR_CODE, code);
    }
    if let Some(seconds) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    // The gate that throttles stands before whatever adds this header.
    if refusal.status != StatusCode::TOO_MANY_REQUESTS {
        headers.insert(EXPOSED, HeaderValue::from_static("RequestId"));
    }
    response
}

fn encode(value: &Value) -> Bytes {
    Bytes::from(value.to_string())
}

/// JSON with a status, and nothing else.
pub(super) fn json(status: StatusCode, value: &Value) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(encode(value)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A status without a body.
pub(super) fn empty(status: StatusCode) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(Bytes::new()));
    *response.status_mut() = status;
    response
}
