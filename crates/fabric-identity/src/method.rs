//! The ways of signing in.

use std::fmt;

/// A way of signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// A token that was fetched by other means.
    Token,
    /// A service principal with a secret.
    ClientSecret,
    /// A service principal with a certificate.
    Certificate,
    /// An application that whoever keeps a file or made an assertion vouches for.
    FederatedToken,
    /// An application that Azure DevOps vouches for.
    AzureDevOps,
    /// An application that GitHub Actions vouches for.
    GitHubActions,
    /// The identity of the machine in Azure.
    ManagedIdentity,
    /// The person or service principal that is signed in to the Azure CLI.
    AzureCli,
}

impl Method {
    /// What to do to sign in this way.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Token => "set FABRIC_TOKEN to a token for https://api.fabric.microsoft.com",
            Self::ClientSecret => "set FABRIC_CLIENT_ID, FABRIC_TENANT_ID and FABRIC_CLIENT_SECRET",
            Self::Certificate => {
                "set FABRIC_CLIENT_ID, FABRIC_TENANT_ID, and FABRIC_CLIENT_CERTIFICATE_FILE_PATH to a PEM file with the \
                 certificate and its key"
            }
            Self::FederatedToken => {
                "set FABRIC_CLIENT_ID, FABRIC_TENANT_ID, and FABRIC_OIDC_TOKEN_FILE_PATH to the file with the assertion"
            }
            Self::AzureDevOps => {
                "set FABRIC_CLIENT_ID, FABRIC_TENANT_ID and FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID, and give the step \
                 SYSTEM_ACCESSTOKEN: $(System.AccessToken)"
            }
            Self::GitHubActions => {
                "set FABRIC_CLIENT_ID and FABRIC_TENANT_ID, and give the job `permissions: id-token: write`"
            }
            Self::ManagedIdentity => {
                "assign an identity to the machine; for one of several, set FABRIC_CLIENT_ID to its client id"
            }
            Self::AzureCli => "install the Azure CLI and run `az login`",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::ClientSecret => "client secret",
            Self::Certificate => "certificate",
            Self::FederatedToken => "federated token",
            Self::AzureDevOps => "Azure DevOps",
            Self::GitHubActions => "GitHub Actions",
            Self::ManagedIdentity => "managed identity",
            Self::AzureCli => "Azure CLI",
        })
    }
}
