//! Runs work on many steps at a time, until there is none or it has to stop.

use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::ExecuteOptions;
use crate::error::Error;
use crate::journal::Journal;
use crate::state::State;

/// How the work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Driven {
    /// Nothing is in flight.
    Finished,
    /// It was dropped in flight, on request.
    Interrupted,
}

/// Whether to start more after a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    GoOn,
    Halt,
}

/// Which requests to stop count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stops {
    /// The first ends it gently.
    First,
    /// Only the second: a roll-back goes on after the first.
    Second,
}

/// Runs `work` on every step that is or becomes `ready`, once each, a limited number at a time. The lease is kept alive
/// meanwhile; if it is lost, nothing more is started.
pub(super) async fn drive<W>(
    journal: &Journal,
    options: &ExecuteOptions,
    stops: Stops,
    ready: impl Fn(&State) -> Vec<usize>,
    work: impl Fn(usize) -> W,
) -> Result<Driven, Error>
where
    W: Future<Output = Result<Flow, Error>>,
{
    let mut started = HashSet::new();
    let mut in_flight = FuturesUnordered::new();
    let mut halted = false;
    let mut failed = None;
    let mut leased = true;
    let mut lost = pin!(journal.lease().keep_alive());
    let mut requested = pin!(options.stop.requested());
    let mut urgent = pin!(options.stop.urgent());
    loop {
        if options.stop.is_urgent() {
            return Ok(Driven::Interrupted);
        }
        halted |= stops == Stops::First && options.stop.is_requested();
        if !halted {
            for index in journal.state(&ready) {
                if in_flight.len() >= options.concurrency.max(1) {
                    break;
                }
                if started.insert(index) {
                    in_flight.push(work(index));
                }
            }
        }
        if in_flight.is_empty() {
            return failed.map_or(Ok(Driven::Finished), Err);
        }
        tokio::select! {
            biased;
            () = &mut urgent => return Ok(Driven::Interrupted),
            error = &mut lost, if leased => {
                leased = false;
                halted = true;
                failed.get_or_insert(error);
            }
            () = &mut requested, if stops == Stops::First && !halted => halted = true,
            Some(done) = in_flight.next() => match done {
                Ok(Flow::GoOn) => {}
                Ok(Flow::Halt) => halted = true,
                Err(error) => {
                    halted = true;
                    failed.get_or_insert(error);
                }
            },
        }
    }
}
