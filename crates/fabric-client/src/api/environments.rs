//! What only environments can do.

use uuid::Uuid;

use crate::client::Client;
use crate::error::Error;
use crate::model::{EnvironmentProperties, Typed};
use crate::routes;
use crate::submission::Submission;

/// The environments of a workspace.
#[derive(Debug, Clone)]
pub struct Environments {
    client: Client,
    workspace_id: Uuid,
}

impl Environments {
    pub(crate) fn new(client: Client, workspace_id: Uuid) -> Self {
        Self { client, workspace_id }
    }

    /// Publishes what is staged; it can take twenty minutes. How it went is read with [`state`](Self::state).
    pub fn publish(&self, id: Uuid) -> Submission<()> {
        let call = routes::PUBLISH_ENVIRONMENT.call(&[&self.workspace_id, &id]);
        Submission::new(self.client.clone(), call.query("beta", "false"))
    }

    /// How the last publication went.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn state(&self, id: Uuid) -> Result<EnvironmentProperties, Error> {
        let call = routes::GET_ENVIRONMENT.call(&[&self.workspace_id, &id]);
        Ok(self.client.fetch::<Typed<EnvironmentProperties>>(call).await?.properties)
    }

    /// Cancels a publication that is under way.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn cancel(&self, id: Uuid) -> Result<EnvironmentProperties, Error> {
        self.client.fetch(routes::CANCEL_PUBLISH.call(&[&self.workspace_id, &id])).await
    }
}
