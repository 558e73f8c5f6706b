//! What an answer says that is an error, or that cannot be understood.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;

/// An error answer of Fabric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, as a name. Branch on this, not on the status.
    pub error_code: Option<String>,
    /// What is wrong, as a sentence; the beginning of the body where the body is not Fabric's.
    pub message: String,
    /// The id under which Microsoft's support finds the request.
    pub request_id: Option<String>,
    /// Further errors behind this one.
    pub more_details: Vec<ErrorDetail>,
    /// Whether the service thinks that a retry may help, where it says so.
    pub is_retriable: Option<bool>,
    /// The resource that the error is about.
    pub related_resource: Option<RelatedResource>,
    /// How long to wait before the next request.
    pub retry_after: Option<Duration>,
    /// The request's method.
    pub method: Method,
    /// The request's path with its parameters' names.
    pub url_template: &'static str,
    /// Whether the request may have taken effect all the same: a write that met a 5xx, a 408 or a 429.
    pub ambiguous: bool,
    /// How all attempts at the call went, where a layer of the HTTP client told.
    pub attempts: Option<String>,
}

/// One of the errors behind an error. Recordings show entries with nothing but a related resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ErrorDetail {
    /// What is wrong, as a name.
    pub error_code: Option<String>,
    /// What is wrong, as a sentence.
    pub message: Option<String>,
    /// The resource that the error is about.
    pub related_resource: Option<RelatedResource>,
}

/// A resource that an error is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RelatedResource {
    /// Its id, as the server wrote it.
    pub resource_id: Option<String>,
    /// Its type, such as `Folder`.
    pub resource_type: Option<String>,
}

/// An answer that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method} {url_template}: the answer cannot be understood: {reason}{}", request_id_suffix(request_id.as_deref()))]
pub struct DecodeError {
    /// The request's method.
    pub method: Method,
    /// The request's path with its parameters' names.
    pub url_template: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The id under which Microsoft's support finds the request.
    pub request_id: Option<String>,
    /// What could not be understood. Values of the body are left out.
    pub reason: String,
    /// The shape of the body's beginning, every string in it left out.
    pub excerpt: String,
    /// Whether the request changes something, and so may have.
    pub ambiguous: bool,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method, self.url_template, self.status)?;
        if let Some(code) = &self.error_code {
            write!(f, " {code}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        for detail in &self.more_details {
            let code = detail.error_code.as_deref().unwrap_or_default();
            let message = detail.message.as_deref().unwrap_or_default();
            if !(code.is_empty() && message.is_empty()) {
                write!(f, "; {code}: {message}")?;
            }
        }
        f.write_str(&request_id_suffix(self.request_id.as_deref()))?;
        match &self.attempts {
            Some(attempts) => write!(f, " ({attempts})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ApiError {}

fn request_id_suffix(request_id: Option<&str>) -> String {
    request_id.map(|id| format!(" (request {id})")).unwrap_or_default()
}

/// Fabric's error body. Every member has been seen missing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ErrorBody {
    error_code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    more_details: Option<Vec<ErrorDetail>>,
    is_retriable: Option<bool>,
    related_resource: Option<RelatedResource>,
    /// Graph has its error one level deeper.
    error: Option<ODataError>,
}

/// The error of Graph.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ODataError {
    code: Option<String>,
    message: Option<String>,
    inner_error: Option<InnerError>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct InnerError {
    request_id: Option<String>,
}

impl ErrorBody {
    pub(crate) fn into_api_error(
        self,
        method: Method,
        url_template: &'static str,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> ApiError {
        let ODataError { code, message, inner_error } = self.error.unwrap_or_default();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        ApiError {
            status: status.as_u16(),
            error_code: self.error_code.or(code).or_else(|| header("x-ms-public-api-error-code")),
            message: self.message.or(message).unwrap_or_default(),
            request_id: self
                .request_id
                .or_else(|| inner_error.and_then(|inner| inner.request_id))
                .or_else(|| header("requestid")),
            more_details: self.more_details.unwrap_or_default(),
            is_retriable: self.is_retriable,
            related_resource: self.related_resource,
            retry_after: retry_after(headers),
            method,
            url_template,
            ambiguous: false,
            attempts: None,
        }
    }
}

/// `Retry-After` as a duration: seconds, or a date measured against the answer's own `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(headers.get(http::header::DATE)?.to_str().ok()?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}
