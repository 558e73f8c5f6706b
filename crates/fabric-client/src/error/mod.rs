//! What can go wrong, as data.

mod answer;

use std::time::Duration;

use http::{Method, StatusCode};

pub use answer::{ApiError, DecodeError, ErrorDetail, RelatedResource};
pub(crate) use answer::{ErrorBody, retry_after};

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
        /// Whether only time was lacking: it ran out, or a layer refuses calls for now.
        try_later: bool,
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

    /// Whether the credential gave no token: before the call was sent, or while its long-running operation was followed.
    pub fn is_without_token(&self) -> bool {
        match self {
            Self::Credential(_) => true,
            Self::OperationUnresolved { source, .. } => source.is_without_token(),
            _ => false,
        }
    }

    /// Whether the same call may work later without anything being mended: it was throttled, or its time ran out, or a
    /// layer of the HTTP client refuses calls for now.
    pub fn is_try_later(&self) -> bool {
        match self {
            Self::Api(error) => error.status == StatusCode::TOO_MANY_REQUESTS,
            Self::Transport { try_later, .. } => *try_later,
            Self::OperationTimedOut { .. } => true,
            Self::OperationUnresolved { source, .. } => source.is_try_later(),
            Self::Decode(_)
            | Self::OperationFailed { .. }
            | Self::OperationWithoutResult { .. }
            | Self::Redirected { .. }
            | Self::Credential(_)
            | Self::Endpoint(_)
            | Self::InvalidRequest { .. } => false,
        }
    }
}
