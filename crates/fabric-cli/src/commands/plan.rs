//! `plan`: what a deployment would change.

use std::sync::Arc;

use fabric_client::Client;
use fabric_deploy::actual::{self, ActualState, ReadOptions};
use fabric_deploy::desired::DesiredState;
use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::plan::{self, Plan, PlanInputs, SavedPlan};
use fabric_deploy::report::Report;
use fabric_deploy::transaction;

use super::Context;
use crate::arguments::PlanArguments;
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::render::{self, Document};
use crate::{inputs, settings};

pub(super) async fn run(arguments: &PlanArguments, context: &Context) -> Result<Exit, Failure> {
    let strategy = settings::strategy(arguments.strategy, &context.environment)?;
    let inputs = inputs::plan_inputs(&arguments.input, arguments.prune, strategy);
    let loaded = inputs::load_with_secrets(&inputs, context).await?;
    let connection = connect::connect(context).await?;
    let inputs::Loaded { desired, findings, .. } = connection.complete(loaded, &inputs, context).await?;
    let (desired, actual, plan) = make(&connection.client, &Arc::new(desired), &inputs, context).await?;
    if let Some(path) = &arguments.out {
        SavedPlan::new(inputs, &plan, &desired, &actual).write(path)?;
        render::say_note(&format!("plan saved: apply it with `fabric-cli deploy --plan {}`", path.display()));
    }
    let exit = if arguments.detailed_exitcode && !plan.is_empty() { Exit::Changes } else { Exit::Success };
    show(&plan, "plan", findings, exit, context)
}

/// What is wanted, what was read, and what has to change.
pub(super) type Made = (Arc<DesiredState>, Arc<ActualState>, Plan);

/// Reads the workspace and compares. Where an item would be created while another one of its type is left over, the
/// transactions on record tell whether that is the same item under an earlier name.
pub(super) async fn make(
    client: &Client,
    desired: &Arc<DesiredState>,
    inputs: &PlanInputs,
    context: &Context,
) -> Result<Made, Failure> {
    let (actual, plan) = compare(client, desired, inputs).await?;
    if !plan.may_rename() {
        return Ok((Arc::clone(desired), actual, plan));
    }
    let states: Vec<_> =
        Ledger::open(context)?.history().await?.into_iter().filter_map(|entry| entry.state.ok()).collect();
    let created = transaction::created(&states);
    let mut recognised = DesiredState::clone(desired);
    for item in recognised.items.values_mut() {
        let objects = item.logical_id.and_then(|id| created.get(&id));
        item.deployed_as.extend(objects.into_iter().flatten());
    }
    if recognised == **desired {
        return Ok((Arc::clone(desired), actual, plan));
    }
    let (actual, plan) = compare(client, &recognised, inputs).await?;
    Ok((Arc::new(recognised), actual, plan))
}

async fn compare(
    client: &Client,
    desired: &DesiredState,
    inputs: &PlanInputs,
) -> Result<(Arc<ActualState>, Plan), Failure> {
    let actual = Arc::new(actual::read(client, &desired.workspace.selector, desired, ReadOptions::default()).await?);
    let plan = plan::build(desired, &actual, inputs.options())?;
    Ok((actual, plan))
}

/// Writes the plan as the result of a command that ends with `exit`.
pub(super) fn show(
    plan: &Plan,
    command: &'static str,
    findings: Diagnostics,
    exit: Exit,
    context: &Context,
) -> Result<Exit, Failure> {
    let report = Report::planned(plan);
    let document = Document::of_report(command, report, &context.flags, context.elapsed_ms()).with(findings);
    render::plan(context.global.output, plan, &document)?;
    Ok(context.delivery.publish(&document, exit))
}
