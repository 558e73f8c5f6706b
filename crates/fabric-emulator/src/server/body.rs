//! The body of an answer: whole, or broken off half-way.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use thiserror::Error;

/// Bytes that are sent at once; after them, where the answer shall be truncated, the connection breaks.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    rest: Bytes,
    promised: u64,
    breaks: bool,
}

/// The answer ends before the length it promised.
#[derive(Debug, Error)]
#[error("the answer is truncated")]
pub(crate) struct Truncated;

impl AnswerBody {
    pub(crate) fn whole(content: Bytes) -> Self {
        Self { promised: content.len() as u64, rest: content, breaks: false }
    }

    /// Only the first half arrives, though the whole length is promised.
    pub(crate) fn truncated(self) -> Self {
        let half = self.rest.len() / 2;
        // An empty body cannot break off: it promises a byte that never comes.
        Self { promised: self.promised.max(1), rest: self.rest.slice(..half), breaks: true }
    }
}

impl AnswerBody {
    /// What of it arrives.
    pub(super) fn arriving(self) -> Bytes {
        self.rest
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Truncated;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Truncated>>> {
        if !self.rest.is_empty() {
            let content = std::mem::take(&mut self.rest);
            if !self.breaks {
                self.promised = 0;
            }
            return Poll::Ready(Some(Ok(Frame::data(content))));
        }
        if self.breaks {
            return Poll::Ready(Some(Err(Truncated)));
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && !self.breaks
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
