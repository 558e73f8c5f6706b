//! Long-running operations: followed at the client's own endpoint, whatever host the server names.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::call::Safety;
use crate::client::Client;
use crate::error::{Error, ErrorBody, retry_after};
use crate::model::open_enum;
use crate::routes;
use crate::submission::OperationResult;
use crate::transport::Reply;

/// The id of a long-running operation: what to keep in a journal, to follow the operation after a crash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(String);

impl OperationId {
    /// From `x-ms-operation-id`, or else from the last part of `Location`'s path. Only the id is taken: the host that
    /// `Location` names is never contacted.
    pub(crate) fn from_reply(reply: &Reply) -> Option<Self> {
        let from_location = || {
            let (_, id) = reply.header("location")?.split_once("/operations/")?;
            id.split(['/', '?', '#']).next()
        };
        let id = reply.header("x-ms-operation-id").or_else(from_location)?;
        (!id.is_empty()).then(|| Self(id.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for OperationId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&str> for OperationId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl From<uuid::Uuid> for OperationId {
    fn from(id: uuid::Uuid) -> Self {
        Self(id.to_string())
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

open_enum! {
    /// Where a long-running operation stands.
    pub enum OperationStatus {
        /// It waits for its turn.
        NotStarted,
        /// It runs.
        Running,
        /// It has ended as asked.
        Succeeded,
        /// It has ended in failure.
        Failed,
    }
}

/// What the server says of a long-running operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationState {
    /// Where it stands.
    pub status: OperationStatus,
    /// When it was created: UTC, usually written without a zone.
    pub created_time_utc: Option<String>,
    /// When it last changed: UTC, usually written without a zone.
    pub last_updated_time_utc: Option<String>,
    /// How much is done, from 0 to 100, where the server says so.
    pub percent_complete: Option<f64>,
    pub(crate) error: Option<ErrorBody>,
}

/// A long-running operation that gives a `T`.
#[derive(Debug)]
pub struct Operation<T> {
    handle: OperationHandle,
    result: PhantomData<fn() -> T>,
}

impl<T: OperationResult> Operation<T> {
    pub(crate) fn new(handle: OperationHandle) -> Self {
        Self { handle, result: PhantomData }
    }

    /// The operation's id.
    pub fn id(&self) -> &OperationId {
        &self.handle.id
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// Those of [`OperationHandle::wait`].
    pub async fn wait(self) -> Result<T, Error> {
        self.handle.wait().await
    }
}

/// A long-running operation, known by its id alone.
#[derive(Debug, Clone)]
pub struct OperationHandle {
    client: Client,
    id: OperationId,
    changes_something: bool,
    first: Duration,
}

impl OperationHandle {
    /// An operation that this process has just started.
    pub(crate) fn started(client: Client, id: OperationId, safety: Safety) -> Self {
        let first = client.inner.pacing.before_first();
        Self { client, id, changes_something: safety != Safety::Read, first }
    }

    /// An operation that was started at some time: it is looked at without delay, and taken to be a write.
    pub(crate) fn resumed(client: Client, id: OperationId) -> Self {
        Self { client, id, changes_something: true, first: Duration::ZERO }
    }

    /// The operation's id.
    pub fn id(&self) -> &OperationId {
        &self.id
    }

    /// Asks once where the operation stands. An operation that has failed is no error here.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn state(&self) -> Result<OperationState, Error> {
        self.poll().await?.json()
    }

    /// Waits for the end and gives the result: `()` where it does not matter.
    ///
    /// # Errors
    /// [`Error::OperationFailed`], [`Error::OperationTimedOut`], [`Error::OperationWithoutResult`], and
    /// [`Error::OperationUnresolved`] where polling or reading the result failed.
    pub async fn wait<T: OperationResult>(&self) -> Result<T, Error> {
        let last = self.wait_for_success().await?;
        if !T::IS_FETCHED {
            return T::read(&[]).map_err(|_| self.without_result());
        }
        if last.header("location").is_none() {
            return Err(self.without_result());
        }
        let call = routes::GET_OPERATION_RESULT.call(&[&self.id]);
        let reply = self.client.send(&call).await.map_err(|error| match error.error_code() {
            Some("OperationHasNoResult") => self.without_result(),
            _ => self.unresolved(error),
        })?;
        reply.result().map_err(|error| self.unresolved(error))
    }

    /// Polls until the operation has succeeded, and gives the last answer.
    async fn wait_for_success(&self) -> Result<Reply, Error> {
        let inner = &self.client.inner;
        let start = inner.timer.now();
        let mut pause = self.first;
        loop {
            if !pause.is_zero() {
                inner.timer.sleep(pause).await;
            }
            let reply = self.poll().await.map_err(|error| self.unresolved(error))?;
            let state: OperationState = reply.json().map_err(|error| self.unresolved(error))?;
            match state.status {
                OperationStatus::Succeeded => return Ok(reply),
                OperationStatus::Failed => return Err(self.failed(state.error, reply)),
                _ => {}
            }
            let elapsed = inner.timer.now().saturating_sub(start);
            pause =
                inner.pacing.next(elapsed, retry_after(&reply.headers)).ok_or_else(|| Error::OperationTimedOut {
                    operation_id: self.id.clone(),
                    waited: elapsed,
                    ambiguous: self.changes_something,
                })?;
        }
    }

    async fn poll(&self) -> Result<Reply, Error> {
        self.client.send(&routes::GET_OPERATION.call(&[&self.id])).await
    }

    fn failed(&self, error: Option<ErrorBody>, reply: Reply) -> Error {
        let url_template = reply.metadata.url_template;
        let error = error.unwrap_or_default();
        let error = error.into_api_error(reply.method, url_template, StatusCode::OK, &reply.headers);
        Error::OperationFailed { operation_id: self.id.clone(), error: Box::new(error) }
    }

    fn without_result(&self) -> Error {
        Error::OperationWithoutResult { operation_id: self.id.clone(), ambiguous: self.changes_something }
    }

    fn unresolved(&self, error: Error) -> Error {
        let (operation_id, ambiguous) = (self.id.clone(), self.changes_something);
        Error::OperationUnresolved { operation_id, ambiguous, source: Box::new(error) }
    }
}
