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
            Self::AzureCli => "install the Azure CLI and run `az login`",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::ClientSecret => "client secret",
            Self::AzureCli => "Azure CLI",
        })
    }
}
