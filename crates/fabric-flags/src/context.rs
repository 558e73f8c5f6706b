//! For whom, and when, the rules of a flag file are evaluated.

use std::time::SystemTime;

/// For whom, and when, the rules of a flag file are evaluated.
///
/// Who the user is depends on the caller: for a deployment, the environment or the workspace name serve well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    pub(crate) now: SystemTime,
    pub(crate) user: Option<String>,
    pub(crate) groups: Vec<String>,
}

impl Context {
    /// The moment `now`, for nobody in particular.
    pub const fn at(now: SystemTime) -> Self {
        Self { now, user: None, groups: Vec::new() }
    }

    /// The same, for `user`.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// The same, for a member of `group` too.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// Nobody counts as the user with the empty name, as in Microsoft's JavaScript and Python libraries.
    pub(crate) fn user_or_empty(&self) -> &str {
        self.user.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_user_in(&self, users: &[String]) -> bool {
        self.user.as_ref().is_some_and(|user| users.contains(user))
    }

    pub(crate) fn is_member_of_any(&self, groups: &[String]) -> bool {
        self.groups.iter().any(|group| groups.contains(group))
    }

    /// Whether there is anybody to whom a variant could be allocated.
    pub(crate) fn is_somebody(&self) -> bool {
        self.user.is_some() || !self.groups.is_empty()
    }
}
