//! Errors the way Fabric words them.

use std::ops::{Deref, DerefMut};

use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A request that is not carried out.
#[derive(Debug, Clone)]
pub(crate) struct Refusal(Box<Reasons>);

/// Everything the answer says about why.
#[derive(Debug, Clone)]
pub(crate) struct Reasons {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Vec<Value>,
    pub(crate) related: Option<(Uuid, &'static str)>,
    pub(crate) retriable: bool,
    /// Seconds.
    pub(crate) retry_after: Option<u64>,
}

impl Deref for Refusal {
    type Target = Reasons;

    fn deref(&self) -> &Reasons {
        &self.0
    }
}

impl DerefMut for Refusal {
    fn deref_mut(&mut self) -> &mut Reasons {
        &mut self.0
    }
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Reasons {
            status,
            code: code.to_owned(),
            message: message.into(),
            details: Vec::new(),
            related: None,
            retriable: false,
            retry_after: None,
        }))
    }

    pub(crate) fn bad(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn not_found(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub(crate) fn conflict(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    pub(crate) fn forbidden(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// The body has the wrong shape.
    pub(crate) fn body(message: impl Into<String>) -> Self {
        Self::bad("BadRequest", "The request could not be processed due to missing or invalid information")
            .detail("RequestBodyValidationFailed", message)
    }

    /// A value breaks a rule.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::bad("InvalidInput", "The request has an invalid input").detail("InvalidInput", message)
    }

    /// A path or query parameter cannot be read.
    pub(crate) fn parameter(name: &str) -> Self {
        Self::bad("InvalidParameter", format!("The parameter '{name}' has an invalid value"))
    }

    pub(crate) fn endpoint_not_found() -> Self {
        Self::not_found("EndpointNotFound", "The requested endpoint could not be found")
    }

    pub(crate) fn insufficient_privileges() -> Self {
        Self::forbidden(
            "InsufficientPrivileges",
            "The caller does not have sufficient permissions to access the requested resource",
        )
    }

    pub(crate) fn detail(mut self, code: &str, message: impl Into<String>) -> Self {
        self.details.push(json!({"errorCode": code, "message": message.into()}));
        self
    }

    pub(crate) fn about(mut self, resource: Uuid, kind: &'static str) -> Self {
        self.related = Some((resource, kind));
        self
    }

    pub(crate) fn retriable(mut self) -> Self {
        self.retriable = true;
        self
    }

    pub(crate) fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The answer's body, in the order of members that was recorded.
    pub(crate) fn body_for(&self, request_id: Uuid) -> Value {
        let mut body = Map::new();
        body.insert("requestId".to_owned(), json!(request_id));
        body.insert("errorCode".to_owned(), json!(self.code));
        if !self.details.is_empty() {
            body.insert("moreDetails".to_owned(), json!(self.details));
        }
        body.insert("message".to_owned(), json!(self.message));
        if let Some((resource, kind)) = self.related {
            body.insert("relatedResource".to_owned(), json!({"resourceId": resource, "resourceType": kind}));
        }
        body.insert("isRetriable".to_owned(), json!(self.retriable));
        Value::Object(body)
    }
}
