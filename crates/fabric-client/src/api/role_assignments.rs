//! Who may do what in a workspace.

use serde::Serialize;
use uuid::Uuid;

use crate::client::Client;
use crate::error::Error;
use crate::model::{NewRoleAssignment, RoleAssignment, WorkspaceRole};
use crate::routes;

/// The role assignments of a workspace.
#[derive(Debug, Clone)]
pub struct RoleAssignments {
    client: Client,
    workspace_id: Uuid,
}

impl RoleAssignments {
    pub(crate) fn new(client: Client, workspace_id: Uuid) -> Self {
        Self { client, workspace_id }
    }

    /// Every assignment.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list(&self) -> Result<Vec<RoleAssignment>, Error> {
        self.client.list(routes::LIST_ROLES.call(&[&self.workspace_id])).await
    }

    /// Gives a role to a principal that has none.
    ///
    /// # Errors
    /// Any [`Error`]; an ambiguous one means that the principal may have the role.
    pub async fn add(&self, assignment: &NewRoleAssignment) -> Result<RoleAssignment, Error> {
        self.client.fetch(routes::ADD_ROLE.call(&[&self.workspace_id]).json(assignment)).await
    }

    /// Changes the role of an assignment.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update(&self, id: Uuid, role: WorkspaceRole) -> Result<RoleAssignment, Error> {
        #[derive(Serialize)]
        struct Change {
            role: WorkspaceRole,
        }
        self.client.fetch(routes::UPDATE_ROLE.call(&[&self.workspace_id, &id]).json(&Change { role })).await
    }

    /// Takes a role away.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn delete(&self, id: Uuid) -> Result<(), Error> {
        self.client.perform(routes::DELETE_ROLE.call(&[&self.workspace_id, &id])).await
    }
}
