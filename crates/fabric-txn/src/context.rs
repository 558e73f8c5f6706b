//! What a step may ask and record while it runs.

use serde_json::Value;

use crate::digest::Digest;
use crate::error::Error;
use crate::event::Event;
use crate::id::TransactionId;
use crate::journal::Journal;
use crate::state::{StepState, StepStatus};
use crate::store;

/// What a step may ask and record while it runs.
#[derive(Debug)]
pub struct StepContext<'a> {
    journal: &'a Journal,
    name: String,
    payload: Value,
}

impl<'a> StepContext<'a> {
    pub(crate) fn new(journal: &'a Journal, step: &StepState) -> Self {
        Self { journal, name: step.spec.name.clone(), payload: step.spec.payload.clone() }
    }

    /// The transaction, for marks on what it creates.
    pub fn transaction(&self) -> TransactionId {
        self.journal.transaction()
    }

    /// The step's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The step's payload.
    pub fn payload(&self) -> &Value {
        &self.payload
    }

    /// Which try this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.own(|step| step.attempts).unwrap_or_default()
    }

    /// What this step's `apply` returned; `null` if that was not recorded.
    pub fn output(&self) -> Value {
        self.own(|step| step.output.clone()).unwrap_or_default()
    }

    /// What another step returned, if it is applied.
    pub fn output_of(&self, step: &str) -> Option<Value> {
        self.journal.state(|state| {
            state.step(step).filter(|step| step.status == StepStatus::Applied).map(|step| step.output.clone())
        })
    }

    /// Saves what is there before the effect, durably and under a name of the step's own choice.
    ///
    /// # Errors
    /// It could not be saved: the effect must not take place. `?` in a function that returns [`Failure`] does that.
    ///
    /// [`Failure`]: crate::Failure
    pub async fn save(&self, name: &str, content: &[u8]) -> Result<Digest, Error> {
        let digest = store::put_blob(self.journal.store(), content).await?;
        self.journal
            .append(Event::Saved {
                step: self.name.clone(),
                name: name.to_owned(),
                digest: digest.clone(),
                bytes: content.len() as u64,
            })
            .await?;
        Ok(digest)
    }

    /// What was saved under `name`, by whichever process.
    ///
    /// # Errors
    /// It was recorded, but it is missing or damaged.
    pub async fn before(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let find =
            |step: &StepState| step.before.iter().find(|image| image.name == name).map(|image| image.digest.clone());
        match self.own(find).flatten() {
            Some(digest) => store::get_blob(self.journal.store(), &digest).await.map(Some),
            None => Ok(None),
        }
    }

    /// Records, durably, what a probe in another process would need: for example an operation's id, as soon as it is
    /// known.
    ///
    /// # Errors
    /// It could not be recorded.
    pub async fn note(&self, note: Value) -> Result<(), Error> {
        self.journal.append(Event::Noted { step: self.name.clone(), note }).await
    }

    /// What was noted, oldest first, by whichever process.
    pub fn notes(&self) -> Vec<Value> {
        self.own(|step| step.notes.clone()).unwrap_or_default()
    }

    /// Fails if this process may not write any more. Worth asking after a long wait, right before a change: a process
    /// that was suspended does not know that its lease ran out.
    ///
    /// # Errors
    /// The lease is lost.
    pub async fn ensure_leased(&self) -> Result<(), Error> {
        self.journal.lease().ensure().await
    }

    fn own<T>(&self, read: impl FnOnce(&StepState) -> T) -> Option<T> {
        self.journal.state(|state| state.step(&self.name).map(read))
    }
}
