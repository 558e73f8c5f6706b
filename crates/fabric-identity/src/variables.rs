//! The variables that say who to sign in as, in every spelling that users of Fabric's tools know.

use secrecy::SecretString;
use url::{Host, Url};

use crate::error::SettingsError;

/// One meaning, and its names: the first that is set to something counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names(&'static [&'static str]);

pub(crate) const AUTH: Names = Names(&["FABRIC_AUTH"]);
pub(crate) const USE_OIDC: Names = Names(&["FABRIC_USE_OIDC", "ARM_USE_OIDC"]);
pub(crate) const USE_MSI: Names = Names(&["FABRIC_USE_MSI", "ARM_USE_MSI", "FAB_MANAGED_IDENTITY"]);
pub(crate) const USE_CLI: Names = Names(&["FABRIC_USE_CLI", "ARM_USE_CLI"]);
pub(crate) const ENVIRONMENT: Names = Names(&["FABRIC_ENVIRONMENT", "ARM_ENVIRONMENT"]);
pub(crate) const AUTHORITY: Names = Names(&["AZURE_AUTHORITY_HOST"]);
pub(crate) const TOKEN: Names = Names(&["FABRIC_TOKEN", "FAB_TOKEN"]);
pub(crate) const TENANT: Names = Names(&["FABRIC_TENANT_ID", "AZURE_TENANT_ID", "ARM_TENANT_ID", "FAB_TENANT_ID"]);
pub(crate) const CLIENT: Names = Names(&["FABRIC_CLIENT_ID", "AZURE_CLIENT_ID", "ARM_CLIENT_ID", "FAB_SPN_CLIENT_ID"]);
pub(crate) const SECRET: Names =
    Names(&["FABRIC_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "FAB_SPN_CLIENT_SECRET"]);
pub(crate) const SECRET_FILE: Names = Names(&["FABRIC_CLIENT_SECRET_FILE_PATH", "ARM_CLIENT_SECRET_FILE_PATH"]);

pub(crate) const CERTIFICATE: Names = Names(&["FABRIC_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE"]);
pub(crate) const CERTIFICATE_FILE: Names = Names(&[
    "FABRIC_CLIENT_CERTIFICATE_FILE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "ARM_CLIENT_CERTIFICATE_FILE_PATH",
    "ARM_CLIENT_CERTIFICATE_PATH",
    "FAB_SPN_CERT_PATH",
]);
pub(crate) const ASSERTION: Names = Names(&["FABRIC_OIDC_TOKEN", "ARM_OIDC_TOKEN", "FAB_SPN_FEDERATED_TOKEN"]);
pub(crate) const ASSERTION_FILE: Names =
    Names(&["FABRIC_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "ARM_OIDC_TOKEN_FILE_PATH"]);
pub(crate) const GITHUB_URL: Names =
    Names(&["FABRIC_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "ARM_OIDC_REQUEST_URL"]);
pub(crate) const GITHUB_TOKEN: Names =
    Names(&["FABRIC_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ARM_OIDC_REQUEST_TOKEN"]);
pub(crate) const SERVICE_CONNECTION: Names = Names(&[
    "FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
]);
pub(crate) const AZURE_DEVOPS_URL: Names = Names(&["SYSTEM_OIDCREQUESTURI"]);
pub(crate) const AZURE_DEVOPS_TOKEN: Names = Names(&["SYSTEM_ACCESSTOKEN"]);
pub(crate) const IDENTITY_ENDPOINT: Names = Names(&["IDENTITY_ENDPOINT"]);
pub(crate) const IDENTITY_HEADER: Names = Names(&["IDENTITY_HEADER"]);

/// What the variables of one process or test say.
pub(crate) struct Variables<'a>(pub(crate) &'a dyn Fn(&str) -> Option<String>);

impl Names {
    /// The name that is recommended.
    pub(crate) fn recommended(self) -> &'static str {
        self.0.first().copied().unwrap_or_default()
    }
}

impl Variables<'_> {
    /// The first of the names that is set to something, and its value.
    pub(crate) fn get(&self, names: Names) -> Option<(&'static str, String)> {
        names.0.iter().find_map(|name| {
            let value = (self.0)(name)?;
            let value = value.trim();
            (!value.is_empty()).then(|| (*name, value.to_owned()))
        })
    }

    /// Its value alone.
    pub(crate) fn value(&self, names: Names) -> Option<String> {
        self.get(names).map(|(_, value)| value)
    }

    /// Its value, where it is a secret.
    pub(crate) fn secret(&self, names: Names) -> Option<SecretString> {
        self.value(names).map(SecretString::from)
    }

    /// The variable that switches something on, if one does.
    pub(crate) fn switch(&self, names: Names) -> Result<Option<&'static str>, SettingsError> {
        let Some((variable, value)) = self.get(names) else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Some(variable)),
            "false" | "0" => Ok(None),
            _ => Err(SettingsError::Value { variable, reason: "it is neither true nor false".to_owned() }),
        }
    }

    /// An address that must be https, as `azure_identity` insists for authorities.
    pub(crate) fn https(&self, names: Names) -> Result<Option<Url>, SettingsError> {
        let Some((variable, value)) = self.get(names) else { return Ok(None) };
        match Url::parse(&value) {
            Ok(url) if url.scheme() == "https" => Ok(Some(url)),
            _ => Err(SettingsError::Value { variable, reason: "it is not an https address".to_owned() }),
        }
    }

    /// An address that a secret may be sent to: https, or this machine and its host.
    pub(crate) fn address(&self, names: Names) -> Result<Url, SettingsError> {
        let (variable, value) = self.get(names).unwrap_or_default();
        let unusable = |reason: &str| SettingsError::Value { variable, reason: reason.to_owned() };
        let url = Url::parse(&value).map_err(|_| unusable("it is not an address"))?;
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Ok(url),
            "http" if here => Ok(url),
            _ => Err(unusable("it must be an https address (http only for this machine)")),
        }
    }
}
