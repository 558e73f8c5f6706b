//! What can go wrong, as data.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;

use crate::endpoint::EndpointError;
use crate::operation::OperationId;

/// A call that did not give what was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Fabric answered with an error.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// No whole answer arrived.
    #[error("{method} {url_template}: no answer")]
    Transport {
        /// The request's method.
        method: Method,
        /// The request's path with its parameters' names.
        url_template: &'static str,
        /// Whether the request may have taken effect all the same.
        ambiguous: bool,
        /// What the HTTP client, or one of its layers, said.
        #[source]
        source: Box<reqwest_middleware::Error>,
    },
    /// An answer arrived that cannot be understood.
    #[error(transparent)]
    Decode(Box<DecodeError>),
    /// The server sent the client elsewhere. Redirects are refused: the bearer token stays with one host.
    #[error("{method} {url_template}: refused to follow a redirect to {host}")]
    Redirected {
        /// The request's method.
        method: Method,
        /// The request's path with its parameters' names.
        url_template: &'static str,
        /// The host that the redirect names.
        host: String,
    },
    /// A long-running operation ended in failure.
    #[error("operation {operation_id} failed: {error}")]
    OperationFailed {
        /// The operation.
        operation_id: OperationId,
        /// Its error. Its status is that of the poll, so 200.
        error: Box<ApiError>,
    },
    /// A long-running operation had not ended when its deadline passed. It may still succeed.
    #[error("operation {operation_id} had not ended after {} s", waited.as_secs())]
    OperationTimedOut {
        /// The operation; it can be waited for again.
        operation_id: OperationId,
        /// How long it was waited for.
        waited: Duration,
        /// Whether the operation changes something.
        ambiguous: bool,
    },
    /// A long-running operation could not be followed to its end. It may have succeeded.
    #[error("operation {operation_id} was lost sight of")]
    OperationUnresolved {
        /// The operation; it can be waited for again.
        operation_id: OperationId,
        /// Whether the operation changes something.
        ambiguous: bool,
        /// Why polling it or reading its result failed.
        #[source]
        source: Box<Error>,
    },
    /// A long-running operation succeeded and has no result, where one was expected.
    #[error("operation {operation_id} succeeded without a result")]
    OperationWithoutResult {
        /// The operation.
        operation_id: OperationId,
        /// Whether the operation changes something.
        ambiguous: bool,
    },
    /// The credential gave no token. Nothing was sent.
    #[error("the credential gave no token for Fabric")]
    Credential(#[source] azure_core::Error),
    /// The endpoint is not one that a token may be sent to.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The request was not sent because an argument cannot stand in it.
    #[error("{operation} was not sent: {reason}")]
    InvalidRequest {
        /// The operation's name.
        operation: &'static str,
        /// What is wrong.
        reason: String,
    },
}

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
        f.write_str(&request_id_suffix(self.request_id.as_deref()))
    }
}

impl std::error::Error for ApiError {}

fn request_id_suffix(request_id: Option<&str>) -> String {
    request_id.map(|id| format!(" (request {id})")).unwrap_or_default()
}

impl Error {
    /// Fabric's answer behind this error, where there is one.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) | Self::OperationFailed { error, .. } => Some(error),
            Self::OperationUnresolved { source, .. } => source.api(),
            _ => None,
        }
    }

    /// The error code that Fabric gave, such as `ItemDisplayNameAlreadyInUse`.
    pub fn error_code(&self) -> Option<&str> {
        self.api()?.error_code.as_deref()
    }

    /// The id under which Microsoft's support finds the request.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Decode(error) => error.request_id.as_deref(),
            Self::OperationUnresolved { source, .. } => source.request_id(),
            _ => self.api()?.request_id.as_deref(),
        }
    }

    /// The HTTP status of the answer, where one arrived.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Decode(error) => Some(error.status),
            Self::OperationUnresolved { source, .. } => source.status(),
            _ => Some(self.api()?.status),
        }
    }

    /// The long-running operation that this error is about.
    pub fn operation_id(&self) -> Option<&OperationId> {
        match self {
            Self::OperationFailed { operation_id, .. }
            | Self::OperationTimedOut { operation_id, .. }
            | Self::OperationUnresolved { operation_id, .. }
            | Self::OperationWithoutResult { operation_id, .. } => Some(operation_id),
            _ => None,
        }
    }

    /// Whether it is unknown if the call changed something: look before sending it again.
    ///
    /// Never true for a [`Read`](crate::Safety::Read). True for any other call after a fault that was not provably
    /// before the sending, a 5xx, a 408, a 429 (a throttled create may have been carried out), an answer that cannot
    /// be understood, or a long-running operation that was not followed to its end.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Api(error) => error.ambiguous,
            Self::Decode(error) => error.ambiguous,
            Self::Transport { ambiguous, .. }
            | Self::OperationTimedOut { ambiguous, .. }
            | Self::OperationUnresolved { ambiguous, .. }
            | Self::OperationWithoutResult { ambiguous, .. } => *ambiguous,
            Self::Redirected { .. }
            | Self::OperationFailed { .. }
            | Self::Credential(_)
            | Self::Endpoint(_)
            | Self::InvalidRequest { .. } => false,
        }
    }
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
}

impl ErrorBody {
    pub(crate) fn into_api_error(
        self,
        method: Method,
        url_template: &'static str,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> ApiError {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        ApiError {
            status: status.as_u16(),
            error_code: self.error_code.or_else(|| header("x-ms-public-api-error-code")),
            message: self.message.unwrap_or_default(),
            request_id: self.request_id.or_else(|| header("requestid")),
            more_details: self.more_details.unwrap_or_default(),
            is_retriable: self.is_retriable,
            related_resource: self.related_resource,
            retry_after: retry_after(headers),
            method,
            url_template,
            ambiguous: false,
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
