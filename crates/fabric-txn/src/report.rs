//! What became of a transaction, for its caller.

use serde::Serialize;

use crate::event::Left;
use crate::id::TransactionId;
use crate::state::{Phase, State, StepState};

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Which; none if it never began.
    pub transaction: Option<TransactionId>,
    /// How it ended.
    pub end: End,
    /// Why it was rolled back or stopped, where it was.
    pub reason: Option<String>,
    /// What is left behind, or not known. Empty unless the end is [`End::Stuck`].
    pub left: Vec<Left>,
    /// What became of each step, in the order in which they were registered.
    pub steps: Vec<StepState>,
}

/// How a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Every step is applied.
    Committed,
    /// No effect of any step is there: each was probed after it was undone.
    RolledBack,
    /// Something is left that needs a person.
    Stuck,
    /// Somebody took responsibility for what is left.
    Abandoned,
    /// It has not ended: it can be resumed, rolled back or abandoned.
    Unfinished,
}

impl Report {
    pub(crate) fn of(state: &State, reason: Option<String>) -> Self {
        let (end, left) = match &state.phase {
            Phase::Committed => (End::Committed, Vec::new()),
            Phase::NeverBegun | Phase::Voided | Phase::RolledBack => (End::RolledBack, Vec::new()),
            Phase::Stuck { left } => (End::Stuck, left.clone()),
            Phase::Abandoned { .. } => (End::Abandoned, Vec::new()),
            Phase::Open | Phase::RollingBack => (End::Unfinished, Vec::new()),
        };
        let reason = state.reason.clone().or(reason);
        Self { transaction: state.transaction, end, reason, left, steps: state.steps.clone() }
    }
}
