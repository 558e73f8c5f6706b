//! `rollback`, `resume`, `abandon`: the end of a transaction that another process left, or of one that was committed.

use std::sync::Arc;

use fabric_client::Client;
use fabric_deploy::actual::{self, ReadOptions};
use fabric_deploy::plan::{self, Plan, PlanInputs};
use fabric_deploy::report::Report;
use fabric_deploy::transaction::{self, Settings, Steps};
use fabric_txn::{DeploymentTransaction, GivenUp, OnFailure, Phase, Registry, State, StepStatus, TransactionId};

use super::{Context, deploy, transactional};
use crate::arguments::{AbandonArguments, RollbackArguments, TransactionArguments, Verify};
use crate::audit::Audit;
use crate::connect::{self, Connection};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layers::LeaseGuard;
use crate::ledger::{self, Ledger};
use crate::render::{self, Document};
use crate::{inputs, interrupt, telemetry};

pub(super) async fn rollback(arguments: &RollbackArguments, context: &Context) -> Result<Exit, Failure> {
    let ledger = Ledger::open(context)?;
    let id = ledger.find(arguments.transaction.as_deref()).await?;
    let state = ledger.state(id).await?;
    if !arguments.force {
        refuse_if_data_is_gone(&state)?;
    }
    let guard = LeaseGuard::default();
    let connection = connect::connect_leased(context, &guard).await?;
    let work = Work::backwards(&connection.client, &state, context)?;
    let (rollback, reason) = (Direction::Back { force: arguments.force }, "asked for by `fabric-cli rollback`");
    let report = work.run(&ledger, &guard, id, &state, rollback, reason).await?;
    finish("rollback", report, (&work, &state), context)
}

pub(super) async fn resume(arguments: &TransactionArguments, context: &Context) -> Result<Exit, Failure> {
    let ledger = Ledger::open(context)?;
    let id = ledger.find(Some(&arguments.transaction)).await?;
    let state = ledger.state(id).await?;
    let guard = LeaseGuard::default();
    let connection = connect::connect_leased(context, &guard).await?;
    let work = match state.phase {
        Phase::Open => Work::forwards(&connection, &state, context).await?,
        _ => Work::backwards(&connection.client, &state, context)?,
    };
    let report = work.run(&ledger, &guard, id, &state, Direction::On, "resumed").await?;
    finish("resume", report, (&work, &state), context)
}

pub(super) async fn abandon(arguments: &AbandonArguments, context: &Context) -> Result<Exit, Failure> {
    let ledger = Ledger::open(context)?;
    let id = ledger.find(Some(&arguments.transaction)).await?;
    match ledger.state(id).await {
        Ok(state) => {
            let lease = ledger.lease(&state.scope).await?;
            let abandoned = async {
                let mut transaction =
                    DeploymentTransaction::reopen(Arc::clone(&ledger.store), lease.clone(), id).await?;
                transaction.abandon(ledger.holder(), &arguments.reason).await
            }
            .await;
            ledger::release(&lease).await;
            abandoned?;
        }
        Err(Failure::Transaction(fabric_txn::Error::Damaged { .. } | fabric_txn::Error::NewerFormat { .. })) => {
            let scope = arguments.scope.as_deref().ok_or(Failure::ScopeNeeded { transaction: id })?;
            let lease = ledger.lease(scope).await?;
            let given_up = GivenUp { by: ledger.holder().to_owned(), reason: arguments.reason.clone() };
            let given_up = fabric_txn::give_up(&*ledger.store, &lease, id, &given_up).await;
            ledger::release(&lease).await;
            given_up?;
        }
        Err(failure) => return Err(failure),
    }
    let document = Document::abandoned(id, context.elapsed_ms());
    render::abandoned(context.global.output, id, &document)?;
    Ok(Exit::Success)
}

/// What came before a delete that nothing takes back would stay as well: that is not begun unasked.
fn refuse_if_data_is_gone(state: &State) -> Result<(), Failure> {
    let unfinished = match state.phase {
        Phase::Open => state.transaction,
        Phase::Committed => None,
        _ => return Ok(()),
    };
    let plan = transaction::plan_of(state);
    let gone = plan.steps.iter().filter(|step| {
        let is_done = || state.step(&step.id).is_some_and(|step| step.status == StepStatus::Applied);
        step.change.is_irreversible() && is_done()
    });
    let steps: Vec<_> = gone.map(|step| format!("{}: it held data", step.id)).collect();
    if steps.is_empty() { Ok(()) } else { Err(Failure::DataIsGone { steps, unfinished }) }
}

fn finish(
    command: &'static str,
    report: Report,
    (work, before): (&Work, &State),
    context: &Context,
) -> Result<Exit, Failure> {
    telemetry::deployment_finished(&report);
    let transaction = report.transaction_id.clone().unwrap_or_default();
    if let Some(audit) = Audit::of_journal(&before.meta, &transaction, &context.environment) {
        audit.gone_on(&report, &work.plan, before, context.elapsed_ms());
    }
    let exit = match (command, report.status) {
        // Undone is what was asked for.
        ("rollback", fabric_deploy::report::Status::RolledBack) => Exit::Success,
        _ => Exit::of_report(&report),
    };
    let document = Document::of_report(command, report, &context.flags, context.elapsed_ms());
    render::deployed(context.global.output, &document)?;
    Ok(context.delivery.publish(&document, exit))
}

#[derive(Clone, Copy)]
enum Direction {
    /// In the direction in which it was going.
    On,
    /// Backwards; `force`: even where the workspace moved since.
    Back { force: bool },
}

struct Work {
    attempts: u32,
    steps: Arc<Steps>,
    registry: Registry,
    plan: Plan,
}

impl Work {
    fn backwards(client: &Client, state: &State, context: &Context) -> Result<Self, Failure> {
        let plan = transaction::plan_of(state);
        let progress = render::progress(context, plan.steps.len());
        let secrets = fabric_deploy::secret::Secrets::new(context.secrets()?);
        let steps = Steps::backwards(client, secrets, settings(context), progress);
        let attempts = settings(context).limits.creates.attempts;
        Ok(Self { attempts, registry: transaction::registry(&steps), steps, plan })
    }

    /// Going on forwards needs the files that the deployment was made from, unchanged.
    async fn forwards(connection: &Connection, state: &State, context: &Context) -> Result<Self, Failure> {
        let client = &connection.client;
        let recorded: PlanInputs = serde_json::from_value(state.meta["inputs"].clone())
            .map_err(|error| Failure::Meta { reason: error.to_string() })?;
        let loaded = inputs::load_with_secrets(&recorded, context).await?;
        let desired = Arc::new(connection.complete(loaded, &recorded, context).await?.desired);
        if state.meta["desired"] != plan::desired_fingerprint(&desired) {
            return Err(Failure::FilesChanged { transaction: state.transaction });
        }
        let selector = &desired.workspace.selector;
        let actual = Arc::new(actual::read(client, selector, &desired, ReadOptions::default()).await?);
        let plan = transaction::plan_of(state);
        let progress = render::progress(context, plan.steps.len());
        let steps = Steps::forwards(client, &desired, &actual, plan.clone(), settings(context), progress);
        let attempts = settings(context).limits.creates.attempts;
        Ok(Self { attempts, registry: transaction::registry(&steps), steps, plan })
    }

    async fn run(
        &self,
        ledger: &Ledger,
        guard: &LeaseGuard,
        id: TransactionId,
        state: &State,
        direction: Direction,
        reason: &str,
    ) -> Result<Report, Failure> {
        let lease = ledger.lease(&state.scope).await?;
        guard.watch(&lease);
        let options = transactional::options(OnFailure::Rollback, interrupt::watch_transaction(), self.attempts);
        let ended = async {
            let mut transaction = DeploymentTransaction::reopen(Arc::clone(&ledger.store), lease.clone(), id).await?;
            self.steps.learn(&transaction.state());
            if let Direction::Back { force: false } = direction {
                lease.held_during(self.refuse_if_moved(&transaction)).await??;
            }
            let ended = match direction {
                Direction::On => transaction.resume(&self.registry, &options).await,
                Direction::Back { .. } => transaction.rollback(&self.registry, reason, &options).await,
            };
            ended.map_err(|error| Failure::stopped(id, error))
        }
        .await;
        ledger::release(&lease).await;
        Ok(transaction::report(&self.plan, &self.steps, &ended?))
    }

    /// A committed deployment is only taken back where the workspace is still as it left it.
    async fn refuse_if_moved(&self, transaction: &DeploymentTransaction) -> Result<(), Failure> {
        if transaction.state().phase != Phase::Committed {
            return Ok(());
        }
        let moved = transaction::moved(&transaction.survey(&self.registry).await?);
        if moved.is_empty() { Ok(()) } else { Err(Failure::Moved { steps: moved }) }
    }
}

fn settings(context: &Context) -> Settings {
    deploy::settings(context, Verify::Listing)
}
