//! What is known about one step.

use serde::Serialize;
use serde_json::Value;

use crate::digest::Digest;
use crate::event::{Failure, Reversibility};
use crate::graph::StepSpec;

/// What is known about one step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StepState {
    /// The step as it was registered.
    #[serde(flatten)]
    pub spec: StepSpec,
    /// How far it is.
    pub status: StepStatus,
    /// What can be undone about it; none before its first try.
    pub reversibility: Option<Reversibility>,
    /// How often it was tried.
    pub attempts: u32,
    /// How often it was tried to undo it.
    pub undo_attempts: u32,
    /// What `apply` returned, or the probe in its place.
    pub output: Value,
    /// What `undo` returned.
    pub undo_output: Value,
    /// What went wrong last.
    pub failure: Option<Failure>,
    /// What was there before, by name.
    pub before: Vec<BeforeImage>,
    /// What the step wanted to find again if it is interrupted.
    pub notes: Vec<Value>,
    /// When its first try began: milliseconds since 1970-01-01 UTC.
    pub started_at_ms: Option<u64>,
    /// When its status last changed: milliseconds since 1970-01-01 UTC.
    pub changed_at_ms: u64,
    /// The fencing number under which its status last changed.
    pub fence: u64,
    #[serde(skip)]
    pub(crate) needs: Vec<usize>,
    #[serde(skip)]
    pub(crate) needed_by: Vec<usize>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Nothing was done.
    Registered,
    /// It was about to have its effect; how that ended was not recorded.
    Started,
    /// The effect is there.
    Applied,
    /// It was tried, and there is no effect.
    NotApplied,
    /// It was tried, and nobody knows.
    Unknown,
    /// It was about to be undone; how that ended was not recorded.
    Undoing,
    /// The effect was there and is gone.
    Undone,
    /// The undo failed.
    UndoFailed,
    /// The undo was tried, and nobody knows.
    UndoUnknown,
}

impl StepStatus {
    /// Whether the journal leaves open if the effect is there.
    pub(crate) fn is_in_doubt(self) -> bool {
        matches!(self, Self::Started | Self::Unknown | Self::Undoing | Self::UndoFailed | Self::UndoUnknown)
    }

    /// Whether there is no effect.
    pub fn is_clear(self) -> bool {
        matches!(self, Self::Registered | Self::NotApplied | Self::Undone)
    }
}

/// Something that was saved before a step had its effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BeforeImage {
    /// What the step calls it.
    pub name: String,
    /// Where it is stored.
    pub digest: Digest,
    /// How long it is, in bytes.
    pub bytes: u64,
}

impl StepState {
    pub(crate) fn new(spec: StepSpec, at_ms: u64, fence: u64) -> Self {
        Self {
            spec,
            status: StepStatus::Registered,
            reversibility: None,
            attempts: 0,
            undo_attempts: 0,
            output: Value::Null,
            undo_output: Value::Null,
            failure: None,
            before: Vec::new(),
            notes: Vec::new(),
            started_at_ms: None,
            changed_at_ms: at_ms,
            fence,
            needs: Vec::new(),
            needed_by: Vec::new(),
        }
    }
}
