//! What a flag file says about one flag, and why.

use super::definition::Definition;
use super::position::FlagFileError;
use super::variant::Variant;
use crate::{ErrorCode, EvaluationError, Reason};

/// Why a variant was assigned, in the words of Microsoft's libraries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignment {
    /// The flag has no variants, or could not be evaluated.
    None,
    /// The flag is off.
    DefaultWhenDisabled,
    /// The flag is on and nothing was allocated.
    DefaultWhenEnabled,
    /// The user is named.
    User,
    /// A group of the user is named.
    Group,
    /// The user falls into a percentile range.
    Percentile,
}

impl Assignment {
    /// The name in Microsoft's evaluation event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::DefaultWhenDisabled => "DefaultWhenDisabled",
            Self::DefaultWhenEnabled => "DefaultWhenEnabled",
            Self::User => "User",
            Self::Group => "Group",
            Self::Percentile => "Percentile",
        }
    }
}

/// What a flag file says about one flag, and why.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decision<'a> {
    /// Whether the flag is on.
    pub enabled: bool,
    /// Why.
    pub reason: Reason,
    /// The variant assigned.
    pub variant: Option<&'a Variant>,
    /// Why that variant.
    pub assignment: Assignment,
    /// Why the flag could not be evaluated; it is off then.
    pub error: Option<EvaluationError>,
    pub(super) definition: Option<&'a Definition>,
}

impl<'a> Decision<'a> {
    pub(super) fn not_found(id: &str) -> Self {
        Self::failed(ErrorCode::FlagNotFound, format!("there is no flag \"{id}\""), None)
    }

    pub(super) fn damaged(damage: &FlagFileError) -> Self {
        Self::failed(ErrorCode::ParseError, damage.to_string(), None)
    }

    pub(super) fn not_understood(definition: &'a Definition, what: &str) -> Self {
        Self::failed(ErrorCode::General, what.to_owned(), Some(definition))
    }

    fn failed(code: ErrorCode, message: String, definition: Option<&'a Definition>) -> Self {
        let error = Some(EvaluationError { code, message });
        Self { enabled: false, reason: Reason::Error, variant: None, assignment: Assignment::None, error, definition }
    }
}
