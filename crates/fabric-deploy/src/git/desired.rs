//! The connection to Git that files ask for, and the one that is there.

use fabric_client::{Client, GitConnection, GitConnectionState, GitCredentials, GitProviderDetails, WorkspaceHandle};
use serde::{Deserialize, Serialize};

use super::access::{Access, Credentials, choose};
use super::error::{GitError, WhileTrying};
use super::synchronise::{Deletions, incoming, name_of, outgoing, status};

/// The connection to Git that the files ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredGit {
    /// What the workspace shall be connected to.
    pub provider: GitProviderDetails,
    /// What is at hand to reach it.
    pub access: Access,
    /// What the commit of what was deployed says; `None`: nothing is committed.
    pub commit: Option<String>,
}

/// A connection that another one replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedGit {
    /// What the workspace is connected to.
    pub provider: GitProviderDetails,
    /// How this identity signs in there.
    pub credentials: GitCredentials,
}

/// The connection to Git that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualGit {
    /// How this identity will sign in to what the files ask for.
    pub credentials: Credentials,
    /// Whether the workspace is connected to it, and initialised.
    pub is_connected: bool,
    /// What the workspace is connected to instead.
    pub other: Option<ReplacedGit>,
    /// How many changes of the workspace, deletions aside, the branch lacks; known only where they shall be committed.
    pub outgoing: usize,
}

/// Reads what planning needs to know. Nothing is asked of a workspace that does not exist yet.
pub(crate) async fn read(
    client: &Client,
    workspace: Option<&WorkspaceHandle>,
    desired: &DesiredGit,
) -> Result<ActualGit, GitError> {
    let connection = match workspace {
        Some(workspace) => Some(workspace.git().connection().await.while_trying("read the connection to Git")?),
        None => None,
    };
    let found = connection.as_ref().and_then(|connection| connection.provider.as_ref());
    let is_it = found.is_some_and(|found| found.is(&desired.provider));
    let is_connected = is_it
        && connection
            .as_ref()
            .is_some_and(|connection| connection.state == GitConnectionState::ConnectedAndInitialized);
    let mut actual =
        ActualGit { credentials: Credentials::Ready(GitCredentials::None), is_connected, other: None, outgoing: 0 };
    if let (true, Some(workspace), true) = (is_connected, workspace, desired.commit.is_some()) {
        let now = status(&workspace.git()).await?;
        let behind = incoming(&now);
        if !behind.is_empty() {
            return Err(GitError::Behind { items: behind.iter().map(name_of).collect() });
        }
        actual.outgoing = outgoing(&now).iter().filter(|change| Deletions::Keep.includes(change)).count();
    }
    if !is_connected {
        actual.credentials = choose(client, &desired.provider.repository, &desired.access).await?;
        actual.other = match (workspace, other(connection, desired)) {
            (Some(workspace), Some(provider)) => {
                let credentials = workspace.git().credentials().await.while_trying("read the Git credentials")?;
                Some(ReplacedGit { provider, credentials })
            }
            _ => None,
        };
    }
    Ok(actual)
}

fn other(connection: Option<GitConnection>, desired: &DesiredGit) -> Option<GitProviderDetails> {
    connection?.provider.filter(|found| !found.is(&desired.provider))
}
