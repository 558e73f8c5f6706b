//! Applies steps until all are applied or one is not.

use tracing::Instrument;
use tracing::field::Empty;

use super::drive::{Driven, Flow, Stops, drive};
use super::{ExecuteOptions, OnFailure, Running, backward, check, reversibility, rolling_back};
use crate::error::Error;
use crate::event::{Event, Finding, Outcome, Reversibility};
use crate::journal::Journal;
use crate::report::Report;
use crate::state::{State, StepStatus};
use crate::step::Registry;

/// Finds out about steps in doubt, applies the others, and ends the transaction as the options say.
pub(crate) async fn forward(journal: &Journal, registry: &Registry, options: &ExecuteOptions) -> Result<Report, Error> {
    let specs: Vec<_> = journal.state(|state| state.steps.iter().map(|step| step.spec.clone()).collect());
    check(specs.iter(), registry, options)?;
    journal.observe(options.observer.clone());
    let mut irreversible = vec![false; specs.len()];
    for (is_irreversible, spec) in irreversible.iter_mut().zip(&specs) {
        *is_irreversible = reversibility(registry, spec)? == Reversibility::Irreversible;
    }
    let probe = |index| probe(journal, registry, index);
    let apply = |index| apply(journal, registry, options, index);
    let ready = |state: &State| ready(state, &irreversible, options);
    let applied = |state: &State| if all_applied(state) { indexes(state, |_| true) } else { Vec::new() };

    let mut driven = drive(journal, options, Stops::First, in_doubt, probe).await?;
    if driven == Driven::Finished && journal.state(in_doubt).is_empty() {
        driven = drive(journal, options, Stops::First, ready, apply).await?;
    }
    if driven == Driven::Finished && options.verify && journal.state(all_applied) {
        driven = drive(journal, options, Stops::First, applied, probe).await?;
    }
    let stopped = options.stop.is_requested();
    match driven {
        Driven::Finished if journal.state(all_applied) && !stopped => {
            commit(journal).await?;
            Ok(journal.state(|state| Report::of(state, None)))
        }
        Driven::Finished if options.on_failure == OnFailure::Rollback => {
            let reason = journal.state(|state| reason(state, stopped));
            rolling_back(&reason);
            journal.append(Event::RollbackStarted { reason }).await?;
            backward(journal, registry, options).await
        }
        Driven::Finished | Driven::Interrupted => {
            Ok(journal.state(|state| Report::of(state, Some(reason(state, stopped)))))
        }
    }
}

/// Ends the transaction, if every step is applied.
pub(crate) async fn commit(journal: &Journal) -> Result<(), Error> {
    journal.state(|state| match state.steps.iter().find(|step| step.status != StepStatus::Applied) {
        None => Ok(()),
        Some(step) => {
            let why = step.failure.as_ref().map(ToString::to_string);
            Err(Error::NotApplied { step: step.spec.name.clone(), why })
        }
    })?;
    journal.append(Event::Committed).await
}

/// Applies the step called `name`.
pub(crate) async fn one(
    journal: &Journal,
    registry: &Registry,
    name: &str,
    options: &ExecuteOptions,
) -> Result<(), Error> {
    let index = journal.state(|state| state.names().get(name).copied());
    let index = index.ok_or_else(|| Error::UnknownStep(name.to_owned()))?;
    // Driving a single step keeps the lease alive while it runs.
    let only = |state: &State| state.ready().into_iter().filter(|ready| *ready == index).collect();
    drive(journal, options, Stops::First, only, |index| apply(journal, registry, options, index)).await.map(|_| ())
}

async fn apply(journal: &Journal, registry: &Registry, options: &ExecuteOptions, index: usize) -> Result<Flow, Error> {
    let running = Running::find(journal, registry, index)?;
    let span = tracing::info_span!(
        "apply",
        step = running.state.spec.name,
        kind = running.state.spec.kind,
        result = Empty,
        error_type = Empty,
        error = Empty,
    );
    let outcome = attempts(&running, options).instrument(span.clone()).await;
    running.tell(&span, |status| status == StepStatus::Applied);
    outcome
}

async fn attempts(running: &Running<'_>, options: &ExecuteOptions) -> Result<Flow, Error> {
    let reversibility = running.step.reversibility(&running.state.spec.payload);
    for attempt in 1..=options.attempts.max(1) {
        let attempt = running.state.attempts + attempt;
        running.journal.lease().ensure().await?;
        running.record(Event::Intent { step: running.name(), attempt, reversibility }).await?;
        // Between the intent and here the process may have been suspended for hours.
        running.journal.lease().ensure().await?;
        let outcome = running.step.apply(&running.context).await;
        tracing::debug!(attempt, ?outcome, "tried");
        running.record(Event::Outcome { step: running.name(), outcome: outcome.clone() }).await?;
        match outcome {
            Outcome::Applied(_) => return Ok(Flow::GoOn),
            Outcome::NotApplied(_) => return Ok(Flow::Halt),
            Outcome::Unknown(_) => match running.probe().await? {
                Finding::Applied(_) => return Ok(Flow::GoOn),
                Finding::NotApplied => {}
                Finding::Unknown(_) => return Ok(Flow::Halt),
            },
        }
    }
    Ok(Flow::Halt)
}

async fn probe(journal: &Journal, registry: &Registry, index: usize) -> Result<Flow, Error> {
    Running::find(journal, registry, index)?.probe().await.map(|_| Flow::GoOn)
}

fn ready(state: &State, irreversible: &[bool], options: &ExecuteOptions) -> Vec<usize> {
    let is_last = |index: &usize| irreversible.get(*index).copied().unwrap_or_default();
    let mut ready = state.ready();
    let waits =
        |(index, step): (usize, &crate::state::StepState)| !is_last(&index) && step.status != StepStatus::Applied;
    if !options.irreversible_anywhere && state.steps.iter().enumerate().any(waits) {
        ready.retain(|index| !is_last(index));
    }
    ready
}

fn in_doubt(state: &State) -> Vec<usize> {
    indexes(state, StepStatus::is_in_doubt)
}

fn all_applied(state: &State) -> bool {
    state.steps.iter().all(|step| step.status == StepStatus::Applied)
}

fn indexes(state: &State, wanted: impl Fn(StepStatus) -> bool) -> Vec<usize> {
    let steps = state.steps.iter().enumerate();
    steps.filter(|(_, step)| wanted(step.status)).map(|(index, _)| index).collect()
}

fn reason(state: &State, stopped: bool) -> String {
    let bad = |status| matches!(status, StepStatus::NotApplied | StepStatus::Unknown);
    let failed = state.steps.iter().filter(|step| bad(step.status)).min_by_key(|step| step.changed_at_ms);
    match failed.and_then(|step| step.failure.as_ref().map(|failure| (step, failure))) {
        Some((step, failure)) => format!("{}: {failure}", step.spec.name),
        None if stopped => "stopped on request".to_owned(),
        None => "not every step was applied".to_owned(),
    }
}
