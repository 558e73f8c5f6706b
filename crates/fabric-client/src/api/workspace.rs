//! One workspace.

use serde::Serialize;
use uuid::Uuid;

use super::{Environments, Folders, Git, Items, Jobs, RoleAssignments, SemanticModels, Shortcuts, VariableLibraries};
use crate::client::Client;
use crate::error::Error;
use crate::model::{ItemProperties, SparkPool, Typed, Workspace, WorkspaceChange, WorkspaceInfo};
use crate::routes;

/// One workspace, by its id. Cheap to clone.
#[derive(Debug, Clone)]
pub struct WorkspaceHandle {
    client: Client,
    id: Uuid,
}

impl WorkspaceHandle {
    pub(crate) fn new(client: Client, id: Uuid) -> Self {
        Self { client, id }
    }

    /// The workspace's id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The workspace in full.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn get(&self) -> Result<WorkspaceInfo, Error> {
        self.client.fetch(routes::GET_WORKSPACE.call(&[&self.id])).await
    }

    /// Changes the name or the description.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update(&self, change: &WorkspaceChange) -> Result<Workspace, Error> {
        self.client.fetch(routes::UPDATE_WORKSPACE.call(&[&self.id]).json(change)).await
    }

    /// Deletes the workspace with everything in it.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn delete(&self) -> Result<(), Error> {
        self.client.perform(routes::DELETE_WORKSPACE.call(&[&self.id])).await
    }

    /// Asks for the workspace to be assigned to a capacity. It is done once
    /// [`capacity_assignment_progress`](WorkspaceInfo::capacity_assignment_progress) says so.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn assign_to_capacity(&self, capacity_id: Uuid) -> Result<(), Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Assign {
            capacity_id: Uuid,
        }
        self.client.perform(routes::ASSIGN_CAPACITY.call(&[&self.id]).json(&Assign { capacity_id })).await
    }

    /// Asks for the workspace to be taken from its capacity.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn unassign_from_capacity(&self) -> Result<(), Error> {
        self.client.perform(routes::UNASSIGN_CAPACITY.call(&[&self.id])).await
    }

    /// What an item of a certain type has beyond any item, such as a lakehouse's SQL endpoint.
    ///
    /// # Errors
    /// Any [`Error`] of a read; `ItemNotFound` too where the item is of another type.
    pub async fn item_properties<P: ItemProperties>(&self, item_id: Uuid) -> Result<P, Error> {
        let typed: Typed<P> = self.client.fetch(P::ROUTE.call(&[&self.id, &item_id])).await?;
        Ok(typed.properties)
    }

    /// The Spark pools that its environments may use, those of its capacity among them.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn spark_pools(&self) -> Result<Vec<SparkPool>, Error> {
        self.client.list(routes::LIST_SPARK_POOLS.call(&[&self.id])).await
    }

    /// Who may do what here.
    pub fn role_assignments(&self) -> RoleAssignments {
        RoleAssignments::new(self.client.clone(), self.id)
    }

    /// Its folders.
    pub fn folders(&self) -> Folders {
        Folders::new(self.client.clone(), self.id)
    }

    /// Its connection to Git.
    pub fn git(&self) -> Git {
        Git::new(self.client.clone(), self.id)
    }

    /// Its items.
    pub fn items(&self) -> Items {
        Items::new(self.client.clone(), self.id)
    }

    /// What only environments can do.
    pub fn environments(&self) -> Environments {
        Environments::new(self.client.clone(), self.id)
    }

    /// What only variable libraries can do.
    pub fn variable_libraries(&self) -> VariableLibraries {
        VariableLibraries::new(self.client.clone(), self.id)
    }

    /// What only semantic models can do.
    pub fn semantic_models(&self) -> SemanticModels {
        SemanticModels::new(self.client.clone(), self.id)
    }

    /// The shortcuts inside an item.
    pub fn shortcuts(&self, item_id: Uuid) -> Shortcuts {
        Shortcuts::new(self.client.clone(), self.id, item_id)
    }

    /// The runs of an item.
    pub fn jobs(&self, item_id: Uuid) -> Jobs {
        Jobs::new(self.client.clone(), self.id, item_id)
    }
}
