//! `plan`: what a deployment would change.

use std::sync::Arc;

use fabric_client::Client;
use fabric_deploy::actual::{self, ActualState, ReadOptions};
use fabric_deploy::desired::DesiredState;
use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::plan::{self, Plan, PlanInputs, SavedPlan};
use fabric_deploy::report::Report;

use super::Context;
use crate::arguments::PlanArguments;
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs;
use crate::render::{self, Document};

pub(super) async fn run(arguments: &PlanArguments, context: &Context) -> Result<Exit, Failure> {
    let inputs = inputs::plan_inputs(&arguments.input, arguments.prune);
    let inputs::Loaded { desired, named_roles, findings, .. } = inputs::load_with_secrets(&inputs, context).await?;
    let connection = connect::connect(context).await?;
    let desired = connection.graph.complete(desired, &named_roles, context).await?;
    let (_, plan) = make(&connection.client, &desired, &inputs).await?;
    if let Some(path) = &arguments.out {
        SavedPlan::new(inputs, &plan).write(path)?;
        render::say_note(&format!("plan saved: apply it with `fabric-cli deploy --plan {}`", path.display()));
    }
    let exit = if arguments.detailed_exitcode && !plan.is_empty() { Exit::Changes } else { Exit::Success };
    show(&plan, "plan", findings, exit, context)
}

/// What was read, and what has to change.
pub(super) type Made = (Arc<ActualState>, Plan);

/// Reads the workspace and compares.
pub(super) async fn make(client: &Client, desired: &DesiredState, inputs: &PlanInputs) -> Result<Made, Failure> {
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
