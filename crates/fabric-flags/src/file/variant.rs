//! Variants of a flag, and to whom they are allocated.

use serde::Deserialize;

use super::decision::Assignment;
use super::percentile::{Percent, falls_between};
use crate::Context;

/// A variant of a flag.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its value, of any type; `null` if the file gives none.
    #[serde(default)]
    pub configuration_value: serde_json::Value,
    #[serde(default)]
    pub(super) status_override: StatusOverride,
}

/// What being assigned a variant does to the flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(super) enum StatusOverride {
    #[default]
    None,
    Enabled,
    Disabled,
}

/// `allocation` as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Allocation {
    pub(super) default_when_disabled: Option<String>,
    pub(super) default_when_enabled: Option<String>,
    user: Option<Vec<UserAllocation>>,
    group: Option<Vec<GroupAllocation>>,
    percentile: Option<Vec<PercentileAllocation>>,
    seed: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct UserAllocation {
    variant: String,
    users: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct GroupAllocation {
    variant: String,
    groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct PercentileAllocation {
    variant: String,
    from: Percent,
    to: Percent,
}

impl Allocation {
    /// The name of the variant for `context` when `flag` is on: by user, else by group, else by percentile.
    pub(super) fn allocate(&self, flag: &str, context: &Context) -> Option<(&str, Assignment)> {
        if !context.is_somebody() {
            return None;
        }
        if let Some(own) = self.user.iter().flatten().find(|entry| context.is_user_in(&entry.users)) {
            return Some((&own.variant, Assignment::User));
        }
        if let Some(own) = self.group.iter().flatten().find(|entry| context.is_member_of_any(&entry.groups)) {
            return Some((&own.variant, Assignment::Group));
        }
        let hint = match self.seed.as_deref() {
            None | Some("") => format!("allocation\n{flag}"),
            Some(seed) => seed.to_owned(),
        };
        let user = context.user_or_empty();
        let own = self.percentile.iter().flatten().find(|entry| falls_between(user, &hint, entry.from, entry.to))?;
        Some((&own.variant, Assignment::Percentile))
    }

    /// How many percent of all users percentiles allocate: to `variant`, or to any.
    pub(super) fn share(&self, variant: Option<&str>) -> f64 {
        let entries = self.percentile.iter().flatten();
        let entries = entries.filter(|entry| variant.is_none_or(|variant| entry.variant == variant));
        entries.map(|entry| entry.from.width(entry.to)).sum()
    }

    /// Every variant name that the allocation mentions.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let users = self.user.iter().flatten().map(|entry| &entry.variant);
        let groups = self.group.iter().flatten().map(|entry| &entry.variant);
        let percentiles = self.percentile.iter().flatten().map(|entry| &entry.variant);
        let defaults = self.default_when_disabled.iter().chain(&self.default_when_enabled);
        users.chain(groups).chain(percentiles).chain(defaults).map(String::as_str)
    }

    /// Whether some percentile range ends before it begins.
    pub(super) fn has_reversed_range(&self) -> bool {
        self.percentile.iter().flatten().any(|entry| entry.to < entry.from)
    }
}
