//! A request and its answer without a connection between them.

use bytes::Bytes;
use http::Response;
use thiserror::Error;

use super::{AnswerBody, Shared, carry_out, render};
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
    match carry_out(shared, &request).await {
        Fate::Answered(answered) => Ok(render::answer(&answered, &request.origin).map(AnswerBody::arriving)),
        Fate::Truncated(answered) => {
            let broken = render::answer(&answered, &request.origin).map(|body| body.truncated().arriving());
            Err(BrokenExchange::Truncated(Box::new(broken)))
        }
        Fate::Lost => Err(BrokenExchange::Closed),
        Fate::Reset => Err(BrokenExchange::Reset),
    }
}
