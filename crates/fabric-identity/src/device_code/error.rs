//! Why a person is not signed in.

use std::time::Duration;

use thiserror::Error;

/// Why signing in with a device code failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeviceCodeError {
    /// The address is none that a secret may be sent to.
    #[error("{place:?} cannot be signed in at: it must be an https address (http only for this machine)")]
    Address {
        /// The address.
        place: String,
    },
    /// The person said no.
    #[error("the sign-in was declined")]
    Declined,
    /// Nobody typed the code in time.
    #[error("the code expired before anybody signed in with it")]
    Expired,
    /// The service said no.
    #[error("the sign-in was refused with {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error, in the words of OAuth.
        code: String,
        /// What the service says about it.
        message: String,
        /// How long it wants to be left alone.
        interval: Option<Duration>,
    },
    /// There was no answer.
    #[error("the sign-in service cannot be reached: {0}")]
    Unreachable(String),
    /// The answer is not one of a sign-in service.
    #[error("the answer ({status}) is not the one of a sign-in service")]
    Unusable {
        /// The HTTP status.
        status: u16,
    },
}

impl DeviceCodeError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Address { .. } => "correct the address",
            Self::Declined | Self::Expired => "sign in again: `fabric-cli git login`",
            Self::Refused { code, .. } => match code.as_str() {
                "unauthorized_client" | "invalid_client" | "incorrect_client_credentials" => {
                    "check the client id: the application must exist and allow the device flow"
                }
                "device_flow_disabled" => "allow the device flow in the settings of the GitHub application",
                "invalid_grant" | "bad_refresh_token" => "sign in again: `fabric-cli git login`",
                _ => "check the client id and the scope",
            },
            Self::Unreachable(_) => "check the network and the proxy settings of this machine",
            Self::Unusable { .. } => "check the address: something else answers there",
        }
    }
}
