//! A workspace's connection to Git.

use serde::Serialize;
use uuid::Uuid;

use crate::client::Client;
use crate::error::Error;
use crate::model::{
    GitCommit, GitConnectRequest, GitConnection, GitCredentials, GitInitialization, GitPreference, GitStatus, GitUpdate,
};
use crate::routes;
use crate::submission::Submission;

/// A workspace's connection to Git.
#[derive(Debug, Clone)]
pub struct Git {
    client: Client,
    workspace_id: Uuid,
}

impl Git {
    pub(crate) fn new(client: Client, workspace_id: Uuid) -> Self {
        Self { client, workspace_id }
    }

    /// What the workspace is connected to, and how far that has come.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn connection(&self) -> Result<GitConnection, Error> {
        self.client.fetch(routes::GET_GIT_CONNECTION.call(&[&self.workspace_id])).await
    }

    /// Connects the workspace to a branch. Nothing is compared or moved yet. Needs the admin role.
    ///
    /// # Errors
    /// Any [`Error`]; `WorkspaceAlreadyConnectedToGit` where it is connected, to whatever that may be.
    pub async fn connect(&self, request: &GitConnectRequest) -> Result<(), Error> {
        self.client.perform(routes::CONNECT_GIT.call(&[&self.workspace_id]).json(request)).await
    }

    /// Lets go of the branch; the workspace's items stay. Needs the admin role.
    ///
    /// # Errors
    /// Any [`Error`]; `WorkspaceNotConnectedToGit` where there is nothing to let go of.
    pub async fn disconnect(&self) -> Result<(), Error> {
        self.client.perform(routes::DISCONNECT_GIT.call(&[&self.workspace_id])).await
    }

    /// Compares both sides of a new connection; says what has to follow. Needs the admin role. Where both sides hold
    /// items, one of them must be preferred.
    pub fn initialize(&self, preference: Option<GitPreference>) -> Submission<GitInitialization> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Initialize {
            #[serde(skip_serializing_if = "Option::is_none")]
            initialization_strategy: Option<GitPreference>,
        }
        let call = routes::INITIALIZE_GIT.call(&[&self.workspace_id]);
        self.submit(call.json(&Initialize { initialization_strategy: preference }))
    }

    /// What differs between workspace and branch.
    pub fn status(&self) -> Submission<GitStatus> {
        self.submit(routes::GET_GIT_STATUS.call(&[&self.workspace_id]))
    }

    /// Commits changes of the workspace to the branch.
    pub fn commit(&self, commit: &GitCommit) -> Submission<()> {
        self.submit(routes::COMMIT_TO_GIT.call(&[&self.workspace_id]).json(commit))
    }

    /// Brings changes of the branch into the workspace.
    pub fn update(&self, update: &GitUpdate) -> Submission<()> {
        self.submit(routes::UPDATE_FROM_GIT.call(&[&self.workspace_id]).json(update))
    }

    /// How the caller signs in to the provider.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn credentials(&self) -> Result<GitCredentials, Error> {
        self.client.fetch(routes::GET_GIT_CREDENTIALS.call(&[&self.workspace_id])).await
    }

    /// Changes how the caller signs in to the provider.
    ///
    /// # Errors
    /// Any [`Error`]; `PrincipalTypeNotSupported` where a service principal asks for [`GitCredentials::Automatic`].
    pub async fn update_credentials(&self, credentials: &GitCredentials) -> Result<GitCredentials, Error> {
        self.client.fetch(routes::UPDATE_GIT_CREDENTIALS.call(&[&self.workspace_id]).json(credentials)).await
    }

    fn submit<T: crate::OperationResult>(&self, call: crate::call::Call) -> Submission<T> {
        Submission::new(self.client.clone(), call)
    }
}
