//! A deployment as a transaction: all of it or none of it.

use std::sync::Arc;

use fabric_client::Client;
use fabric_deploy::actual::ActualState;
use fabric_deploy::desired::DesiredState;
use fabric_deploy::execute::Observer;
use fabric_deploy::plan::{self, Plan, PlanInputs};
use fabric_deploy::report::Report;
use fabric_deploy::transaction::{self, Settings, Steps};
use fabric_txn::{DeploymentTransaction, Lease, OnFailure, Stop};
use serde_json::{Value, json};

use super::Context;
use crate::audit::Audit;
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::telemetry;

/// What a transaction is about to do.
pub(super) struct Forward<'a> {
    pub(super) client: &'a Client,
    pub(super) inputs: &'a PlanInputs,
    pub(super) desired: &'a Arc<DesiredState>,
    pub(super) actual: &'a Arc<ActualState>,
    pub(super) plan: &'a Plan,
    pub(super) settings: Settings,
    pub(super) on_failure: OnFailure,
    pub(super) stop: Stop,
    pub(super) audit: Option<&'a Audit>,
}

/// Carries out a plan as a new transaction under `lease`.
pub(super) async fn deploy(
    forward: Forward<'_>,
    ledger: &Ledger,
    lease: Lease,
    context: &Context,
    observer: Box<dyn Observer>,
) -> Result<Report, Failure> {
    let meta = meta(&forward, context);
    let steps = Steps::forwards(
        forward.client,
        forward.desired,
        forward.actual,
        forward.plan.clone(),
        forward.settings,
        observer,
    );
    let mut transaction = DeploymentTransaction::begin(Arc::clone(&ledger.store), lease, meta).await?;
    telemetry::transaction_begun(&transaction.id());
    if let Some(audit) = forward.audit {
        audit.started(forward.plan, Some(transaction.id().to_string()));
    }
    let options = options(forward.on_failure, forward.stop, forward.settings.limits.creates.attempts);
    let specs = transaction::specs(forward.plan);
    let ended = transaction.execute(specs, &transaction::registry(&steps), &options).await;
    let ended = ended.map_err(|error| Failure::stopped(transaction.id(), error))?;
    Ok(transaction::report(forward.plan, &steps, &ended))
}

/// How transactions are carried out. Everything is read again by the plan's own verification, so that the engine need
/// not probe every step a second time; irreversible steps come where the plan puts them, which is last.
pub(crate) fn options(on_failure: OnFailure, stop: Stop, attempts: u32) -> fabric_txn::ExecuteOptions {
    fabric_txn::ExecuteOptions {
        attempts,
        concurrency: fabric_deploy::execute::ExecuteOptions::default().steps_under_way,
        on_failure,
        verify: false,
        irreversible_anywhere: true,
        stop,
        ..fabric_txn::ExecuteOptions::default()
    }
}

/// What another process needs to know to go on.
fn meta(forward: &Forward<'_>, context: &Context) -> Value {
    let workspace = forward.plan.workspace.as_ref().map(|workspace| workspace.id);
    json!({
        "command": "deploy",
        "environment": forward.plan.environment,
        "workspace": { "id": workspace, "name": forward.plan.workspace_name },
        "endpoint": forward.client.endpoint().to_string(),
        "flags": context.flags,
        "inputs": forward.inputs,
        "desired": plan::desired_fingerprint(forward.desired),
        "audit": forward.audit.map(Audit::place),
    })
}
