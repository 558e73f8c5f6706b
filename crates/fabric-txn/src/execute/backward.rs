//! Undoes steps, the later ones first, as many as can be undone.

use tracing::Instrument;
use tracing::field::Empty;

use super::drive::{Driven, Flow, Stops, drive};
use super::{ExecuteOptions, Running, reversibility};
use crate::error::Error;
use crate::event::{Event, Failure, Finding, Reversibility};
use crate::journal::Journal;
use crate::report::Report;
use crate::state::{State, StepStatus};
use crate::step::Registry;

/// Finds out about every step that was tried, undoes those whose effect is there, and ends the transaction.
pub(crate) async fn backward(
    journal: &Journal,
    registry: &Registry,
    options: &ExecuteOptions,
) -> Result<Report, Error> {
    let tried = journal.state(|state| {
        let tried = state.steps.iter().filter(|step| step.status != StepStatus::Registered);
        tried.map(|step| step.spec.clone()).collect::<Vec<_>>()
    });
    for spec in &tried {
        reversibility(registry, spec)?;
    }
    journal.observe(options.observer.clone());
    let fence = journal.lease().fence();
    let to_probe = journal.state(|state| to_probe(state, fence));
    let probe = async |index| Running::find(journal, registry, index)?.probe().await.map(|_| Flow::GoOn);
    let undo = |index| undo(journal, registry, options, index);

    let mut driven = drive(journal, options, Stops::Second, |_: &State| to_probe.clone(), probe).await?;
    if driven == Driven::Finished {
        driven = drive(journal, options, Stops::Second, reversible, undo).await?;
    }
    if driven == Driven::Finished {
        let left = journal.state(State::left);
        journal.append(if left.is_empty() { Event::RolledBack } else { Event::Stuck { left } }).await?;
    }
    Ok(journal.state(|state| Report::of(state, None)))
}

/// The steps whose effect has to be looked up before anything is undone: those in doubt, those that failed (they may be
/// wrong about that), and those that another session applied (the world may have moved on).
fn to_probe(state: &State, fence: u64) -> Vec<usize> {
    let steps = state.steps.iter().enumerate();
    let wanted = steps.filter(|(_, step)| match step.status {
        StepStatus::Applied => step.fence != fence,
        StepStatus::NotApplied => true,
        status => status.is_in_doubt(),
    });
    wanted.map(|(index, _)| index).collect()
}

fn reversible(state: &State) -> Vec<usize> {
    let can = |index: &usize| {
        state.steps.get(*index).is_some_and(|step| step.reversibility != Some(Reversibility::Irreversible))
    };
    state.ready_to_undo().into_iter().filter(can).collect()
}

async fn undo(journal: &Journal, registry: &Registry, options: &ExecuteOptions, index: usize) -> Result<Flow, Error> {
    let running = Running::find(journal, registry, index)?;
    let span = tracing::info_span!(
        "undo",
        step = running.state.spec.name,
        kind = running.state.spec.kind,
        result = Empty,
        error_type = Empty,
        error = Empty,
    );
    let outcome = attempts(&running, options).instrument(span.clone()).await;
    running.tell(&span, StepStatus::is_clear);
    outcome
}

async fn attempts(running: &Running<'_>, options: &ExecuteOptions) -> Result<Flow, Error> {
    let mut attempt = running.state.undo_attempts;
    let mut in_doubt = false;
    for try_number in 0..options.undo_attempts.max(1) {
        if try_number > 0 {
            let wait = options.undo_wait.saturating_mul(2_u32.saturating_pow(try_number - 1));
            running.journal.lease().clock().sleep(wait).await;
        }
        if in_doubt {
            match running.probe().await? {
                Finding::Applied(_) => {}
                Finding::NotApplied => return Ok(Flow::GoOn),
                Finding::Unknown(_) => continue,
            }
        }
        attempt += 1;
        running.journal.lease().ensure().await?;
        running.record(Event::UndoIntent { step: running.name(), attempt }).await?;
        running.journal.lease().ensure().await?;
        let undone = running.step.undo(&running.context).await;
        let finding = running.step.probe(&running.context).await;
        tracing::debug!(attempt, ?undone, ?finding, "tried to undo");
        let step = running.name();
        in_doubt = matches!(finding, Finding::Unknown(_));
        match (undone, finding) {
            (undone, Finding::NotApplied) => {
                running.record(Event::Undone { step, output: undone.unwrap_or_default() }).await?;
                return Ok(Flow::GoOn);
            }
            (Err(failure), Finding::Applied(_)) => running.record(Event::UndoFailed { step, failure }).await?,
            (Ok(_), Finding::Applied(_)) => {
                let failure = Failure::new("it was undone, but the effect is still found");
                running.record(Event::UndoFailed { step, failure }).await?;
            }
            (Err(failure), Finding::Unknown(doubt)) => {
                let failure = Failure::new(format!("{failure}; afterwards: {doubt}")).with_detail(failure.detail);
                running.record(Event::Probed { step, finding: Finding::Unknown(failure) }).await?;
            }
            (Ok(_), finding) => running.record(Event::Probed { step, finding }).await?,
        }
    }
    Ok(Flow::GoOn)
}
