//! What only variable libraries can do.

use serde::Serialize;
use uuid::Uuid;

use crate::client::Client;
use crate::error::Error;
use crate::model::{Typed, VariableLibraryProperties};
use crate::routes;

/// The variable libraries of a workspace.
#[derive(Debug, Clone)]
pub struct VariableLibraries {
    client: Client,
    workspace_id: Uuid,
}

impl VariableLibraries {
    pub(crate) fn new(client: Client, workspace_id: Uuid) -> Self {
        Self { client, workspace_id }
    }

    /// Puts a value set in force, and gives what then holds.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn set_active_value_set(&self, id: Uuid, name: &str) -> Result<VariableLibraryProperties, Error> {
        #[derive(Serialize)]
        struct Change {
            properties: VariableLibraryProperties,
        }
        let properties = VariableLibraryProperties { active_value_set_name: Some(name.to_owned()) };
        let call = routes::UPDATE_VARIABLE_LIBRARY.call(&[&self.workspace_id, &id]).json(&Change { properties });
        Ok(self.client.fetch::<Typed<_>>(call).await?.properties)
    }
}
