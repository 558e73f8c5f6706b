//! Settings of calls: command line over environment over default.

use std::num::NonZeroU16;
use std::time::Duration;

use crate::arguments::{GlobalArguments, parse_duration};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::layers::CallSettings;
use crate::variables::{CONCURRENCY, MAX_ATTEMPTS, SETTLE, TIMEOUT, Variable};

/// The settings of this run.
pub(crate) fn calls(global: &GlobalArguments, environment: &Environment) -> Result<CallSettings, Failure> {
    let concurrency = number(global.concurrency, environment, &CONCURRENCY)?;
    let max_attempts = number(global.max_attempts, environment, &MAX_ATTEMPTS)?;
    let timeout = match global.timeout {
        Some(timeout) => Some(timeout),
        None => from_variable(environment, &TIMEOUT, parse_duration)?,
    };
    let settle = match global.settle {
        Some(settle) => Some(settle),
        None => from_variable(environment, &SETTLE, parse_duration)?,
    };
    Ok(CallSettings {
        concurrency: concurrency.map_or(64, usize::from),
        max_attempts: max_attempts.map_or(4, u32::from),
        timeout: timeout.unwrap_or(Duration::from_secs(300)),
        settle: settle.unwrap_or(Duration::from_secs(20)),
    })
}

fn number(
    argument: Option<NonZeroU16>,
    environment: &Environment,
    variable: &Variable,
) -> Result<Option<u16>, Failure> {
    let number = match argument {
        Some(number) => Some(number),
        None => from_variable(environment, variable, |text| {
            text.parse::<NonZeroU16>().map_err(|_| "it must be a whole number from 1 to 65535".to_owned())
        })?,
    };
    Ok(number.map(NonZeroU16::get))
}

fn from_variable<T>(
    environment: &Environment,
    variable: &Variable,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Failure> {
    let Some(value) = environment.value(variable) else { return Ok(None) };
    parse(value).map(Some).map_err(|reason| Failure::Setting {
        variable: variable.name,
        value: value.to_owned(),
        reason,
    })
}
