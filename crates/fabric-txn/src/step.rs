//! How a step is carried out, looked up and undone; and which kinds of steps there are.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::context::StepContext;
use crate::error::Error;
use crate::event::{Failure, Finding, Outcome, Reversibility};

/// Carries out all steps of one kind. What differs between steps is in their payloads; what one run needs, such as a
/// client, is in the implementor.
///
/// One step should be one change of the world: then it is always possible to say whether it happened.
#[async_trait]
pub trait Step: Send + Sync {
    /// What can be undone about a step with this payload.
    fn reversibility(&self, payload: &Value) -> Reversibility;

    /// Has the effect. Save what `undo` will need with [`StepContext::save`] before changing or deleting anything.
    ///
    /// Answer [`Outcome::NotApplied`] only if it is certain that nothing happened; a request whose answer was lost is
    /// [`Outcome::Unknown`]. The future may be dropped at any `await`: that counts as unknown as well.
    async fn apply(&self, context: &StepContext<'_>) -> Outcome;

    /// Finds out whether the effect is there, without changing anything.
    ///
    /// Also asked of steps that failed, before a roll-back is called complete, and of steps that another session
    /// applied, before they are undone. If the world is neither as before nor as after, because somebody else changed
    /// it, the answer is [`Finding::Unknown`]: what is not known is not undone.
    async fn probe(&self, context: &StepContext<'_>) -> Finding;

    /// Takes the effect back, using [`StepContext::output`] and [`StepContext::before`]. Never called for irreversible
    /// steps, nor while a step that needs this one is still there. The probe is asked afterwards, whatever is returned;
    /// its answer decides.
    ///
    /// # Errors
    /// The effect may still be there.
    async fn undo(&self, context: &StepContext<'_>) -> Result<Value, Failure>;
}

/// The kinds of steps that this process can carry out.
#[derive(Clone, Default)]
pub struct Registry(HashMap<String, Arc<dyn Step>>);

impl Registry {
    /// Knows no kind.
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows `kind` as well. A kind that is registered twice means the later one.
    #[must_use]
    pub fn with(mut self, kind: impl Into<String>, step: impl Step + 'static) -> Self {
        self.0.insert(kind.into(), Arc::new(step));
        self
    }

    pub(crate) fn get(&self, step: &str, kind: &str) -> Result<&dyn Step, Error> {
        let found = self.0.get(kind).map(AsRef::as_ref);
        found.ok_or_else(|| Error::UnknownKind { step: step.to_owned(), kind: kind.to_owned() })
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
