//! A request and its answer without a connection between them.

use bytes::Bytes;
use http::Response;
use thiserror::Error;

use super::{AnswerBody, Shared, carry_out};
use crate::services::Service;
use crate::state::{Fate, Request};

/// How an exchange ended short of a whole answer.
#[derive(Debug, Error)]
pub enum BrokenExchange {
    /// The connection would have closed without an answer.
    #[error("the connection closed without an answer")]
    Closed,
    /// The connection would have been reset without an answer.
    #[error("the connection was reset")]
    Reset,
    /// Only this part of the answer would have arrived.
    #[error("the answer is truncated")]
    Truncated(Box<Response<Bytes>>),
}

pub(crate) async fn exchange(
    shared: &Shared,
    service: Service,
    request: http::Request<Bytes>,
    origin: String,
) -> Result<Response<Bytes>, BrokenExchange> {
    let (head, body) = request.into_parts();
    let request = Request {
        origin,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        method: head.method,
        headers: head.headers,
        body,
    };
    match carry_out(shared, service, &request).await {
        Fate::Answered(answer) => Ok(answer.map(AnswerBody::arriving)),
        Fate::Truncated(answer) => {
            let broken = answer.map(|body| body.truncated().arriving());
            Err(BrokenExchange::Truncated(Box::new(broken)))
        }
        Fate::Lost => Err(BrokenExchange::Closed),
        Fate::Reset => Err(BrokenExchange::Reset),
    }
}
