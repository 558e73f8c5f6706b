//! All workspaces.

use crate::client::Client;
use crate::error::Error;
use crate::model::{NewWorkspace, Workspace, WorkspaceRole};
use crate::routes;

/// All workspaces that the caller may see.
#[derive(Debug, Clone)]
pub struct Workspaces {
    client: Client,
}

impl Workspaces {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Every workspace.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list(&self) -> Result<Vec<Workspace>, Error> {
        self.client.list(routes::LIST_WORKSPACES.call(&[])).await
    }

    /// Every workspace in which the caller has this role, of its own or by a group. This is how a caller learns its role:
    /// the list of role assignments is not shown to everyone, and does not resolve groups.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list_with_role(&self, role: &WorkspaceRole) -> Result<Vec<Workspace>, Error> {
        self.client.list(routes::LIST_WORKSPACES.call(&[]).query("roles", role.as_str())).await
    }

    /// Creates a workspace.
    ///
    /// # Errors
    /// Any [`Error`]; an ambiguous one means that the workspace may exist.
    pub async fn create(&self, workspace: &NewWorkspace) -> Result<Workspace, Error> {
        self.client.fetch(routes::CREATE_WORKSPACE.call(&[]).json(workspace)).await
    }
}
