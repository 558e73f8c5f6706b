//! `audit verify`: whether the trail is as it was written.

use fabric_telemetry::AuditTrail;

use super::Context;
use crate::arguments::AuditVerifyArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;

pub(super) fn verify(arguments: &AuditVerifyArguments, context: &Context) -> Result<Exit, Failure> {
    let found = AuditTrail::new(&arguments.file).verify()?;
    render::audit(context.global.output, &arguments.file, &found, context.elapsed_ms())?;
    Ok(if found.broken.is_none() { Exit::Success } else { Exit::Failed })
}
