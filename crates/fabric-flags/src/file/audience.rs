//! The targeting filter: users, groups, a default roll-out, and those who are excluded.

use serde::Deserialize;

use super::condition::Match;
use super::percentile::{Percent, falls_between};
use crate::Context;

/// The parameters of `Microsoft.Targeting`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Targeting {
    audience: Audience,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Audience {
    #[serde(default)]
    users: Option<Vec<String>>,
    #[serde(default)]
    groups: Option<Vec<GroupRollout>>,
    #[serde(default)]
    default_rollout_percentage: Percent,
    #[serde(default)]
    exclusion: Option<Exclusion>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupRollout {
    name: String,
    rollout_percentage: Percent,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Exclusion {
    #[serde(default)]
    users: Option<Vec<String>>,
    #[serde(default)]
    groups: Option<Vec<String>>,
}

impl Targeting {
    /// Exclusion comes first, then named users, then each group's own roll-out, then the default roll-out.
    pub(super) fn matches(&self, flag: &str, context: &Context) -> Match {
        let Audience { users, groups, default_rollout_percentage, exclusion } = &self.audience;
        if exclusion.as_ref().is_some_and(|exclusion| exclusion.covers(context)) {
            return Match::No;
        }
        if context.is_user_in(users.as_deref().unwrap_or_default()) {
            return Match::ByRule;
        }
        let user = context.user_or_empty();
        let own_groups = groups.iter().flatten().filter(|group| context.groups.contains(&group.name));
        for GroupRollout { name, rollout_percentage } in own_groups {
            if falls_between(user, &format!("{flag}\n{name}"), Percent::ZERO, *rollout_percentage) {
                return Match::ByShare;
            }
        }
        Match::by_share(falls_between(user, flag, Percent::ZERO, *default_rollout_percentage))
    }
}

impl Exclusion {
    fn covers(&self, context: &Context) -> bool {
        context.is_user_in(self.users.as_deref().unwrap_or_default())
            || context.is_member_of_any(self.groups.as_deref().unwrap_or_default())
    }
}
