//! Why a deployment could not be planned or carried out.

use thiserror::Error;

use crate::desired::ItemKey;
use crate::diagnostic::Diagnostics;
use crate::git::GitError;

/// A failure before or between the steps. What went wrong inside a step is in the [report](crate::report).
#[derive(Debug, Error)]
pub enum DeployError {
    /// Fabric did not answer as hoped.
    #[error("could not {action}")]
    Fabric {
        /// What was tried, as an infinitive phrase: `read the items of workspace "Sales"`.
        action: String,
        /// What Fabric said.
        #[source]
        source: fabric_client::Error,
    },
    /// No workspace has the id that was asked for.
    #[error("there is no workspace {selector}, or it is not shared with this identity")]
    WorkspaceNotFound {
        /// The name or id.
        selector: String,
    },
    /// Several workspaces have the name that was asked for.
    #[error("{} workspaces are called \"{name}\": {}", ids.len(), list(ids))]
    AmbiguousWorkspace {
        /// The name.
        name: String,
        /// Their ids.
        ids: Vec<uuid::Uuid>,
    },
    /// Several items have one type and name, so that it is not clear which one is meant.
    #[error("{} items of the workspace are called {key}: {}", ids.len(), list(ids))]
    AmbiguousItem {
        /// Type and name.
        key: ItemKey,
        /// Their ids.
        ids: Vec<uuid::Uuid>,
    },
    /// The connection to Git is not as it can be planned with.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The files ask for something that cannot be planned against this workspace.
    #[error("{0}")]
    Invalid(Diagnostics),
    /// More items would be deleted than allowed.
    #[error("{planned} items would be deleted, and at most {limit} may be (--max-delete)")]
    TooManyDeletes {
        /// How many would be deleted.
        planned: usize,
        /// How many may be.
        limit: usize,
    },
    /// The saved plan no longer fits.
    #[error("the saved plan is stale: {reason}")]
    StalePlan {
        /// What moved.
        reason: &'static str,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A saved plan is not one.
    #[error("{path} is not a saved plan of this version: {reason}")]
    NotAPlan {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

fn list(ids: &[uuid::Uuid]) -> String {
    ids.iter().map(uuid::Uuid::to_string).collect::<Vec<_>>().join(", ")
}

/// Names what was tried when Fabric fails.
pub(crate) trait WhileTrying<T> {
    fn while_trying(self, action: impl FnOnce() -> String) -> Result<T, DeployError>;
}

impl<T> WhileTrying<T> for Result<T, fabric_client::Error> {
    fn while_trying(self, action: impl FnOnce() -> String) -> Result<T, DeployError> {
        self.map_err(|source| DeployError::Fabric { action: action(), source })
    }
}
