//! What may be done next, forwards and backwards.

use super::{State, StepStatus};
use crate::event::{Failure, Left, Reversibility, Why};

impl State {
    /// The steps that may be applied now.
    pub(crate) fn ready(&self) -> Vec<usize> {
        let applied = |index: &usize| self.steps.get(*index).is_some_and(|step| step.status == StepStatus::Applied);
        let waits = |status| matches!(status, StepStatus::Registered | StepStatus::NotApplied);
        let steps = self.steps.iter().enumerate();
        steps.filter(|(_, step)| waits(step.status) && step.needs.iter().all(applied)).map(|(index, _)| index).collect()
    }

    /// Whether a step could be undone without taking something away from a step that is still there.
    pub(crate) fn may_undo(&self, index: usize) -> bool {
        self.held().get(index) == Some(&false)
    }

    /// The steps whose effect is there and that nothing needs any more.
    pub(crate) fn ready_to_undo(&self) -> Vec<usize> {
        let steps = self.steps.iter().zip(self.held()).enumerate();
        let ready = steps.filter(|(_, (step, held))| step.status == StepStatus::Applied && !held);
        ready.map(|(index, _)| index).collect()
    }

    /// For each step, whether one that needs it, directly or through others, may still be there.
    fn held(&self) -> Vec<bool> {
        let mut held = vec![false; self.steps.len()];
        let there = self.steps.iter().filter(|step| !step.status.is_clear());
        let mut below: Vec<usize> = there.flat_map(|step| step.needs.iter().copied()).collect();
        while let Some(next) = below.pop() {
            if let Some(seen) = held.get_mut(next).filter(|seen| !**seen) {
                *seen = true;
                below.extend(self.steps.get(next).map(|step| step.needs.as_slice()).unwrap_or_default());
            }
        }
        held
    }

    /// What a roll-back that can do no more leaves behind, later steps first.
    pub(crate) fn left(&self) -> Vec<Left> {
        let left = self.steps.iter().enumerate().rev().filter(|(_, step)| !step.status.is_clear());
        left.map(|(index, step)| {
            let failure = || step.failure.clone().unwrap_or_else(|| Failure::new("no reason was recorded"));
            let why = match step.status {
                StepStatus::UndoFailed => Why::UndoFailed(failure()),
                StepStatus::Applied => match self.holds(index) {
                    Some(other) => Why::NeededBy(other),
                    None if step.reversibility == Some(Reversibility::Irreversible) => Why::Irreversible,
                    None => Why::UndoFailed(failure()),
                },
                _ => Why::Unknown(failure()),
            };
            Left { step: step.spec.name.clone(), why }
        })
        .collect()
    }

    fn holds(&self, index: usize) -> Option<String> {
        let needed_by = self.steps.get(index)?.needed_by.iter().filter_map(|other| self.steps.get(*other));
        needed_by.filter(|other| !other.status.is_clear()).map(|other| other.spec.name.clone()).next()
    }
}
