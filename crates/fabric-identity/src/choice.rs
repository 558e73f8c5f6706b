//! Which way of signing in the variables ask for.

use std::cmp::Reverse;

use crate::error::{SettingsError, Skipped};
use crate::method::Method;
use crate::variables::{self as names, Names, Variables};

/// What `FABRIC_AUTH` may say.
pub(crate) const NAMES: &str = "token, client-secret, certificate, oidc, managed-identity, azure-cli";

/// The way to sign in, and the ones before it with what they lack.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) method: Method,
    pub(crate) skipped: Vec<Skipped>,
}

/// The ways that a variable can ask for which nobody sets who does not mean it, in their order.
const ASKED_FOR: [Method; 4] = [Method::Token, Method::ClientSecret, Method::Certificate, Method::FederatedToken];

/// The ways that a platform provides for, whether or not anybody means to use them, in their order.
const PROVIDED: [Method; 3] = [Method::AzureDevOps, Method::GitHubActions, Method::ManagedIdentity];

/// The ways in which somebody else vouches for an application, in their order.
const FEDERATED: [Method; 3] = [Method::FederatedToken, Method::AzureDevOps, Method::GitHubActions];

impl Method {
    /// What it needs: one name of each group.
    fn needs(self) -> &'static [&'static [Names]] {
        match self {
            Self::Token => &[&[names::TOKEN]],
            Self::ClientSecret => &[&[names::CLIENT], &[names::TENANT], &[names::SECRET, names::SECRET_FILE]],
            Self::Certificate => &[&[names::CLIENT], &[names::TENANT], &[names::CERTIFICATE_FILE, names::CERTIFICATE]],
            Self::FederatedToken => &[&[names::CLIENT], &[names::TENANT], &[names::ASSERTION_FILE, names::ASSERTION]],
            Self::AzureDevOps => &[
                &[names::CLIENT],
                &[names::TENANT],
                &[names::SERVICE_CONNECTION],
                &[names::AZURE_DEVOPS_URL],
                &[names::AZURE_DEVOPS_TOKEN],
            ],
            Self::GitHubActions => &[&[names::CLIENT], &[names::TENANT], &[names::GITHUB_URL], &[names::GITHUB_TOKEN]],
            Self::ManagedIdentity => &[&[names::IDENTITY_ENDPOINT], &[names::IDENTITY_HEADER]],
            Self::AzureCli => &[],
        }
    }

    /// The variables that nobody sets who does not mean to sign in this way.
    fn evidence(self) -> &'static [Names] {
        match self {
            Self::Token => &[names::TOKEN],
            Self::ClientSecret => &[names::SECRET, names::SECRET_FILE],
            Self::Certificate => &[names::CERTIFICATE_FILE, names::CERTIFICATE],
            Self::FederatedToken => &[names::ASSERTION_FILE, names::ASSERTION],
            Self::AzureDevOps | Self::GitHubActions | Self::ManagedIdentity | Self::AzureCli => &[],
        }
    }

    fn lacks(self, variables: &Variables<'_>) -> Vec<&'static str> {
        let missing = self.needs().iter().filter(|group| group.iter().all(|names| variables.get(*names).is_none()));
        missing.filter_map(|group| group.first()).map(|names| names.recommended()).collect()
    }

    fn evident(self, variables: &Variables<'_>) -> Option<(Self, &'static str)> {
        self.evidence().iter().find_map(|names| variables.get(*names)).map(|(variable, _)| (self, variable))
    }
}

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
        said.push((named(variables, variable, &value)?, variable));
    }
    let federated = variables.switch(names::USE_OIDC)?;
    said.extend(federated.map(|variable| (federation(variables), variable)));
    said.extend(variables.switch(names::USE_MSI)?.map(|variable| (Method::ManagedIdentity, variable)));
    said.extend(variables.switch(names::USE_CLI)?.map(|variable| (Method::AzureCli, variable)));
    match said.as_slice() {
        [] => Ok(None),
        [first, others @ ..] => match others.iter().find(|other| other.0 != first.0) {
            Some(second) => Err(SettingsError::Contradiction { first: *first, second: *second }),
            None => Ok(Some(first.0)),
        },
    }
}

fn named(variables: &Variables<'_>, variable: &'static str, value: &str) -> Result<Method, SettingsError> {
    match value.to_ascii_lowercase().as_str() {
        "token" => Ok(Method::Token),
        "client-secret" => Ok(Method::ClientSecret),
        "certificate" => Ok(Method::Certificate),
        "oidc" => Ok(federation(variables)),
        "managed-identity" => Ok(Method::ManagedIdentity),
        "azure-cli" => Ok(Method::AzureCli),
        _ => Err(SettingsError::Value { variable, reason: format!("it is none of {NAMES}") }),
    }
}

/// Who vouches for the application: the first that has all it needs, or else the one of which most is there.
fn federation(variables: &Variables<'_>) -> Method {
    let order = |method: &Method| {
        let lacks = method.lacks(variables).len();
        let there = if lacks == 0 { 0 } else { method.needs().len() - lacks };
        (lacks > 0, Reverse(there))
    };
    FEDERATED.into_iter().min_by_key(order).unwrap_or(Method::FederatedToken)
}

fn complete(method: Method, variables: &Variables<'_>) -> Result<Choice, SettingsError> {
    let lacks = match method {
        // Where nothing is announced, the metadata service of a virtual machine is asked.
        Method::ManagedIdentity if variables.get(names::IDENTITY_ENDPOINT).is_none() => Vec::new(),
        _ => method.lacks(variables),
    };
    if lacks.is_empty() {
        Ok(Choice { method, skipped: Vec::new() })
    } else {
        Err(SettingsError::Incomplete { method, lacks })
    }
}

fn provided(variables: &Variables<'_>) -> Choice {
    let mut skipped = Vec::new();
    for method in ASKED_FOR.into_iter().chain(PROVIDED) {
        let lacks = method.lacks(variables);
        if lacks.is_empty() {
            return Choice { method, skipped };
        }
        // The metadata service of a virtual machine is asked only if somebody says so: elsewhere that costs a second.
        let lacks = if method == Method::ManagedIdentity { vec![names::USE_MSI.recommended()] } else { lacks };
        skipped.push(Skipped { method, lacks });
    }
    Choice { method: Method::AzureCli, skipped }
}
