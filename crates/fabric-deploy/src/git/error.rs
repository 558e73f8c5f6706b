//! Why a workspace and its branch could not be brought together.

use std::time::Duration;

use thiserror::Error;
use uuid::Uuid;

use crate::report;

/// What went wrong, and with what.
#[derive(Debug, Error)]
pub enum GitError {
    /// Fabric did not answer as hoped.
    #[error("could not {action}")]
    Fabric {
        /// What was tried, as an infinitive phrase.
        action: &'static str,
        /// What Fabric said.
        #[source]
        source: fabric_client::Error,
    },
    /// The workspace is connected to something else.
    #[error("the workspace is connected to {found}, not to {wanted}")]
    ConnectedElsewhere {
        /// What it is connected to.
        found: String,
        /// What it shall be connected to.
        wanted: String,
    },
    /// Both sides hold items and nobody said which one wins.
    #[error("both the workspace and the branch hold items")]
    BothSidesHoldItems,
    /// Both sides changed the same items and nobody said which one wins.
    #[error("changed on both sides: {}", items.join(", "))]
    Conflicts {
        /// The items.
        items: Vec<String>,
    },
    /// The branch has changes that the workspace lacks.
    #[error("the branch has changes that the workspace lacks: {}", items.join(", "))]
    Behind {
        /// The items that they are about.
        items: Vec<String>,
    },
    /// The workspace is not connected, or its connection was never initialised.
    #[error("the workspace is not connected to Git")]
    NotConnected,
    /// No connection leads to the repository, and there is nothing to make one of.
    #[error(
        "no connection that this identity may use leads to {repository}, and there are no credentials for a new one"
    )]
    NoConnection {
        /// The repository.
        repository: String,
    },
    /// Several connections lead to the repository.
    #[error("{} connections lead to {repository}: {}", ids.len(), list(ids))]
    AmbiguousConnection {
        /// The repository.
        repository: String,
        /// Their ids.
        ids: Vec<Uuid>,
    },
    /// The connection that was named leads elsewhere.
    #[error("connection {id} does not lead to {repository}")]
    WrongConnection {
        /// The connection.
        id: Uuid,
        /// The repository.
        repository: String,
    },
    /// A service principal asked for automatic credentials.
    #[error("automatic Git credentials are refused to service principals")]
    AutomaticRefused,
    /// Another operation on the workspace does not end.
    #[error("another Git operation on the workspace had not ended after {} s", waited.as_secs())]
    Busy {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The workspace is in a state that this version does not know.
    #[error("the connection is in the state {0}, which this version does not know")]
    UnknownState(String),
    /// Both sides keep moving while they are brought together.
    #[error("workspace or branch kept changing meanwhile")]
    Restless,
}

fn list(ids: &[Uuid]) -> String {
    ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(", ")
}

impl GitError {
    /// What Fabric answered, where that is why.
    pub fn fabric(&self) -> Option<&fabric_client::Error> {
        match self {
            Self::Fabric { source, .. } => Some(source),
            _ => None,
        }
    }

    /// A word for machines: Fabric's own error code, where it gave one.
    pub fn code(&self) -> &str {
        match self {
            Self::Fabric { source, .. } => source.error_code().unwrap_or("no-answer"),
            Self::ConnectedElsewhere { .. } => "git-connected-elsewhere",
            Self::BothSidesHoldItems => "git-both-sides-hold-items",
            Self::Conflicts { .. } => "git-conflicts",
            Self::Behind { .. } => "git-behind",
            Self::NotConnected => "git-not-connected",
            Self::NoConnection { .. } => "git-no-connection",
            Self::AmbiguousConnection { .. } => "git-ambiguous-connection",
            Self::WrongConnection { .. } => "git-wrong-connection",
            Self::AutomaticRefused => "git-automatic-refused",
            Self::Busy { .. } => "git-busy",
            Self::UnknownState(_) => "git-unknown-state",
            Self::Restless => "git-restless",
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::Fabric { source, .. } => match source.error_code()? {
                "GitProviderResourceNotFound" => {
                    "check organisation, project, repository, branch and directory: the API makes no folder, so commit a \
                     file into the directory first"
                }
                "WorkspaceHasNoCapacityAssigned" => "assign the workspace to a capacity first",
                "InsufficientPrivileges" | "InsufficientWorkspaceRole" => {
                    "connecting and disconnecting need the workspace's admin role, the rest needs contributor"
                }
                "IncorrectCredentials" | "InvalidCredentialDetails" => {
                    "check the credentials: a GitHub token needs read and write access to the repository's contents"
                }
                "PrincipalTypeNotSupported" => {
                    "an item of the workspace does not support service principals: run this as a user"
                }
                other => return report::remedy(other),
            },
            Self::ConnectedElsewhere { .. } => "disconnect it first: `fabric-cli git disconnect`",
            Self::BothSidesHoldItems => "say which one wins: --prefer remote, or --prefer workspace",
            Self::Conflicts { .. } => "say which side wins: --prefer remote, or --prefer workspace",
            Self::Behind { .. } => "update the workspace first: `fabric-cli git update`",
            Self::NotConnected => "connect it first: `fabric-cli git connect`",
            Self::NoConnection { .. } => {
                "set GITHUB_TOKEN (GitHub), or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (Azure DevOps), \
                 or name a connection with FABRIC_GIT_CONNECTION_ID"
            }
            Self::AmbiguousConnection { .. } => "name one of them with FABRIC_GIT_CONNECTION_ID",
            Self::WrongConnection { .. } => "name a connection to exactly this repository, or none",
            Self::AutomaticRefused => {
                "give the service principal a connection: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, \
                 from which one is made, or share one with it and set FABRIC_GIT_CONNECTION_ID"
            }
            Self::Busy { .. } | Self::Restless => "try again when it is quiet",
            Self::UnknownState(_) => "use a newer version",
        })
    }
}

/// Names what was tried when Fabric fails.
pub(super) trait WhileTrying<T> {
    fn while_trying(self, action: &'static str) -> Result<T, GitError>;
}

impl<T> WhileTrying<T> for Result<T, fabric_client::Error> {
    fn while_trying(self, action: &'static str) -> Result<T, GitError> {
        self.map_err(|source| GitError::Fabric { action, source })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every way to fail without an answer of Fabric.
    fn all() -> Vec<GitError> {
        let text = |text: &str| text.to_owned();
        let items = || vec!["Load.Notebook".to_owned(), "Clean.Notebook".to_owned()];
        vec![
            GitError::ConnectedElsewhere { found: text("there"), wanted: text("here") },
            GitError::BothSidesHoldItems,
            GitError::Conflicts { items: items() },
            GitError::Behind { items: items() },
            GitError::NotConnected,
            GitError::NoConnection { repository: text("https://github.com/o/r") },
            GitError::AmbiguousConnection {
                repository: text("https://github.com/o/r"),
                ids: vec![Uuid::from_u128(1), Uuid::from_u128(2)],
            },
            GitError::WrongConnection { id: Uuid::from_u128(1), repository: text("https://github.com/o/r") },
            GitError::AutomaticRefused,
            GitError::Busy { waited: Duration::from_secs(600) },
            GitError::UnknownState(text("Dreaming")),
            GitError::Restless,
        ]
    }

    #[test]
    fn each_has_a_code_of_its_own_and_says_what_to_do() {
        let codes: BTreeSet<_> = all().iter().map(|error| error.code().to_owned()).collect();
        assert_eq!(codes.len(), all().len());
        for error in all() {
            assert!(error.code().starts_with("git-") && error.fabric().is_none(), "{error}");
            let remedy = error.remedy().unwrap_or_else(|| panic!("{error} has no remedy"));
            assert!(!error.to_string().contains(remedy), "{error}");
        }
    }

    #[test]
    fn each_names_what_it_is_about() {
        let said: Vec<_> = all().iter().map(ToString::to_string).collect();
        for name in ["there, not to here", "Load.Notebook, Clean.Notebook", "600 s", "Dreaming"] {
            assert!(said.iter().any(|said| said.contains(name)), "{name}");
        }
        let ambiguous = said.iter().find(|said| said.starts_with("2 connections")).unwrap();
        assert!(ambiguous.contains(&Uuid::from_u128(1).to_string()), "{ambiguous}");
        assert!(ambiguous.contains(&Uuid::from_u128(2).to_string()), "{ambiguous}");
    }
}
