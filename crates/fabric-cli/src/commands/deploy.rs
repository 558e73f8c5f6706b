//! `deploy`: plan, apply, verify.

use std::sync::Arc;

use fabric_deploy::execute::{self, ExecuteOptions, Execution, Verification};
use fabric_deploy::plan::SavedPlan;
use fabric_flags::Feature;

use super::{Context, plan};
use crate::arguments::{DeployArguments, Verify};
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Document};
use crate::{flags, inputs, interrupt, layers};

pub(super) async fn run(arguments: &DeployArguments, context: &Context) -> Result<Exit, Failure> {
    let saved = arguments.plan.as_deref().map(SavedPlan::read).transpose()?;
    let inputs = match &saved {
        Some(saved) => saved.inputs.clone(),
        None => inputs::plan_inputs(&arguments.input, arguments.prune),
    };
    let desired = Arc::new(inputs::load(&inputs, &context.environment)?);
    let connection = connect::connect(context).await?;
    let (actual, plan) = plan::make(&connection.client, &desired, &inputs).await?;
    if let Some(saved) = &saved {
        saved.check(&plan)?;
    }
    if arguments.dry_run {
        plan::show(&plan, "deploy", context)?;
        return Ok(Exit::Success);
    }
    flags::warn_of_missing(&context.flags);
    if !context.flags.is_on(Feature::Rollback) {
        render::say_note("FEATURE_USE_ROLLBACK is off: if this deployment fails, what it did stays");
    }
    let stop = interrupt::watch();
    let progress = render::progress(context.global.output, &plan);
    let execution = Execution {
        limits: ExecuteOptions {
            creates: layers::create_policy(&context.flags, context.calls),
            ..ExecuteOptions::default()
        },
        verification: match arguments.verify {
            Verify::Listing => Verification::Listing,
            Verify::Definitions => Verification::Definitions,
        },
        observer: progress.as_ref(),
        stop: &stop,
    };
    let report = execute::execute(&connection.client, &desired, &actual, &plan, execution).await;
    drop(progress);
    let exit = Exit::of_report(&report);
    let document = Document::of_report("deploy", report, &context.flags, context.elapsed_ms());
    render::deployed(context.global.output, &document)?;
    Ok(exit)
}
