//! Looks at every applied step's effect without recording or changing anything.

use futures::stream::{self, StreamExt};

use super::Running;
use crate::error::Error;
use crate::event::Finding;
use crate::journal::Journal;
use crate::state::StepStatus;
use crate::step::Registry;

/// How many probes are under way at a time.
const PROBES: usize = 16;

/// What the probes of all applied steps find, in the order in which the steps were registered.
pub(crate) async fn survey(journal: &Journal, registry: &Registry) -> Result<Vec<(String, Finding)>, Error> {
    let applied: Vec<usize> = journal.state(|state| {
        let steps = state.steps.iter().enumerate();
        steps.filter(|(_, step)| step.status == StepStatus::Applied).map(|(index, _)| index).collect()
    });
    let mut looks = Vec::with_capacity(applied.len());
    for index in applied {
        looks.push(look(Running::find(journal, registry, index)?));
    }
    Ok(stream::iter(looks).buffered(PROBES).collect().await)
}

async fn look(running: Running<'_>) -> (String, Finding) {
    let finding = running.step.probe(&running.context).await;
    (running.state.spec.name, finding)
}
