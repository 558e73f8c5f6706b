//! What a journal says: one record for everything that happened.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;
use crate::graph::StepSpec;
use crate::id::TransactionId;

/// The format that this version writes. A reader refuses what is newer, by name.
pub const FORMAT_VERSION: u32 = 1;

/// One entry of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its place in the journal, from 0, without gaps.
    pub seq: u64,
    /// The fencing number of the lease under which it was written.
    pub fence: u64,
    /// When it was written: milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A transaction began.
    Begun {
        /// Which.
        transaction: TransactionId,
        /// What its lease excludes others from.
        scope: String,
        /// Who began it.
        holder: String,
        /// What the caller wants to find again.
        meta: Value,
    },
    /// A transaction that was announced never began, and may not begin any more.
    Voided {
        /// Who found it.
        holder: String,
    },
    /// Another session goes on with the transaction.
    Claimed {
        /// Who.
        holder: String,
    },
    /// Steps were made known. Nothing of them was done yet.
    Registered {
        /// Which.
        steps: Vec<StepSpec>,
        /// Whether these are the last ones, so that another process knows what the whole is.
        complete: bool,
    },
    /// A step is about to have its effect.
    Intent {
        /// Which.
        step: String,
        /// Counts the tries, from 1.
        attempt: u32,
        /// What can be undone about it.
        reversibility: Reversibility,
    },
    /// What was there before the effect was saved.
    Saved {
        /// By which step.
        step: String,
        /// What the step calls it.
        name: String,
        /// Where it is stored.
        digest: Digest,
        /// How long it is, in bytes.
        bytes: u64,
    },
    /// Something a step wants to find again if it is interrupted, such as the id of a long-running operation.
    Noted {
        /// By which step.
        step: String,
        /// What.
        note: Value,
    },
    /// A step was tried.
    Outcome {
        /// Which.
        step: String,
        /// How it ended.
        outcome: Outcome,
    },
    /// It was looked up whether a step's effect is there.
    Probed {
        /// Which.
        step: String,
        /// What was found.
        finding: Finding,
    },
    /// From here on, steps are undone.
    RollbackStarted {
        /// Why.
        reason: String,
    },
    /// A step is about to be undone.
    UndoIntent {
        /// Which.
        step: String,
        /// Counts the tries, from 1.
        attempt: u32,
    },
    /// A step was undone, and its probe agrees.
    Undone {
        /// Which.
        step: String,
        /// What the undo has to say, such as a new id.
        output: Value,
    },
    /// A step could not be undone.
    UndoFailed {
        /// Which.
        step: String,
        /// Why.
        failure: Failure,
    },
    /// The end: every step was applied.
    Committed,
    /// The end: no effect of any step is there, by their probes.
    RolledBack,
    /// The end, for now: something is left.
    Stuck {
        /// What.
        left: Vec<Left>,
    },
    /// The end: somebody took responsibility for what is left.
    Abandoned {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
}

/// How an attempt to apply a step ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "with", rename_all = "snake_case")]
pub enum Outcome {
    /// The effect is there. The value is what later steps and the undo need, such as an id.
    Applied(Value),
    /// There is no effect.
    NotApplied(Failure),
    /// It is not known. The step's probe will be asked before anything that needs the answer.
    Unknown(Failure),
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "with", rename_all = "snake_case")]
pub enum Finding {
    /// The effect is there. The value is what `apply` would have returned.
    Applied(Value),
    /// The world is as it was before the step.
    NotApplied,
    /// It cannot be told.
    Unknown(Failure),
}

/// What can be undone about a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversibility {
    /// Everything.
    Reversible,
    /// Everything, but what comes back has another id.
    ReversibleWithNewId,
    /// Nothing.
    Irreversible,
}

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// In a sentence, without secrets.
    pub message: String,
    /// For programs: codes, request ids. `null` if there is none.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub detail: Value,
}

impl Failure {
    /// A failure with a message only.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), detail: Value::Null }
    }

    /// The same, with something for programs.
    #[must_use]
    pub fn with_detail(self, detail: Value) -> Self {
        Self { detail, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let told = cause.to_string();
            // Many errors tell their cause themselves.
            if !message.contains(&told) {
                message.push_str(": ");
                message.push_str(&told);
            }
            source = cause.source();
        }
        Self::new(message)
    }
}

/// Something that a rollback left behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Left {
    /// Of which step.
    pub step: String,
    /// Why.
    pub why: Why,
}

/// Why something was left behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "with", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// The step's effect cannot be undone at all.
    Irreversible,
    /// The undo failed.
    UndoFailed(Failure),
    /// Nobody can tell whether the effect is there.
    Unknown(Failure),
    /// A step that needs this one is still there.
    NeededBy(String),
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::Irreversible => write!(f, "{}: cannot be undone", self.step),
            Why::UndoFailed(failure) => write!(f, "{}: the undo failed: {failure}", self.step),
            Why::Unknown(failure) => write!(f, "{}: it is not known whether it is there: {failure}", self.step),
            Why::NeededBy(other) => write!(f, "{}: still needed by {other}", self.step),
        }
    }
}
