//! Which way of signing in the variables ask for.

use crate::error::{SettingsError, Skipped};
use crate::method::Method;
use crate::variables::{self as names, Names, Variables};

/// What `FABRIC_AUTH` may say.
pub(crate) const NAMES: &str = "token, client-secret, azure-cli";

/// The way to sign in, and the ones before it with what they lack.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) method: Method,
    pub(crate) skipped: Vec<Skipped>,
}

impl Method {
    /// What each of the ways needs: one name of each group.
    fn needs(self) -> &'static [&'static [Names]] {
        match self {
            Self::Token => &[&[names::TOKEN]],
            Self::ClientSecret => &[&[names::CLIENT], &[names::TENANT], &[names::SECRET, names::SECRET_FILE]],
            Self::AzureCli => &[],
        }
    }

    /// The variables that nobody sets who does not mean to sign in this way.
    fn evidence(self) -> &'static [Names] {
        match self {
            Self::Token => &[names::TOKEN],
            Self::ClientSecret => &[names::SECRET, names::SECRET_FILE],
            Self::AzureCli => &[],
        }
    }

    /// Whether it can be used anywhere, and not only where a platform provides for it.
    pub(crate) fn is_for_everybody(self) -> bool {
        !self.evidence().is_empty()
    }

    fn lacks(self, variables: &Variables<'_>) -> Vec<&'static str> {
        let missing = self.needs().iter().filter(|group| group.iter().all(|names| variables.get(*names).is_none()));
        missing.filter_map(|group| group.first()).map(|names| names.recommended()).collect()
    }

    fn evident(self, variables: &Variables<'_>) -> Option<(Self, &'static str)> {
        self.evidence().iter().find_map(|names| variables.get(*names)).map(|(variable, _)| (self, variable))
    }
}

/// The ways that a variable can ask for, in their order.
const ASKED_FOR: [Method; 2] = [Method::Token, Method::ClientSecret];

/// Chooses: what a switch says, or else what the variables hold, or else what the platform provides, or else the
/// Azure CLI. The choice depends on variables alone, so that an outage never makes somebody else of the caller.
pub(crate) fn choose(variables: &Variables<'_>) -> Result<Choice, SettingsError> {
    if let Some(method) = switched(variables)? {
        return complete(method, variables);
    }
    let mut evident = ASKED_FOR.iter().filter_map(|method| method.evident(variables));
    match (evident.next(), evident.next()) {
        (Some(first), Some(second)) => Err(SettingsError::Contradiction { first, second }),
        (Some((method, _)), None) => complete(method, variables),
        (None, _) => Ok(provided(variables)),
    }
}

/// What `FABRIC_AUTH` or one of the `USE` switches says; two that differ are an error.
fn switched(variables: &Variables<'_>) -> Result<Option<Method>, SettingsError> {
    let mut said: Vec<(Method, &'static str)> = Vec::new();
    if let Some((variable, value)) = variables.get(names::AUTH) {
        said.push((named(variable, &value)?, variable));
    }
    said.extend(variables.switch(names::USE_CLI)?.map(|variable| (Method::AzureCli, variable)));
    match said.as_slice() {
        [] => Ok(None),
        [first, others @ ..] => match others.iter().find(|other| other.0 != first.0) {
            Some(second) => Err(SettingsError::Contradiction { first: *first, second: *second }),
            None => Ok(Some(first.0)),
        },
    }
}

fn named(variable: &'static str, value: &str) -> Result<Method, SettingsError> {
    match value.to_ascii_lowercase().as_str() {
        "token" => Ok(Method::Token),
        "client-secret" => Ok(Method::ClientSecret),
        "azure-cli" => Ok(Method::AzureCli),
        _ => Err(SettingsError::Value { variable, reason: format!("it is none of {NAMES}") }),
    }
}

fn complete(method: Method, variables: &Variables<'_>) -> Result<Choice, SettingsError> {
    let lacks = method.lacks(variables);
    if lacks.is_empty() {
        Ok(Choice { method, skipped: Vec::new() })
    } else {
        Err(SettingsError::Incomplete { method, lacks })
    }
}

fn provided(variables: &Variables<'_>) -> Choice {
    let mut skipped = Vec::new();
    for method in ASKED_FOR {
        let lacks = method.lacks(variables);
        skipped.push(Skipped { method, lacks });
    }
    Choice { method: Method::AzureCli, skipped }
}
