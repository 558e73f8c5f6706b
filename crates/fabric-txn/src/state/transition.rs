//! Which record may follow which, and what it changes.

use serde_json::Value;

use super::{Phase, State, StepState, StepStatus};
use crate::error::Illegal;
use crate::event::{Event, Failure, Finding, Left, Outcome, Record};
use crate::graph::{self, StepSpec};
use crate::state::step::BeforeImage;

impl State {
    /// Takes in one more record. Nothing is changed if it is not legal.
    ///
    /// # Errors
    /// The record may not follow those before it.
    pub(crate) fn apply(&mut self, record: &Record) -> Result<(), Illegal> {
        self.change(record).map_err(|why| Illegal { seq: record.seq, why })?;
        self.fence = record.fence;
        self.records = record.seq + 1;
        self.changed_at_ms = record.at_ms;
        Ok(())
    }

    fn change(&mut self, record: &Record) -> Result<(), String> {
        if record.seq != self.records {
            return Err(format!("it should be record {}", self.records));
        }
        let may_move = matches!(record.event, Event::Claimed { .. }) || self.records == 0;
        if record.fence < self.fence || (record.fence > self.fence && !may_move) {
            return Err(format!("fencing number {} after {}", record.fence, self.fence));
        }
        match &record.event {
            Event::Begun { transaction, scope, holder, meta } => {
                require(self.records == 0, "only the first record begins a transaction")?;
                self.transaction = Some(*transaction);
                self.scope.clone_from(scope);
                self.holder.clone_from(holder);
                self.meta = meta.clone();
                self.begun_at_ms = record.at_ms;
                self.phase = Phase::Open;
                Ok(())
            }
            Event::Voided { holder } => {
                require(self.records == 0, "only what never began is void")?;
                self.holder.clone_from(holder);
                self.phase = Phase::Voided;
                Ok(())
            }
            Event::Claimed { holder } => {
                let over = matches!(self.phase, Phase::RolledBack | Phase::Abandoned { .. });
                require(self.transaction.is_some() && !over, "nothing goes on after the end")?;
                self.holder.clone_from(holder);
                Ok(())
            }
            Event::Registered { steps, complete } => {
                require(!self.complete, "all steps were registered before")?;
                self.register(steps, record)?;
                self.complete = *complete;
                Ok(())
            }
            Event::Committed => {
                self.require_phase(&Phase::Open)?;
                let all = self.steps.iter().all(|step| step.status == StepStatus::Applied);
                require(all, "a step is not applied")?;
                self.phase = Phase::Committed;
                Ok(())
            }
            Event::RollbackStarted { reason } => {
                let can = matches!(self.phase, Phase::Open | Phase::Committed | Phase::Stuck { .. });
                require(can, "there is nothing to roll back")?;
                self.reason = Some(reason.clone());
                self.phase = Phase::RollingBack;
                Ok(())
            }
            Event::RolledBack => {
                self.require_phase(&Phase::RollingBack)?;
                require(self.steps.iter().all(|step| step.status.is_clear()), "a step is not undone")?;
                self.phase = Phase::RolledBack;
                Ok(())
            }
            Event::Stuck { left } => self.stick(left),
            Event::Abandoned { by, reason } => {
                let can = matches!(self.phase, Phase::Open | Phase::RollingBack | Phase::Stuck { .. });
                require(can, "there is nothing to abandon")?;
                self.phase = Phase::Abandoned { by: by.clone(), reason: reason.clone() };
                Ok(())
            }
            Event::Intent { step, attempt, reversibility } => {
                self.require_phase(&Phase::Open)?;
                let needs_met =
                    |needed: &usize| self.steps.get(*needed).is_some_and(|needed| needed.status == StepStatus::Applied);
                let ready = self.step(step).is_some_and(|step| step.needs.iter().all(needs_met));
                require(ready, "a step starts only when all that it needs is applied")?;
                let step = self.step_in(step, &[StepStatus::Registered, StepStatus::NotApplied])?;
                require(*attempt == step.attempts + 1, "attempts are counted one by one")?;
                step.attempts = *attempt;
                step.reversibility = Some(*reversibility);
                step.started_at_ms.get_or_insert(record.at_ms);
                step.set(StepStatus::Started, record);
                Ok(())
            }
            Event::Saved { step, name, digest, bytes } => {
                let step = self.step_in(step, &[StepStatus::Started, StepStatus::Undoing])?;
                step.before.retain(|image| image.name != *name);
                step.before.push(BeforeImage { name: name.clone(), digest: digest.clone(), bytes: *bytes });
                Ok(())
            }
            Event::Noted { step, note } => {
                self.step_in(step, &[StepStatus::Started, StepStatus::Undoing])?.notes.push(note.clone());
                Ok(())
            }
            Event::Outcome { step, outcome } => {
                let step = self.step_in(step, &[StepStatus::Started])?;
                step.settle(outcome, record);
                Ok(())
            }
            Event::Probed { step, finding } => self.probed(step, finding, record),
            Event::UndoIntent { step, attempt } => {
                self.require_phase(&Phase::RollingBack)?;
                let index = self.names().get(step).copied();
                require(index.is_some_and(|index| self.may_undo(index)), "something that needs it is still there")?;
                let step = self.step_in(step, &[StepStatus::Applied, StepStatus::UndoFailed])?;
                require(*attempt == step.undo_attempts + 1, "attempts are counted one by one")?;
                step.undo_attempts = *attempt;
                step.set(StepStatus::Undoing, record);
                Ok(())
            }
            Event::Undone { step, output } => {
                let step = self.step_in(step, &[StepStatus::Undoing])?;
                step.undo_output = output.clone();
                step.set(StepStatus::Undone, record);
                Ok(())
            }
            Event::UndoFailed { step, failure } => {
                let step = self.step_in(step, &[StepStatus::Undoing])?;
                step.failure = Some(failure.clone());
                step.set(StepStatus::UndoFailed, record);
                Ok(())
            }
        }
    }

    fn register(&mut self, specs: &[StepSpec], record: &Record) -> Result<(), String> {
        self.require_phase(&Phase::Open)?;
        graph::check(&self.index, specs).map_err(|error| error.to_string())?;
        for spec in specs {
            self.index.insert(spec.name.clone(), self.steps.len());
            self.steps.push(StepState::new(spec.clone(), record.at_ms, record.fence));
        }
        let first = self.steps.len() - specs.len();
        for index in first..self.steps.len() {
            let Some(step) = self.steps.get_mut(index) else { continue };
            let mut needs: Vec<usize> =
                step.spec.after.iter().filter_map(|name| self.index.get(name).copied()).collect();
            needs.sort_unstable();
            needs.dedup();
            step.needs.clone_from(&needs);
            for needed in needs {
                if let Some(needed) = self.steps.get_mut(needed) {
                    needed.needed_by.push(index);
                }
            }
        }
        Ok(())
    }

    fn stick(&mut self, left: &[Left]) -> Result<(), String> {
        self.require_phase(&Phase::RollingBack)?;
        require(!left.is_empty(), "nothing is left")?;
        self.phase = Phase::Stuck { left: left.to_vec() };
        Ok(())
    }

    fn probed(&mut self, name: &str, finding: &Finding, record: &Record) -> Result<(), String> {
        let rolling_back = match self.phase {
            Phase::Open => false,
            Phase::RollingBack => true,
            _ => return Err(format!("the transaction is {}", self.phase.name())),
        };
        let index = self.index.get(name).ok_or_else(|| format!("there is no step {name}"))?;
        let Some(step) = self.steps.get_mut(*index) else { return Err(format!("there is no step {name}")) };
        let was_undone = match step.status {
            StepStatus::Registered | StepStatus::Undone => return Err(format!("{name} has no effect to look for")),
            StepStatus::Applied => rolling_back,
            StepStatus::Undoing | StepStatus::UndoFailed | StepStatus::UndoUnknown => true,
            StepStatus::Started | StepStatus::NotApplied | StepStatus::Unknown => false,
        };
        match finding {
            Finding::Applied(output) => {
                // What `apply` itself returned counts more than what the probe can find out later.
                if !rolling_back || step.output.is_null() {
                    step.keep(output);
                }
                step.set(StepStatus::Applied, record);
            }
            Finding::NotApplied if was_undone => step.set(StepStatus::Undone, record),
            Finding::NotApplied => {
                if step.status == StepStatus::Applied {
                    step.failure = Some(Failure::new("the effect was not found when it was looked up again"));
                }
                step.set(StepStatus::NotApplied, record);
            }
            Finding::Unknown(failure) => {
                step.failure = Some(failure.clone());
                step.set(if was_undone { StepStatus::UndoUnknown } else { StepStatus::Unknown }, record);
            }
        }
        Ok(())
    }

    fn require_phase(&self, phase: &Phase) -> Result<(), String> {
        require(self.phase == *phase, &format!("the transaction is {}, not {}", self.phase.name(), phase.name()))
    }

    fn step_in(&mut self, name: &str, allowed: &[StepStatus]) -> Result<&mut StepState, String> {
        let going_on = matches!(self.phase, Phase::Open | Phase::RollingBack);
        require(going_on, &format!("the transaction is {}", self.phase.name()))?;
        let index = self.index.get(name).copied();
        let step =
            index.and_then(|index| self.steps.get_mut(index)).ok_or_else(|| format!("there is no step {name}"))?;
        require(allowed.contains(&step.status), &format!("{name} is {:?}", step.status))?;
        Ok(step)
    }
}

impl StepState {
    fn set(&mut self, status: StepStatus, record: &Record) {
        self.status = status;
        self.changed_at_ms = record.at_ms;
        self.fence = record.fence;
    }

    fn keep(&mut self, output: &Value) {
        if !output.is_null() {
            self.output = output.clone();
        }
    }

    fn settle(&mut self, outcome: &Outcome, record: &Record) {
        match outcome {
            Outcome::Applied(output) => {
                self.keep(output);
                self.failure = None;
                self.set(StepStatus::Applied, record);
            }
            Outcome::NotApplied(failure) => {
                self.failure = Some(failure.clone());
                self.set(StepStatus::NotApplied, record);
            }
            Outcome::Unknown(failure) => {
                self.failure = Some(failure.clone());
                self.set(StepStatus::Unknown, record);
            }
        }
    }
}

fn require(condition: bool, why: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(why.to_owned()) }
}
