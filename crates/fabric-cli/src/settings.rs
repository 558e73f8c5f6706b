//! Settings of calls: command line over environment over default.

use std::num::NonZeroU16;
use std::time::Duration;

use clap::ValueEnum;
use fabric_deploy::plan::Strategy;

use crate::arguments::{GlobalArguments, StrategyArguments, StrategyName, parse_duration};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::layers::CallSettings;
use crate::variables::{CONCURRENCY, MAX_ATTEMPTS, SETTLE, STRATEGY, TIMEOUT, Variable};

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

/// How items are written.
pub(crate) fn strategy(arguments: StrategyArguments, environment: &Environment) -> Result<Strategy, Failure> {
    let name = match arguments.strategy {
        Some(name) => Some(name),
        None => from_variable(environment, &STRATEGY, |text| {
            StrategyName::from_str(text.trim(), true).map_err(|_| "it must be auto, items or bulk".to_owned())
        })?,
    };
    Ok(match name {
        None | Some(StrategyName::Auto) => Strategy::Auto,
        Some(StrategyName::Items) => Strategy::Items,
        Some(StrategyName::Bulk) => Strategy::Bulk,
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
