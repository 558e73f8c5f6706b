//! What a service answers, before it becomes HTTP.

use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer, whether it grants or refuses.
#[derive(Debug, Clone)]
pub(crate) struct ServiceReply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The error code, for the record; `None`: the request was granted.
    pub(crate) error_code: Option<String>,
}

impl ServiceReply {
    /// Nothing but a status.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), error_code: None }
    }

    /// A status and a body of the given type.
    pub(crate) fn with_body(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply.body = body.into();
        reply
    }

    /// JSON with a status.
    pub(crate) fn json(status: StatusCode, value: &Value) -> Self {
        Self::with_body(status, "application/json; charset=utf-8", value.to_string())
    }

    /// 200 with JSON.
    pub(crate) fn ok(value: &Value) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// Adds a header; one whose value cannot stand in a header is left out.
    pub(crate) fn header(mut self, name: impl Into<HeaderName>, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name.into(), value);
        }
        self
    }

    /// Says under which error code the request is on record, and how long the client shall wait.
    pub(crate) fn refusing(mut self, code: &str, retry_after: Option<u64>) -> Self {
        self.error_code = Some(code.to_owned());
        if let Some(seconds) = retry_after {
            self.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        self
    }
}

/// Why a request is not carried out; the service's definition words it.
#[derive(Debug, Clone)]
pub(crate) struct Refused(Box<RefusedBecause>);

/// Everything that is known about why.
#[derive(Debug, Clone)]
pub(crate) struct RefusedBecause {
    pub(crate) status: StatusCode,
    /// `None`: the one that suits the status.
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    /// Seconds.
    pub(crate) retry_after: Option<u64>,
    /// What else the service adds to the body.
    pub(crate) details: Value,
    pub(crate) headers: HeaderMap,
}

impl Deref for Refused {
    type Target = RefusedBecause;

    fn deref(&self) -> &RefusedBecause {
        &self.0
    }
}

impl DerefMut for Refused {
    fn deref_mut(&mut self) -> &mut RefusedBecause {
        &mut self.0
    }
}

impl Refused {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::because(status, Some(code.to_owned()), message.into(), None)
    }

    pub(super) fn because(status: StatusCode, code: Option<String>, message: String, retry_after: Option<u64>) -> Self {
        Self(Box::new(RefusedBecause {
            status,
            code,
            message,
            retry_after,
            details: Value::Null,
            headers: HeaderMap::new(),
        }))
    }

    /// With more for the body; what it is, the service knows.
    pub(crate) fn with_details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// The code, or the one that suits the status.
    pub(crate) fn code_or<'a>(&'a self, suits: impl FnOnce(StatusCode) -> &'a str) -> &'a str {
        self.code.as_deref().unwrap_or_else(|| suits(self.status))
    }
}
