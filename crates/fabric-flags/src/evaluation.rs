//! What was decided for a feature, and why, in the words of the OpenFeature specification.

use std::fmt;

use serde::Serialize;

use crate::{Feature, switch};

/// Why a flag has its value: reasons and spelling of the OpenFeature specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Reason {
    /// A source says so, without any rule.
    Static,
    /// No source says anything, or none of the flag's rules matched.
    Default,
    /// A rule matched: a user, a group, a time window.
    TargetingMatch,
    /// A percentage decided.
    Split,
    /// The flag is disabled in the flag file.
    Disabled,
    /// The flag could not be evaluated and therefore is off.
    Error,
}

impl Reason {
    /// The name in the OpenFeature specification.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Static => "STATIC",
            Self::Default => "DEFAULT",
            Self::TargetingMatch => "TARGETING_MATCH",
            Self::Split => "SPLIT",
            Self::Disabled => "DISABLED",
            Self::Error => "ERROR",
        }
    }
}

/// What kind of error made an evaluation fail: codes and spelling of the OpenFeature specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The file declares no such flag.
    FlagNotFound,
    /// The flag's declaration is damaged.
    ParseError,
    /// The declaration is sound, but asks for something that this crate does not implement.
    General,
}

/// Why an evaluation failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct EvaluationError {
    /// The kind.
    pub code: ErrorCode,
    /// What is wrong, for a person.
    pub message: String,
}

/// Where a value came from; the first of these that speaks about a flag wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `--flag NAME=on|off`.
    CommandLine,
    /// The environment variable of the flag's name.
    Environment,
    /// The flag file.
    File,
    /// The profile that `FABRIC_PROFILE` names.
    Profile,
    /// The built-in default.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::CommandLine => "command line",
            Self::Environment => "environment",
            Self::File => "flag file",
            Self::Profile => "profile",
            Self::Default => "default",
        })
    }
}

/// The decision about one feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Evaluation {
    /// Which feature.
    pub feature: Feature,
    /// Whether it is on.
    pub value: bool,
    /// Why.
    pub reason: Reason,
    /// Who said so.
    pub source: Source,
    /// The variant that the flag file assigned.
    pub variant: Option<String>,
    /// What went wrong; the value then is off.
    pub error: Option<EvaluationError>,
}

impl Evaluation {
    /// A plain statement by `source`.
    pub(crate) const fn stated(feature: Feature, value: bool, source: Source) -> Self {
        Self { feature, value, reason: Reason::Static, source, variant: None, error: None }
    }

    /// Nobody said anything.
    pub(crate) const fn default_of(feature: Feature) -> Self {
        let value = Feature::DEFAULT;
        Self { feature, value, reason: Reason::Default, source: Source::Default, variant: None, error: None }
    }
}

/// `FEATURE_USE_ROLLBACK=on (environment, STATIC)`.
impl fmt::Display for Evaluation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { feature, value, reason, source, variant, error } = self;
        write!(formatter, "{feature}={} ({source}, {}", switch::word(*value), reason.name())?;
        if let Some(variant) = variant {
            write!(formatter, ", variant {variant}")?;
        }
        if let Some(error) = error {
            write!(formatter, ": {error}")?;
        }
        formatter.write_str(")")
    }
}
