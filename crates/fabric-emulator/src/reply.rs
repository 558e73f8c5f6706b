//! What a handler answers, before it becomes HTTP.

use http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

/// The body of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// Zero bytes of `application/octet-stream`.
    Empty,
    /// JSON with a character set.
    Json(Value),
    /// JSON without a character set, as results of operations have it.
    Result(Value),
}

/// A successful answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Body,
    pub(crate) location: Option<Location>,
    /// Seconds.
    pub(crate) retry_after: Option<u32>,
    pub(crate) operation_id: Option<Uuid>,
    /// Whether the meaningless `ETag: ""` of items is there.
    pub(crate) etag: bool,
}

/// Where an answer points.
#[derive(Debug, Clone)]
pub(crate) enum Location {
    /// A path of the public host.
    Here(String),
    /// A path of the host that serves operations.
    Operations(String),
}

impl Reply {
    fn new(status: StatusCode, body: Body) -> Self {
        Self { status, body, location: None, retry_after: None, operation_id: None, etag: false }
    }

    /// 200 with JSON.
    pub(crate) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, Body::Json(body))
    }

    /// 200 with the result of an operation.
    pub(crate) fn result(body: Value) -> Self {
        Self::new(StatusCode::OK, Body::Result(body))
    }

    /// 200 without a body.
    pub(crate) fn done() -> Self {
        Self::new(StatusCode::OK, Body::Empty)
    }

    /// 201 with JSON.
    pub(crate) fn created(body: Value) -> Self {
        Self::new(StatusCode::CREATED, Body::Json(body))
    }

    /// 202 without a body, as jobs and capacity assignments answer.
    pub(crate) fn accepted() -> Self {
        Self::new(StatusCode::ACCEPTED, Body::Empty)
    }

    /// 202 with the literal `null`, as operations are announced.
    pub(crate) fn announced(operation: Uuid, retry_after: u32) -> Self {
        let mut reply = Self::new(StatusCode::ACCEPTED, Body::Json(Value::Null));
        reply.location = Some(Location::Operations(format!("/v1/operations/{operation}")));
        reply.operation_id = Some(operation);
        reply.retry_after = Some(retry_after);
        reply
    }

    /// Announces an operation with zero bytes instead of `null`, as the trace of fabric-cicd shows for publications.
    pub(crate) fn without_null(mut self) -> Self {
        if matches!(self.body, Body::Json(Value::Null)) {
            self.body = Body::Empty;
        }
        self
    }

    pub(crate) fn with_location(mut self, path: String) -> Self {
        self.location = Some(Location::Here(path));
        self
    }

    pub(crate) fn with_etag(mut self) -> Self {
        self.etag = true;
        self
    }

    pub(crate) fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}
