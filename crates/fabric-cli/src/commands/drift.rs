//! `drift`: what differs from the last committed deployment.
//!
//! After a committed deployment there is nothing to plan. So with the same files, whatever there is to plan is what the
//! workspace has drifted; with other files nobody could tell drift from what is yet to be deployed.

use std::sync::Arc;

use fabric_deploy::plan::{self, Strategy};
use fabric_txn::{Phase, State};

use super::{Context, plan as planned};
use crate::arguments::DriftArguments;
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs;
use crate::ledger::{self, Ledger};
use crate::render;

pub(super) async fn run(arguments: &DriftArguments, context: &Context) -> Result<Exit, Failure> {
    let inputs = inputs::plan_inputs(&arguments.input, arguments.prune, Strategy::Auto);
    let loaded = inputs::load_with_secrets(&inputs, context).await?;
    let ledger = Ledger::open(context)?;
    let connection = connect::connect(context).await?;
    let inputs::Loaded { desired, findings, .. } = connection.complete(loaded, &inputs, context).await?;
    let scope = ledger::scope(&connection.client, &desired.workspace.selector).await?;
    let last = last_committed(&ledger, &scope).await?.ok_or(Failure::NeverDeployed { scope })?;
    if last.meta["desired"] != plan::desired_fingerprint(&desired) {
        return Err(Failure::FilesChanged { transaction: last.transaction });
    }
    if let Some(id) = last.transaction {
        render::say_note(&format!("compared with deployment {id}"));
    }
    let (_, _, plan) = planned::make(&connection.client, &Arc::new(desired), &inputs, context).await?;
    let exit = if arguments.detailed_exitcode && !plan.is_empty() { Exit::Changes } else { Exit::Success };
    planned::show(&plan, "drift", findings, exit, context)
}

/// The last deployment to `scope` that ended well and was not taken back.
async fn last_committed(ledger: &Ledger, scope: &str) -> Result<Option<State>, Failure> {
    let entries = ledger.history().await?;
    let of_scope = entries.into_iter().filter_map(|entry| entry.state.ok()).filter(|state| state.scope == scope);
    Ok(of_scope.into_iter().find(|state| state.phase == Phase::Committed))
}
