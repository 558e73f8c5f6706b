//! The conditions of a flag: its filters, and whether any or all of them must match.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::audience::Targeting;
use super::percentile::{Percent, falls_between};
use super::position::{FlagFileError, parse_part};
use super::time_window::TimeWindow;
use crate::{Context, Reason};

/// How a filter came to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    No,
    ByRule,
    ByShare,
}

impl Match {
    pub(super) const fn by_share(matches: bool) -> Self {
        if matches { Self::ByShare } else { Self::No }
    }

    const fn by_rule(matches: bool) -> Self {
        if matches { Self::ByRule } else { Self::No }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum Requirement {
    #[default]
    Any,
    All,
}

#[derive(Debug, Clone)]
enum Filter {
    Targeting(Targeting),
    TimeWindow(TimeWindow),
    Percentage(Percentage),
    /// The sentence says what this crate does not understand.
    NotUnderstood(String),
}

/// The parameters of `Microsoft.Percentage`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Percentage {
    value: Percent,
}

/// The parsed form of `conditions`.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions {
    requirement: Requirement,
    filters: Vec<Filter>,
}

/// `conditions` as written.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RawConditions<'a> {
    #[serde(default)]
    requirement_type: Option<Requirement>,
    #[serde(default, borrow)]
    client_filters: Option<Vec<&'a RawValue>>,
}

#[derive(Debug, Deserialize)]
struct RawFilter<'a> {
    name: String,
    #[serde(default, borrow)]
    parameters: Option<&'a RawValue>,
}

impl Conditions {
    pub(super) fn parse(text: &str, raw: RawConditions<'_>) -> Result<Self, FlagFileError> {
        let filters = raw.client_filters.unwrap_or_default();
        let filters = filters.iter().map(|filter| Filter::parse(text, filter.get())).collect::<Result<_, _>>()?;
        Ok(Self { requirement: raw.requirement_type.unwrap_or_default(), filters })
    }

    /// Whether the conditions of `flag` hold, and why. Filters are asked in order, until one decides.
    ///
    /// # Errors
    /// What this crate does not understand, if a filter is asked that it does not understand.
    pub(super) fn hold(&self, flag: &str, context: &Context) -> Result<(bool, Reason), String> {
        if self.filters.is_empty() {
            return Ok((true, Reason::Static));
        }
        let mut reason = Reason::TargetingMatch;
        for filter in &self.filters {
            let answer = filter.matches(flag, context)?;
            if answer == Match::ByShare {
                reason = Reason::Split;
            }
            match (self.requirement, answer) {
                (Requirement::All, Match::No) => return Ok((false, Reason::Default)),
                (Requirement::Any, Match::ByRule | Match::ByShare) => return Ok((true, reason)),
                (Requirement::All, Match::ByRule | Match::ByShare) | (Requirement::Any, Match::No) => {}
            }
        }
        Ok(match self.requirement {
            Requirement::All => (true, reason),
            Requirement::Any => (false, Reason::Default),
        })
    }
}

impl Filter {
    /// Names count with and without `Microsoft.`: both are in use.
    fn parse(text: &str, part: &str) -> Result<Self, FlagFileError> {
        let RawFilter { name, parameters } = parse_part(text, part)?;
        let parameters = || match parameters {
            Some(parameters) => Ok(parameters.get()),
            None => Err(FlagFileError::at(text, part, format!("The filter {name} has no parameters"))),
        };
        match name.strip_prefix("Microsoft.").unwrap_or(&name) {
            "Targeting" => parse_part(text, parameters()?).map(Self::Targeting),
            "Percentage" => parse_part(text, parameters()?).map(Self::Percentage),
            "TimeWindow" => {
                let window: TimeWindow = parse_part(text, parameters()?)?;
                if !window.is_bounded() {
                    let message = "A time window has neither Start nor End".to_owned();
                    return Err(FlagFileError::at(text, part, message));
                }
                if window.recurs() {
                    return Ok(Self::NotUnderstood("a time window's Recurrence is not supported".to_owned()));
                }
                Ok(Self::TimeWindow(window))
            }
            _ => Ok(Self::NotUnderstood(format!("there is no filter \"{name}\""))),
        }
    }

    fn matches(&self, flag: &str, context: &Context) -> Result<Match, String> {
        match self {
            Self::Targeting(targeting) => Ok(targeting.matches(flag, context)),
            Self::TimeWindow(window) => Ok(Match::by_rule(window.contains(context.now))),
            // Microsoft's filter rolls the dice at every call; here the same user always gets the same answer.
            Self::Percentage(Percentage { value }) => {
                Ok(Match::by_share(falls_between(context.user_or_empty(), flag, Percent::ZERO, *value)))
            }
            Self::NotUnderstood(what) => Err(what.clone()),
        }
    }
}
