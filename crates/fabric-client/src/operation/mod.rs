//! Long-running operations: followed at the client's own endpoint, whatever host the server names.

mod state;

use std::marker::PhantomData;
use std::time::Duration;

use http::StatusCode;

pub use state::{OperationId, OperationState, OperationStatus};

use crate::call::Safety;
use crate::client::Client;
use crate::error::{Error, ErrorBody, retry_after};
use crate::routes;
use crate::submission::OperationResult;
use crate::transport::Reply;

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
