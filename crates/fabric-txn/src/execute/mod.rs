//! Carries out a transaction's steps, forwards and backwards.

mod backward;
mod drive;
mod forward;
mod survey;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::context::StepContext;
use crate::error::Error;
use crate::event::{Event, Finding, Reversibility};
use crate::graph::StepSpec;
use crate::journal::{Journal, Observer};
use crate::state::{StepState, StepStatus};
use crate::step::{Registry, Step};
use crate::stop::Stop;

pub(crate) use backward::backward;
pub(crate) use forward::{commit, forward, one};
pub(crate) use survey::survey;

/// How a transaction is carried out.
#[derive(Clone)]
pub struct ExecuteOptions {
    /// How many steps may be under way at a time; at least one is.
    pub concurrency: usize,
    /// What to do when a step fails or a stop is requested.
    pub on_failure: OnFailure,
    /// How often a step is tried whose outcome was unknown and whose probe then found no effect. A step that says itself
    /// that it was not applied is not tried again.
    pub attempts: u32,
    /// How often it is tried to undo a step.
    pub undo_attempts: u32,
    /// How long to wait before the second try of an undo; doubled before each further one.
    pub undo_wait: Duration,
    /// Whether every step is probed before the commit. Turn it off only if the caller reads everything again itself.
    pub verify: bool,
    /// Whether steps that cannot be undone may come before others that can. Otherwise they start when all others are
    /// applied, so that a failure before still finds everything reversible.
    pub irreversible_anywhere: bool,
    /// Who may ask to stop.
    pub stop: Stop,
    /// Who is told of every record once it is durable.
    pub observer: Option<Arc<dyn Observer>>,
}

impl Default for ExecuteOptions {
    fn default() -> Self {
        Self {
            concurrency: 16,
            on_failure: OnFailure::Rollback,
            attempts: 3,
            undo_attempts: 3,
            undo_wait: Duration::from_secs(1),
            verify: true,
            irreversible_anywhere: false,
            stop: Stop::new(),
            observer: None,
        }
    }
}

impl fmt::Debug for ExecuteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecuteOptions")
            .field("concurrency", &self.concurrency)
            .field("on_failure", &self.on_failure)
            .field("attempts", &self.attempts)
            .field("undo_attempts", &self.undo_attempts)
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

/// What to do when a step fails or a stop is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Undo what was done.
    #[default]
    Rollback,
    /// Leave it: the transaction can be resumed or rolled back.
    Keep,
}

/// Finds out, before anything happens, what could not be carried out.
pub(crate) fn check<'a>(
    steps: impl Iterator<Item = &'a StepSpec> + Clone,
    registry: &Registry,
    options: &ExecuteOptions,
) -> Result<(), Error> {
    let mut irreversible = std::collections::HashSet::new();
    for step in steps.clone() {
        if reversibility(registry, step)? == Reversibility::Irreversible {
            irreversible.insert(step.name.as_str());
        }
    }
    if options.irreversible_anywhere {
        return Ok(());
    }
    for step in steps.filter(|step| !irreversible.contains(step.name.as_str())) {
        if let Some(earlier) = step.after.iter().find(|name| irreversible.contains(name.as_str())) {
            return Err(Error::IrreversibleNotLast { step: earlier.clone(), needed_by: step.name.clone() });
        }
    }
    Ok(())
}

/// Says, before it is recorded, that what was done is being undone.
pub(crate) fn rolling_back(reason: &str) {
    tracing::warn!(name: "transaction.rollback", reason, "rolling back");
}

fn reversibility(registry: &Registry, step: &StepSpec) -> Result<Reversibility, Error> {
    Ok(registry.get(&step.name, &step.kind)?.reversibility(&step.payload))
}

/// A step with what it takes to run it.
struct Running<'a> {
    journal: &'a Journal,
    step: &'a dyn Step,
    context: StepContext<'a>,
    state: StepState,
}

impl<'a> Running<'a> {
    fn find(journal: &'a Journal, registry: &'a Registry, index: usize) -> Result<Self, Error> {
        let state = journal.state(|state| state.steps.get(index).cloned());
        let state = state.ok_or_else(|| Error::UnknownStep(format!("number {index}")))?;
        let step = registry.get(&state.spec.name, &state.spec.kind)?;
        Ok(Self { journal, step, context: StepContext::new(journal, &state), state })
    }

    fn name(&self) -> String {
        self.state.spec.name.clone()
    }

    /// Writes into a span whether the step ended as `wanted`.
    fn tell(&self, span: &tracing::Span, wanted: fn(StepStatus) -> bool) {
        let name = &self.state.spec.name;
        let ended = self.journal.state(|state| {
            let step = state.steps.iter().find(|step| step.spec.name == *name)?;
            Some((step.status, step.failure.as_ref().map(ToString::to_string)))
        });
        match ended {
            Some((status, _)) if wanted(status) => {
                span.record("result", "success");
            }
            Some((status, failure)) => {
                span.record("result", if status.is_in_doubt() { "error" } else { "failure" });
                span.record("error_type", tracing::field::debug(status));
                span.record("error", failure);
            }
            None => {}
        }
    }

    async fn record(&self, event: Event) -> Result<(), Error> {
        self.journal.append(event).await
    }

    /// Asks the probe and records what it found.
    async fn probe(&self) -> Result<Finding, Error> {
        let finding = self.step.probe(&self.context).await;
        tracing::debug!(step = self.state.spec.name, ?finding, "probed");
        self.record(Event::Probed { step: self.name(), finding: finding.clone() }).await?;
        Ok(finding)
    }
}
