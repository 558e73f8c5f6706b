//! All connections.

use uuid::Uuid;

use crate::client::Client;
use crate::error::Error;
use crate::model::{Connection, GitRepository, NewConnection};
use crate::routes;

/// All connections that the caller may see.
#[derive(Debug, Clone)]
pub struct Connections {
    client: Client,
}

impl Connections {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Every connection.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list(&self) -> Result<Vec<Connection>, Error> {
        self.client.list(routes::LIST_CONNECTIONS.call(&[])).await
    }

    /// One connection.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn get(&self, id: Uuid) -> Result<Connection, Error> {
        self.client.fetch(routes::GET_CONNECTION.call(&[&id])).await
    }

    /// The connections that lead to exactly this repository, among those that the caller may use.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn to_repository(&self, repository: &GitRepository) -> Result<Vec<Connection>, Error> {
        let mut connections = self.list().await?;
        connections.retain(|connection| connection.leads_to(repository));
        Ok(connections)
    }

    /// Deletes a connection. Whatever uses it is left without it.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn delete(&self, id: Uuid) -> Result<(), Error> {
        self.client.perform(routes::DELETE_CONNECTION.call(&[&id])).await
    }

    /// Creates a connection.
    ///
    /// # Errors
    /// Any [`Error`]; an ambiguous one means that the connection may exist.
    pub async fn create(&self, connection: &NewConnection) -> Result<Connection, Error> {
        self.client.fetch(routes::CREATE_CONNECTION.call(&[]).json(connection)).await
    }
}
