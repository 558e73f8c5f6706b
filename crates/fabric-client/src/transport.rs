//! One request, one answer.

use azure_core::credentials::Secret;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;

use crate::authorization::bearer;
use crate::call::{Call, CallMetadata, Safety};
use crate::client::Client;
use crate::error::{DecodeError, Error, ErrorBody};
use crate::excerpt;
use crate::submission::OperationResult;

/// An answer that is no error.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) method: Method,
    pub(crate) metadata: CallMetadata,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    /// Sends `call` and reads the whole answer: once, and once more if the service says that the token has expired and
    /// the credential has another. A refused token means that nothing was done.
    pub(crate) async fn send(&self, call: &Call) -> Result<Reply, Error> {
        let token = self.token().await?;
        let error = match self.send_as(call, &token).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        match self.renewed(&token, &error).await? {
            Some(renewed) => {
                tracing::info!(
                    name: "fabric.token.renewed",
                    operation = call.metadata.operation,
                    "the token has expired and is renewed"
                );
                self.send_as(call, &renewed).await
            }
            None => Err(error),
        }
    }

    async fn send_as(&self, call: &Call, token: &Secret) -> Result<Reply, Error> {
        let CallMetadata { operation, url_template, safety, .. } = call.metadata;
        let invalid = |reason: String| Error::InvalidRequest { operation, reason };
        if let Some(reason) = &call.invalid {
            return Err(invalid(reason.clone()));
        }
        let mut url = self.inner.endpoint.url(&call.path).map_err(|error| invalid(error.to_string()))?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let authorization = bearer(token)?;
        let mut request = self
            .inner
            .http
            .request(call.method.clone(), url)
            .header(AUTHORIZATION, authorization)
            .with_extension(call.metadata);
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let lost = |source: reqwest_middleware::Error| Error::Transport {
            method: call.method.clone(),
            url_template,
            ambiguous: safety != Safety::Read && !self.was_never_sent(&source),
            try_later: self.is_for_now(&source),
            source: Box::new(source),
        };
        let started = self.inner.timer.now();
        let response = request.send().await.map_err(lost)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let attempts = (self.inner.attempts)(&response);
        let body = response.bytes().await.map_err(|error| lost(error.into()))?;
        let reply = Reply { method: call.method.clone(), metadata: call.metadata, status, headers, body };
        tracing::debug!(
            operation,
            method = %reply.method,
            url_template,
            status = status.as_u16(),
            request_id = reply.request_id(),
            duration_ms = self.inner.timer.now().saturating_sub(started).as_millis() as u64,
            "fabric call"
        );
        reply.checked(attempts)
    }

    /// Whether the fault is known to have come before the first byte of the request went out.
    fn was_never_sent(&self, error: &reqwest_middleware::Error) -> bool {
        (self.inner.refused_before_sending)(error)
            || stems_from(error, |error| error.is_connect() || error.is_builder())
    }

    /// Whether the fault is one of time alone.
    fn is_for_now(&self, error: &reqwest_middleware::Error) -> bool {
        (self.inner.ended_by_layer)(error) || stems_from(error, reqwest::Error::is_timeout)
    }
}

/// Whether such an error of the HTTP client is behind this one, however wrapped.
fn stems_from(error: &reqwest_middleware::Error, is_such: impl Fn(&reqwest::Error) -> bool) -> bool {
    match error {
        reqwest_middleware::Error::Reqwest(error) => is_such(error),
        reqwest_middleware::Error::Middleware(error) => error.chain().any(|cause| {
            cause.downcast_ref().is_some_and(&is_such)
                || matches!(
                    cause.downcast_ref::<reqwest_middleware::Error>(),
                    Some(reqwest_middleware::Error::Reqwest(error)) if is_such(error)
                )
        }),
    }
}

impl Reply {
    fn checked(self, attempts: Option<String>) -> Result<Self, Error> {
        if self.status.is_success() {
            return Ok(self);
        }
        if self.status.is_redirection() {
            return Err(self.redirected());
        }
        let body = serde_json::from_slice::<ErrorBody>(&self.body);
        let is_foreign = body.is_err();
        let mut error = body.unwrap_or_default().into_api_error(
            self.method,
            self.metadata.url_template,
            self.status,
            &self.headers,
        );
        if is_foreign {
            error.message = excerpt::text(&self.body);
        }
        error.attempts = attempts;
        error.ambiguous = self.metadata.safety != Safety::Read
            && (self.status.is_server_error()
                || matches!(self.status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS));
        Err(Error::Api(Box::new(error)))
    }

    fn redirected(self) -> Error {
        let host = self
            .header(LOCATION.as_str())
            .and_then(|location| url::Url::parse(location).ok()?.host_str().map(str::to_owned))
            .unwrap_or_else(|| "an unnamed place".to_owned());
        Error::Redirected { method: self.method, url_template: self.metadata.url_template, host }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.header("requestid")
    }

    /// The body, read as `T`, whatever its content type says.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.read(serde_json::from_slice(&self.body))
    }

    /// The body, read as the result of an operation.
    pub(crate) fn result<T: OperationResult>(&self) -> Result<T, Error> {
        self.read(T::read(&self.body))
    }

    fn read<T>(&self, read: serde_json::Result<T>) -> Result<T, Error> {
        read.map_err(|error| self.undecodable(excerpt::reason(&error)))
    }

    pub(crate) fn undecodable(&self, reason: impl Into<String>) -> Error {
        Error::Decode(Box::new(DecodeError {
            method: self.method.clone(),
            url_template: self.metadata.url_template,
            status: self.status.as_u16(),
            request_id: self.request_id().map(str::to_owned),
            reason: reason.into(),
            excerpt: excerpt::shape(&self.body),
            ambiguous: self.metadata.safety != Safety::Read,
        }))
    }
}
