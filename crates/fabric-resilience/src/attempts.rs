//! The record of every attempt at one call.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::classify::Verdict;

/// One attempt, once it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How long the call waited before it.
    pub waited: Duration,
    /// How long it took, its waits in inner layers included.
    pub took: Duration,
    /// What it meant.
    pub verdict: Verdict,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Whether an open circuit breaker turned it away: then nothing was sent.
    pub turned_away: bool,
    /// The server's name for this attempt, if the layer was told which header carries it.
    pub request_id: Option<String>,
}

/// Why there was no further attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// It succeeded.
    Success,
    /// It failed for good.
    Permanent,
    /// It may have taken effect, and must not take effect twice.
    UnknownOutcome,
    /// It was throttled, and must not take effect twice: a throttled call may have taken effect.
    ThrottledAmbiguous,
    /// Its body is a stream that can be sent only once.
    BodyNotRepeatable,
    /// Every retry that the schedule allows was made.
    NoRetriesLeft,
    /// The client's retry budget is spent.
    BudgetSpent,
    /// The circuit breaker is open, and the layer was told not to wait for it.
    BreakerOpen,
    /// The next attempt could only start after the deadline.
    WaitPastDeadline {
        /// The wait that would have been needed.
        needed: Duration,
        /// The time that was left.
        left: Duration,
    },
}

/// Every attempt at one call, oldest first. Clones share one record: a layer outside the retries can read it although
/// the call was cut off.
#[derive(Debug, Clone, Default)]
pub struct AttemptLog {
    shared: Arc<Mutex<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    ended: Vec<Attempt>,
    in_flight: bool,
    stop: Option<Stop>,
}

impl AttemptLog {
    /// The attempts that have ended.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.lock().ended.clone()
    }

    /// How many attempts have begun.
    #[must_use]
    pub fn len(&self) -> usize {
        let record = self.lock();
        record.ended.len() + usize::from(record.in_flight)
    }

    /// How many attempts were sent, or are being: those that a circuit breaker turned away were not.
    #[must_use]
    pub fn sent(&self) -> usize {
        let record = self.lock();
        record.ended.iter().filter(|attempt| !attempt.turned_away).count() + usize::from(record.in_flight)
    }

    /// Whether no attempt has begun.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an attempt has begun and has not ended.
    #[must_use]
    pub fn in_flight(&self) -> bool {
        self.lock().in_flight
    }

    /// Why there was no further attempt; `None` while the call goes on, or if it was cut off.
    #[must_use]
    pub fn stop(&self) -> Option<Stop> {
        self.lock().stop
    }

    /// Whether it is the first attempt that begins.
    pub(crate) fn begin(&self) -> bool {
        let mut record = self.lock();
        record.in_flight = true;
        record.ended.is_empty()
    }

    pub(crate) fn end(&self, attempt: Attempt) {
        let mut record = self.lock();
        record.in_flight = false;
        record.ended.push(attempt);
    }

    pub(crate) fn finish(&self, stop: Stop) {
        self.lock().stop = Some(stop);
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for AttemptLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.lock();
        for (index, attempt) in record.ended.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}attempt {}", index + 1)?;
            if !attempt.waited.is_zero() {
                write!(f, " after {:.1?}", attempt.waited)?;
            }
            match attempt.status {
                Some(status) => write!(f, ": status {status}")?,
                None if attempt.turned_away => write!(f, ": turned away by the circuit breaker")?,
                None => write!(f, ": no answer")?,
            }
            if let Some(id) = &attempt.request_id {
                write!(f, ", request {id}")?;
            }
        }
        if record.in_flight {
            write!(f, "; attempt {}: cut off", record.ended.len() + 1)?;
        }
        match record.stop {
            Some(stop) => write!(f, "; {stop}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("succeeded"),
            Self::Permanent => f.write_str("not retried: it would fail again"),
            Self::UnknownOutcome => f.write_str("not retried: it may have taken effect"),
            Self::ThrottledAmbiguous => f.write_str("not retried: throttled, and it may have taken effect"),
            Self::BodyNotRepeatable => f.write_str("not retried: its body can be sent only once"),
            Self::NoRetriesLeft => f.write_str("no retries left"),
            Self::BudgetSpent => f.write_str("not retried: the client's retry budget is spent"),
            Self::BreakerOpen => f.write_str("not retried: the circuit breaker is open"),
            Self::WaitPastDeadline { needed, left } => {
                write!(f, "not retried: it would need to wait {needed:.1?}, and {left:.1?} are left")
            }
        }
    }
}
