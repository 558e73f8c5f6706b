//! `health`: whether a deployment would work now.

use clap::ValueEnum;
use fabric_deploy::plan::Strategy;

use super::Context;
use crate::arguments::{HealthArguments, PruneArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::health::{self, CheckId, Surroundings, Target};
use crate::{connect, inputs, render};

pub(super) async fn run(arguments: &HealthArguments, context: &Context) -> Result<Exit, Failure> {
    let target = target(arguments, context)?;
    let ids = if arguments.only.is_empty() { CheckId::value_variants() } else { &arguments.only };
    let place = connect::place(context).await?;
    if let Some(address) = arguments.serve {
        health::serve(address, context, &place, target.as_ref(), ids).await?;
        return Ok(Exit::Success);
    }
    let found = health::run(ids, &Surroundings::new(context, &place, target.as_ref())).await;
    render::health(context.global.output, &found)?;
    Ok(found.exit())
}

/// What would be deployed to, as far as the command line says.
fn target(arguments: &HealthArguments, context: &Context) -> Result<Option<Target>, Failure> {
    let input = &arguments.input();
    if input.config.is_some() {
        let prune = PruneArguments { prune: false, prune_data: false, max_delete: 0 };
        let desired = inputs::load(&inputs::plan_inputs(input, prune, Strategy::Auto), &context.environment)?.desired;
        return Ok(Some(Target {
            workspace: desired.workspace.selector,
            capacity: desired.workspace.capacity_id,
            gives_roles: !desired.roles.is_empty(),
        }));
    }
    Ok(arguments.workspace.as_deref().map(|workspace| Target {
        workspace: inputs::selector(workspace),
        capacity: arguments.capacity,
        gives_roles: false,
    }))
}
