//! Why there is no secret.

use std::fmt;

use thiserror::Error;

use crate::name::SecretName;
use crate::store::Source;

/// Why a store gives no secret. No variant holds a value; of what a server sent, only status and error code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// The store says that it has no such secret, or not in this version.
    #[error("there is no secret {name} in {}", list(tried))]
    NotFound {
        /// Which secret.
        name: SecretName,
        /// Who was asked.
        tried: Vec<Source>,
    },
    /// The store refuses (401, 403): the caller has no permission, or the secret is disabled.
    #[error("{store} refuses {subject}: {reason}")]
    Denied {
        /// What was asked for.
        subject: Subject,
        /// Who refuses.
        store: Source,
        /// Status and error code.
        reason: String,
    },
    /// The credential gave no token, so that the store could not be asked.
    #[error("{store} could not be asked for {subject}: {reason}")]
    NotSignedIn {
        /// What was asked for.
        subject: Subject,
        /// Who could not be asked.
        store: Source,
        /// What the credential says.
        reason: String,
    },
    /// The store gave no answer: no connection, no time left, throttled, or a fault of its own.
    #[error("{store} gives no answer when asked for {subject}: {reason}")]
    Unreachable {
        /// What was asked for.
        subject: Subject,
        /// Who gave no answer.
        store: Source,
        /// What happened instead.
        reason: String,
    },
    /// The store answered something that is neither a secret nor a refusal.
    #[error("{store} gives no usable answer when asked for {subject}: {reason}")]
    Unusable {
        /// What was asked for.
        subject: Subject,
        /// Who answered.
        store: Source,
        /// What is wrong with the answer.
        reason: String,
    },
}

/// What a store was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One secret.
    Secret(SecretName),
    /// Which secrets there are.
    List,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(name) => write!(f, "the secret {name}"),
            Self::List => f.write_str("its list of secrets"),
        }
    }
}

impl Error {
    /// Whether the store said something about this secret, so that what was known before no longer counts.
    pub(crate) fn is_definite(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Denied { .. })
    }
}

fn list(sources: &[Source]) -> String {
    sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
