//! The cloud that a tenant is in: where its identities sign in, and where its Fabric is.

use crate::error::SettingsError;
use crate::variables::{self as names, Variables};

/// A cloud of Microsoft's.
///
/// The authorities are those of `azure_core`'s cloud configurations; the Fabric endpoints of the sovereign clouds are
/// those that the Terraform provider for Fabric uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Cloud {
    /// Everybody's.
    #[default]
    Public,
    /// Azure Government of the United States.
    UsGovernment,
    /// Azure in China, run by 21Vianet.
    China,
}

impl Cloud {
    /// The cloud that `FABRIC_ENVIRONMENT` or `ARM_ENVIRONMENT` names: `public`, `usgovernment` or `china`.
    ///
    /// # Errors
    /// It names another.
    pub fn of_variables(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        Self::read(&Variables(&lookup))
    }

    pub(crate) fn read(variables: &Variables<'_>) -> Result<Self, SettingsError> {
        let Some((variable, value)) = variables.get(names::ENVIRONMENT) else { return Ok(Self::Public) };
        match value.to_ascii_lowercase().as_str() {
            "public" => Ok(Self::Public),
            "usgovernment" => Ok(Self::UsGovernment),
            "china" => Ok(Self::China),
            _ => {
                let reason = "it is none of public, usgovernment, china".to_owned();
                Err(SettingsError::Value { variable, reason })
            }
        }
    }

    /// Where identities sign in.
    #[must_use]
    pub fn authority(self) -> &'static str {
        match self {
            Self::Public => "https://login.microsoftonline.com",
            Self::UsGovernment => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// Where Fabric is.
    #[must_use]
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::Public => "https://api.fabric.microsoft.com",
            Self::UsGovernment => "https://api.fabric.microsoft.us",
            Self::China => "https://api.fabric.microsoft.cn",
        }
    }

    /// Where Microsoft Graph is, which is another place in each cloud
    /// (<https://learn.microsoft.com/graph/deployments>).
    #[must_use]
    pub fn graph_endpoint(self) -> &'static str {
        match self {
            Self::Public => "https://graph.microsoft.com",
            Self::UsGovernment => "https://graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The scope of tokens for Graph.
    #[must_use]
    pub fn graph_scope(self) -> &'static str {
        match self {
            Self::Public => "https://graph.microsoft.com/.default",
            Self::UsGovernment => "https://graph.microsoft.us/.default",
            Self::China => "https://microsoftgraph.chinacloudapi.cn/.default",
        }
    }

    /// The scope of tokens for it.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::Public => "https://api.fabric.microsoft.com/.default",
            Self::UsGovernment => "https://api.fabric.microsoft.us/.default",
            Self::China => "https://api.fabric.microsoft.cn/.default",
        }
    }
}
