//! Why nobody is signed in, as data.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use azure_core::error::ErrorKind;
use thiserror::Error;

use crate::certificate::CertificateError;
use crate::entra;
use crate::method::Method;

/// Variables that do not say who to sign in as. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Two ways of signing in at once.
    #[error("{} says to sign in by {}, and {} says by {}", first.1, first.0, second.1, second.0)]
    Contradiction {
        /// One way, and the variable that asks for it.
        first: (Method, &'static str),
        /// The other.
        second: (Method, &'static str),
    },
    /// A way of signing in was chosen, and something that it needs is missing.
    #[error("{method}: {} not set", lacking(lacks))]
    Incomplete {
        /// The way that was chosen.
        method: Method,
        /// The variables that are missing, by the names that are recommended.
        lacks: Vec<&'static str>,
    },
    /// A variable has a value that it cannot have. The value is not repeated: it may be a secret in the wrong place.
    #[error("{variable}: {reason}")]
    Value {
        /// The variable.
        variable: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
    /// A certificate that cannot be used.
    #[error("{variable}: the certificate cannot be used: {reason}")]
    Certificate {
        /// The variable that holds or names it.
        variable: &'static str,
        /// What is wrong with it.
        reason: CertificateError,
    },
    /// A file that a variable names cannot be read.
    #[error("{variable}: {} cannot be read: {reason}", path.display())]
    File {
        /// The variable.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl SettingsError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Contradiction { first, second } => format!(
                "unset {} or {}, or say which one counts with FABRIC_AUTH (one of {})",
                first.1,
                second.1,
                crate::choice::NAMES
            ),
            Self::Incomplete { method, .. } => method.remedy().to_owned(),
            Self::Certificate { reason, .. } => reason.remedy().to_owned(),
            Self::Value { variable, .. } | Self::File { variable, .. } => format!("correct {variable} or unset it"),
        }
    }
}

/// The identity that was to sign in did not, and why no other was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainError {
    /// The way of signing in that was tried.
    pub method: Method,
    /// Why it failed.
    pub reason: FailureReason,
    /// The ways before it, and what they lack.
    pub skipped: Vec<Skipped>,
}

/// A way of signing in that was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The way.
    pub method: Method,
    /// The variables that it needs and that are not set.
    pub lacks: Vec<&'static str>,
}

/// Why signing in failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureReason {
    /// There was no answer in time.
    TimedOut(Duration),
    /// The service answered, and gave no token.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Entra's code, such as `AADSTS7000215`.
        code: Option<String>,
        /// What it says, without what it was sent.
        message: String,
    },
    /// There is nobody who could answer.
    Unreachable(String),
    /// The answer, or something on the way to it, cannot be used.
    Unusable(String),
}

impl ChainError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        let advice = match &self.reason {
            FailureReason::Refused { code: Some(code), .. } => entra::remedy(code),
            FailureReason::TimedOut(_) | FailureReason::Unreachable(_) => {
                Some("check the network and the proxy settings of this machine")
            }
            _ => None,
        };
        match (advice, self.skipped.is_empty()) {
            (Some(advice), _) => advice.to_owned(),
            (None, true) => self.method.remedy().to_owned(),
            (None, false) => {
                let others = [self.method, Method::ClientSecret, Method::Token].map(Method::remedy);
                others.join("; or ")
            }
        }
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(after) => write!(f, "no answer within {} s", after.as_secs()),
            Self::Refused { status, message, .. } => write!(f, "refused with {status}: {message}"),
            Self::Unreachable(message) | Self::Unusable(message) => f.write_str(message),
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: skipped, {} not set", self.method, lacking(&self.lacks))
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signing in failed\n  {}: {}", self.method, self.reason)?;
        self.skipped.iter().try_for_each(|skipped| write!(f, "\n  {skipped}"))
    }
}

impl Error for ChainError {}

impl From<ChainError> for azure_core::Error {
    fn from(error: ChainError) -> Self {
        let message = error.to_string();
        Self::with_error(ErrorKind::Credential, error, message)
    }
}

fn lacking(names: &[&str]) -> String {
    match names {
        [one] => format!("{one} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
        [] => "nothing is".to_owned(),
    }
}
