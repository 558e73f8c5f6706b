//! One flag of a file: its declaration, checked, and the decision it leads to.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::condition::{Conditions, RawConditions};
use super::decision::{Assignment, Decision};
use super::position::{FlagFileError, parse_part};
use super::variant::{Allocation, StatusOverride, Variant};
use crate::{Context, Reason};

/// A flag whose declaration is sound.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub(super) id: String,
    enabled: bool,
    conditions: Conditions,
    variants: Vec<Variant>,
    pub(super) allocation: Allocation,
    pub(super) telemetry: Telemetry,
}

/// `telemetry` as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Telemetry {
    pub(super) enabled: bool,
    pub(super) metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RawDefinition<'a> {
    #[serde(default, borrow)]
    enabled: Option<&'a RawValue>,
    #[serde(default, borrow)]
    conditions: Option<RawConditions<'a>>,
    #[serde(default)]
    variants: Option<Vec<Variant>>,
    #[serde(default)]
    allocation: Option<Allocation>,
    #[serde(default)]
    telemetry: Option<Telemetry>,
}

impl Definition {
    /// Checks `part`, the declaration of flag `id` in the file `text`.
    pub(super) fn parse(text: &str, part: &str, id: &str) -> Result<Self, FlagFileError> {
        Self::parse_anonymous(text, part, id).map_err(|damage| damage.for_flag(id))
    }

    fn parse_anonymous(text: &str, part: &str, id: &str) -> Result<Self, FlagFileError> {
        let raw: RawDefinition<'_> = parse_part(text, part)?;
        let enabled = parse_enabled(text, raw.enabled)?;
        let conditions = Conditions::parse(text, raw.conditions.unwrap_or_default())?;
        let variants = raw.variants.unwrap_or_default();
        let allocation = raw.allocation.unwrap_or_default();
        if allocation.has_reversed_range() {
            let message = "A percentile range ends before it begins".to_owned();
            return Err(FlagFileError::at(text, part, message));
        }
        if let Some(name) = allocation.names().find(|name| variants.iter().all(|variant| variant.name != *name)) {
            return Err(FlagFileError::at(text, part, format!("Variant '{name}' is allocated but not declared")));
        }
        let telemetry = raw.telemetry.unwrap_or_default();
        Ok(Self { id: id.to_owned(), enabled, conditions, variants, allocation, telemetry })
    }

    /// Filters decide on or off, then a variant is assigned, then the variant may overrule on or off.
    pub(super) fn decide(&self, context: &Context) -> Decision<'_> {
        let (mut enabled, mut reason) = if self.enabled {
            match self.conditions.hold(&self.id, context) {
                Ok(answer) => answer,
                Err(message) => return Decision::not_understood(self, &message),
            }
        } else {
            (false, Reason::Disabled)
        };
        let (variant, assignment) = self.assign(enabled, context);
        match assignment {
            Assignment::User | Assignment::Group => reason = Reason::TargetingMatch,
            Assignment::Percentile => reason = Reason::Split,
            Assignment::None | Assignment::DefaultWhenDisabled | Assignment::DefaultWhenEnabled => {}
        }
        if self.enabled {
            match variant.map(|variant| variant.status_override) {
                Some(StatusOverride::Enabled) => enabled = true,
                Some(StatusOverride::Disabled) => enabled = false,
                Some(StatusOverride::None) | None => {}
            }
        }
        Decision { enabled, reason, variant, assignment, error: None, definition: Some(self) }
    }

    fn assign(&self, enabled: bool, context: &Context) -> (Option<&Variant>, Assignment) {
        if self.variants.is_empty() {
            return (None, Assignment::None);
        }
        let default = |name: &Option<String>| name.as_deref().and_then(|name| self.variant(name));
        if !enabled {
            return (default(&self.allocation.default_when_disabled), Assignment::DefaultWhenDisabled);
        }
        match self.allocation.allocate(&self.id, context) {
            Some((name, assignment)) => (self.variant(name), assignment),
            None => (default(&self.allocation.default_when_enabled), Assignment::DefaultWhenEnabled),
        }
    }

    fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}

/// `enabled`, with the message of Microsoft's conformance cases when it is no boolean.
fn parse_enabled(text: &str, raw: Option<&RawValue>) -> Result<bool, FlagFileError> {
    match raw.map(RawValue::get) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(part) => {
            let value = part.trim_matches('"');
            Err(FlagFileError::at(text, part, format!("Invalid setting 'enabled' with value '{value}'")))
        }
    }
}
