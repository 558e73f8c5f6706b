//! What is known about a transaction: a fold over its journal, and nothing else.

mod order;
mod step;
mod transition;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use crate::error::Illegal;
use crate::event::{Left, Record};
use crate::id::TransactionId;

pub use step::{BeforeImage, StepState, StepStatus};

/// What is known about a transaction.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct State {
    /// Its id; none if it never began.
    pub transaction: Option<TransactionId>,
    /// What its lease excludes others from.
    pub scope: String,
    /// Who works or worked on it last.
    pub holder: String,
    /// What the caller wanted to find again.
    pub meta: Value,
    /// How far it is.
    pub phase: Phase,
    /// Its steps, in the order in which they were registered.
    pub steps: Vec<StepState>,
    /// The fencing number of its last record.
    pub fence: u64,
    /// How many records it has.
    pub records: u64,
    /// When it began: milliseconds since 1970-01-01 UTC.
    pub begun_at_ms: u64,
    /// When its last record was written: milliseconds since 1970-01-01 UTC.
    pub changed_at_ms: u64,
    /// Whether all of its steps are known: only then can another process finish it.
    pub complete: bool,
    /// Why it was rolled back, if it was.
    pub reason: Option<String>,
    #[serde(skip)]
    index: HashMap<String, usize>,
}

/// How far a transaction is.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(tag = "is", content = "with", rename_all = "snake_case")]
pub enum Phase {
    /// It was announced and did nothing.
    #[default]
    NeverBegun,
    /// It was announced, did nothing and never will.
    Voided,
    /// Steps are being applied, or wait for that.
    Open,
    /// Steps are being undone, or wait for that.
    RollingBack,
    /// Every step was applied.
    Committed,
    /// No effect of any step is there.
    RolledBack,
    /// The roll-back ended, and something is left.
    Stuck {
        /// What.
        left: Vec<Left>,
    },
    /// Somebody took responsibility for what is left.
    Abandoned {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
}

impl Phase {
    /// Whether others may begin a transaction on the same scope.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Voided | Self::Committed | Self::RolledBack | Self::Abandoned { .. })
    }

    /// One word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NeverBegun | Self::Voided => "never begun",
            Self::Open => "open",
            Self::RollingBack => "rolling back",
            Self::Committed => "committed",
            Self::RolledBack => "rolled back",
            Self::Stuck { .. } => "stuck",
            Self::Abandoned { .. } => "abandoned",
        }
    }
}

impl State {
    /// What `records` say.
    ///
    /// # Errors
    /// A record may not follow those before it. Every prefix of a journal that this crate wrote folds.
    pub fn fold<'a>(records: impl IntoIterator<Item = &'a Record>) -> Result<Self, Illegal> {
        let mut state = Self::default();
        for record in records {
            state.apply(record)?;
        }
        Ok(state)
    }

    /// The step called `name`.
    pub fn step(&self, name: &str) -> Option<&StepState> {
        self.steps.get(*self.index.get(name)?)
    }

    pub(crate) fn names(&self) -> &HashMap<String, usize> {
        &self.index
    }
}
