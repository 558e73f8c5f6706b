//! The changes of a plan as steps of a transaction: each can be applied, looked up and undone, by this process or by
//! another one.
//!
//! A step's payload is its [`Change`]: names, ids, old and new values, never the content of a definition. Content that
//! an undo needs is saved as a before-image. Going on forwards in another process needs the source files again; undoing
//! needs the journal alone.

mod finding;
mod git;
mod image;
mod outcome;
mod probe;
mod step;
mod undo;

use std::sync::Arc;

use fabric_txn::{Registry, StepSpec};
use serde_json::Value;

pub use outcome::{created, moved, plan_of, report};
pub use step::{Settings, Steps};

use crate::plan::{Change, Plan, PlannedStep};

/// The kind of the steps that carry out a [`Change`].
const CHANGE: &str = "change";
/// The kind of the step that reads again what was touched, and its name.
const VERIFY: &str = "verify";

/// The steps of `plan`, with the verification in the last moment at which everything can still be undone: what deletes
/// data, and the folders that are empty after that, come after it.
pub fn specs(plan: &Plan) -> Vec<StepSpec> {
    let deletes_data = plan.steps.iter().any(|step| step.change.is_irreversible());
    let comes_last =
        |change: &Change| change.is_irreversible() || deletes_data && matches!(change, Change::DeleteFolder { .. });
    let (last, before): (Vec<_>, Vec<_>) = plan.steps.iter().partition(|step| comes_last(&step.change));
    let verify = StepSpec::new(VERIFY, VERIFY, Value::Null).after(before.iter().map(|step| step.id.as_str()));
    let spec = |step: &PlannedStep| {
        let payload = serde_json::to_value(&step.change).unwrap_or(Value::Null);
        let after = step.after.iter().filter_map(|position| plan.steps.get(*position)).map(|step| step.id.as_str());
        StepSpec::new(&step.id, CHANGE, payload).after(after)
    };
    let before = before.into_iter().map(spec);
    let last = last.into_iter().map(|step| spec(step).after([VERIFY]));
    before.chain([verify]).chain(last).collect()
}

/// What this process can carry out with `steps`.
pub fn registry(steps: &Arc<Steps>) -> Registry {
    Registry::new().with(CHANGE, step::ChangeStep(Arc::clone(steps))).with(VERIFY, step::VerifyStep(Arc::clone(steps)))
}

/// The change that a step's payload describes.
fn change_of(payload: &Value) -> Option<Change> {
    serde_json::from_value(payload.clone()).ok()
}

/// The id that a step returned.
fn id_of(output: &Value) -> Option<uuid::Uuid> {
    output.get("id")?.as_str()?.parse().ok()
}
