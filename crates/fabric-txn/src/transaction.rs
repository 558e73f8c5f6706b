//! A transaction in the hands of the process that works on it.

use std::sync::Arc;

use serde_json::Value;

use crate::error::Error;
use crate::event::{Event, Finding};
use crate::execute::{self, ExecuteOptions};
use crate::graph::{self, StepSpec};
use crate::id::TransactionId;
use crate::journal::{self, Journal};
use crate::lease::Lease;
use crate::opening::{self, GivenUp};
use crate::report::Report;
use crate::state::{Phase, State, StepStatus};
use crate::step::Registry;
use crate::store::JournalStore;

/// A transaction in the hands of the process that works on it.
///
/// Dropping it ends nothing: what the journal says can be resumed, rolled back or abandoned by any process, and until
/// then nobody begins another transaction on the same scope.
#[derive(Debug)]
pub struct DeploymentTransaction {
    journal: Journal,
}

impl DeploymentTransaction {
    /// Begins a transaction on the lease's scope. `meta` is for the caller to find again; it must not hold secrets.
    ///
    /// # Errors
    /// [`Error::Unfinished`] if the last transaction on this scope has not ended.
    pub async fn begin(store: Arc<dyn JournalStore>, lease: Lease, meta: Value) -> Result<Self, Error> {
        let transaction = TransactionId::new(lease.clock().now_ms());
        opening::open(&*store, &lease, transaction, None).await?;
        let loaded = journal::load(&*store, transaction).await?;
        let begun =
            Event::Begun { transaction, scope: lease.scope().to_owned(), holder: lease.holder().to_owned(), meta };
        let journal = Journal::new(store, lease, transaction, loaded);
        journal.append(begun).await?;
        Ok(Self { journal })
    }

    /// Takes over a transaction that another process left, or that was committed and is to be rolled back. From here
    /// on, that process can write nothing any more.
    ///
    /// # Errors
    /// There is none, it has ended for good, another one on the same scope has not ended, or its journal is damaged.
    pub async fn reopen(store: Arc<dyn JournalStore>, lease: Lease, transaction: TransactionId) -> Result<Self, Error> {
        let loaded = journal::load(&*store, transaction).await?;
        ensure_goes_on(&loaded.state, transaction, loaded.exists())?;
        if loaded.state.scope != lease.scope() {
            let (scope, leased) = (loaded.state.scope, lease.scope().to_owned());
            return Err(Error::OtherScope { transaction, scope, leased });
        }
        opening::open(&*store, &lease, transaction, None).await?;
        loop {
            let loaded = journal::load(&*store, transaction).await?;
            ensure_goes_on(&loaded.state, transaction, loaded.exists())?;
            if loaded.state.fence > lease.fence() {
                return Err(Error::Fenced(transaction));
            }
            let journal = Journal::new(Arc::clone(&store), lease.clone(), transaction, loaded);
            match journal.append(Event::Claimed { holder: lease.holder().to_owned() }).await {
                // Its last writer was a little faster; the next of its records will come too late.
                Err(Error::Fenced(_)) => {}
                claimed => return claimed.map(|()| Self { journal }),
            }
        }
    }

    /// Its id.
    pub fn id(&self) -> TransactionId {
        self.journal.transaction()
    }

    /// What is known about it.
    pub fn state(&self) -> State {
        self.journal.state(State::clone)
    }

    /// What became of it so far.
    pub fn report(&self) -> Report {
        self.journal.state(|state| Report::of(state, None))
    }

    /// Makes steps known, durably. Nothing of them is done yet.
    ///
    /// # Errors
    /// A name is used twice, or a step needs one that does not exist or that needs it in turn.
    pub async fn register(&mut self, steps: Vec<StepSpec>) -> Result<(), Error> {
        self.journal.state(|state| graph::check(state.names(), &steps))?;
        self.journal.append(Event::Registered { steps, complete: false }).await
    }

    /// Registers one step, after all that were registered before, and applies it: for callers that find out what to do
    /// as they go. Returns what the step returned.
    ///
    /// # Errors
    /// [`Error::NotApplied`] if the step failed. The transaction is still open: roll it back.
    pub async fn perform(&mut self, registry: &Registry, step: StepSpec) -> Result<Value, Error> {
        let name = step.name.clone();
        let before = self.journal.state(|state| {
            let last = state.steps.iter().filter(|step| step.needed_by.is_empty());
            last.map(|step| step.spec.name.clone()).collect::<Vec<_>>()
        });
        self.register(vec![step.after(before)]).await?;
        execute::one(&self.journal, registry, &name, &ExecuteOptions::default()).await?;
        self.journal.state(|state| match state.step(&name) {
            Some(step) if step.status == StepStatus::Applied => Ok(step.output.clone()),
            step => {
                let why = step.and_then(|step| step.failure.as_ref()).map(ToString::to_string);
                Err(Error::NotApplied { step: name.clone(), why })
            }
        })
    }

    /// Registers `steps` and carries them out: those that need nothing run at the same time, the others when what they
    /// need is applied. Ends with a commit, a roll-back, or as the options say.
    ///
    /// # Errors
    /// Before the first effect: the steps make no graph, or a kind is not registered. Later: the journal could not be
    /// written or the lease was lost; the transaction stays resumable.
    pub async fn execute(
        &mut self,
        steps: Vec<StepSpec>,
        registry: &Registry,
        options: &ExecuteOptions,
    ) -> Result<Report, Error> {
        execute::check(steps.iter(), registry, options)?;
        self.journal.state(|state| graph::check(state.names(), &steps))?;
        self.journal.append(Event::Registered { steps, complete: true }).await?;
        self.resume(registry, options).await
    }

    /// Goes on in the direction in which the transaction was going, after finding out about every step whose outcome
    /// is unknown.
    ///
    /// # Errors
    /// As [`execute`](Self::execute); and [`Error::Incomplete`] if the steps were registered one by one, and nobody can
    /// know which would have followed.
    pub async fn resume(&mut self, registry: &Registry, options: &ExecuteOptions) -> Result<Report, Error> {
        let phase = self.journal.state(|state| state.phase.clone());
        match phase {
            Phase::Open if !self.journal.state(|state| state.complete) => Err(Error::Incomplete(self.id())),
            Phase::Open => execute::forward(&self.journal, registry, options).await,
            Phase::RollingBack => execute::backward(&self.journal, registry, options).await,
            Phase::Stuck { .. } => self.rollback(registry, "trying again what could not be undone", options).await,
            _ => Err(self.ended()),
        }
    }

    /// Ends the transaction: everything registered is applied and stays.
    ///
    /// # Errors
    /// [`Error::NotApplied`] if a step is not applied.
    pub async fn commit(&mut self) -> Result<Report, Error> {
        execute::commit(&self.journal).await?;
        Ok(self.report())
    }

    /// Undoes every step whose effect is there, the later ones first. A transaction that was committed is rolled back
    /// from its before-images; steps that another process applied are probed before.
    ///
    /// # Errors
    /// As [`execute`](Self::execute). A step that cannot be undone is no error: the report says so.
    pub async fn rollback(
        &mut self,
        registry: &Registry,
        reason: &str,
        options: &ExecuteOptions,
    ) -> Result<Report, Error> {
        let phase = self.journal.state(|state| state.phase.clone());
        match phase {
            Phase::RollingBack => {}
            Phase::Open | Phase::Committed | Phase::Stuck { .. } => {
                execute::rolling_back(reason);
                self.journal.append(Event::RollbackStarted { reason: reason.to_owned() }).await?;
            }
            _ => return Err(self.ended()),
        }
        execute::backward(&self.journal, registry, options).await
    }

    /// What is there now of the effects of all applied steps: for callers that roll back only what nobody has changed
    /// since. Changes and records nothing.
    ///
    /// # Errors
    /// A kind is not registered.
    pub async fn survey(&self, registry: &Registry) -> Result<Vec<(String, Finding)>, Error> {
        execute::survey(&self.journal, registry).await
    }

    /// Ends the transaction as it is: somebody takes responsibility for what is left.
    ///
    /// # Errors
    /// It has ended.
    pub async fn abandon(&mut self, by: &str, reason: &str) -> Result<Report, Error> {
        if self.journal.state(|state| state.phase.is_over()) {
            return Err(self.ended());
        }
        self.journal.append(Event::Abandoned { by: by.to_owned(), reason: reason.to_owned() }).await?;
        Ok(self.report())
    }

    fn ended(&self) -> Error {
        let how = self.journal.state(|state| state.phase.name());
        Error::Ended { transaction: self.id(), how }
    }
}

/// Gives up a transaction whose journal cannot be read (it is damaged, or of a newer format), so that others may begin
/// on its scope. Its journal is kept as it is.
///
/// # Errors
/// It can be read: then [`DeploymentTransaction::abandon`] is the way. Or there is no such transaction.
pub async fn give_up(
    store: &dyn JournalStore,
    lease: &Lease,
    transaction: TransactionId,
    given_up: &GivenUp,
) -> Result<(), Error> {
    match journal::load(store, transaction).await {
        Err(Error::Damaged { .. } | Error::NewerFormat { .. }) => {
            opening::open(store, lease, transaction, Some(given_up)).await
        }
        Ok(loaded) if !loaded.exists() => Err(Error::UnknownTransaction(transaction)),
        Ok(loaded) => Err(Error::Ended { transaction, how: loaded.state.phase.name() }),
        Err(error) => Err(error),
    }
}

/// What the journal of a transaction says. Changes nothing.
///
/// # Errors
/// There is no such transaction, or its journal cannot be read.
pub async fn recover(store: &dyn JournalStore, transaction: TransactionId) -> Result<State, Error> {
    let loaded = journal::load(store, transaction).await?;
    if loaded.exists() { Ok(loaded.state) } else { Err(Error::UnknownTransaction(transaction)) }
}

fn ensure_goes_on(state: &State, transaction: TransactionId, exists: bool) -> Result<(), Error> {
    match state.phase {
        _ if !exists => Err(Error::UnknownTransaction(transaction)),
        Phase::NeverBegun | Phase::Voided | Phase::RolledBack | Phase::Abandoned { .. } => {
            Err(Error::Ended { transaction, how: state.phase.name() })
        }
        Phase::Open | Phase::RollingBack | Phase::Committed | Phase::Stuck { .. } => Ok(()),
    }
}
