//! Named sets of switches.

use std::fmt;

use serde::Serialize;

use crate::Feature;

/// A named starting point, chosen by `FABRIC_PROFILE`; every other source overrides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Says nothing: every feature keeps its default.
    Development,
    /// Every feature is on.
    Production,
}

impl Profile {
    /// The environment variable that chooses the profile.
    pub const VARIABLE: &'static str = "FABRIC_PROFILE";

    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Development, Self::Production];

    /// The name by which `FABRIC_PROFILE` chooses it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
        }
    }

    /// The profile called `name`: any case, surrounding white space ignored.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name().eq_ignore_ascii_case(name.trim()))
    }

    /// What the profile says about `feature`; `None` when it says nothing.
    pub const fn value(self, _feature: Feature) -> Option<bool> {
        match self {
            Self::Development => None,
            Self::Production => Some(true),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
