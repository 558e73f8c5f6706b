//! `migrate`: the command line that does what another tool's configuration describes.

use super::Context;
use crate::arguments::MigrateArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{migration, render};

pub(super) fn run(arguments: &MigrateArguments, context: &Context) -> Result<Exit, Failure> {
    let found = migration::of(&arguments.from, arguments.environment.as_deref(), &context.environment);
    let found = found.map_err(Failure::Input)?;
    render::migration(context.global.output, &found)?;
    Ok(Exit::Success)
}
