//! A call that the server may answer at once or carry out as a long-running operation.

use std::future::IntoFuture;
use std::marker::PhantomData;

use futures::future::BoxFuture;
use http::StatusCode;

use crate::call::Call;
use crate::client::Client;
use crate::error::Error;
use crate::operation::{Operation, OperationHandle, OperationId};

/// What a long-running operation can give. Sealed: the results are those of the client's own calls.
pub trait OperationResult: Sized + Send + 'static + sealed::Read {}

pub(crate) mod sealed {
    pub trait Read: Sized {
        /// Whether the result is fetched when the operation has succeeded.
        const IS_FETCHED: bool;

        /// Reads the result from an answer's body, which is empty where it was not fetched.
        fn read(body: &[u8]) -> serde_json::Result<Self>;
    }
}

impl OperationResult for () {}

/// Some operations without a result have one on the wire (updating a definition gives the item): it is not fetched.
impl sealed::Read for () {
    const IS_FETCHED: bool = false;

    fn read(_: &[u8]) -> serde_json::Result<Self> {
        Ok(())
    }
}

/// Makes a type whose JSON is the answer's whole body an [`OperationResult`].
macro_rules! result_is_body {
    ($($result:ty),*) => {$(
        impl $crate::submission::OperationResult for $result {}

        impl $crate::submission::sealed::Read for $result {
            const IS_FETCHED: bool = true;

            fn read(body: &[u8]) -> serde_json::Result<Self> {
                serde_json::from_slice(body)
            }
        }
    )*};
}
pub(crate) use result_is_body;

/// A call that is ready to be sent.
///
/// Awaiting it sends it, follows the long-running operation if there is one, and gives the result. To know the
/// operation's id before waiting, call [`start`](Self::start).
#[must_use = "nothing is sent until it is awaited or started"]
#[derive(Debug)]
pub struct Submission<T> {
    client: Client,
    call: Call,
    result: PhantomData<fn() -> T>,
}

/// A call that was sent.
#[derive(Debug)]
pub enum Started<T> {
    /// The server answered at once.
    Ready(T),
    /// The server carries it out as a long-running operation.
    Running(Operation<T>),
}

impl<T: OperationResult> Submission<T> {
    pub(crate) fn new(client: Client, call: Call) -> Self {
        Self { client, call, result: PhantomData }
    }

    /// Sends the call.
    ///
    /// # Errors
    /// Any [`Error`] but those of operations. Nothing is sent again here.
    pub async fn start(self) -> Result<Started<T>, Error> {
        let reply = self.client.send(&self.call).await?;
        if reply.status != StatusCode::ACCEPTED {
            return reply.result().map(Started::Ready);
        }
        let Some(id) = OperationId::from_reply(&reply) else {
            return Err(reply.undecodable("it is 202 without the id of an operation"));
        };
        let handle = OperationHandle::started(self.client, id, self.call.metadata.safety);
        Ok(Started::Running(Operation::new(handle)))
    }
}

impl<T: OperationResult> Started<T> {
    /// The result, after waiting for the operation if there is one.
    ///
    /// # Errors
    /// Those of [`Operation::wait`].
    pub async fn wait(self) -> Result<T, Error> {
        match self {
            Self::Ready(result) => Ok(result),
            Self::Running(operation) => operation.wait().await,
        }
    }
}

impl<T: OperationResult> IntoFuture for Submission<T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.start().await?.wait().await })
    }
}
