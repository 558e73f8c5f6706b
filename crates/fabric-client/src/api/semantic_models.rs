//! What only semantic models can do.

use uuid::Uuid;

use crate::client::Client;
use crate::error::Error;
use crate::model::{BindingRequest, ConnectionBinding};
use crate::routes;

/// The semantic models of a workspace.
#[derive(Debug, Clone)]
pub struct SemanticModels {
    client: Client,
    workspace_id: Uuid,
}

impl SemanticModels {
    pub(crate) fn new(client: Client, workspace_id: Uuid) -> Self {
        Self { client, workspace_id }
    }

    /// Lets a data source of a model use a connection. Only the owner of the model may.
    ///
    /// # Errors
    /// Any [`Error`]; `InvalidRequest` where the model has no such source.
    pub async fn bind_connection(&self, id: Uuid, binding: &ConnectionBinding) -> Result<(), Error> {
        let call = routes::BIND_CONNECTION.call(&[&self.workspace_id, &id]);
        self.client.perform(call.json(&BindingRequest { connection_binding: binding })).await
    }
}
