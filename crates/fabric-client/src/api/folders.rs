//! The folders of a workspace.

use serde::Serialize;
use uuid::Uuid;

use super::MoveTo;
use crate::client::Client;
use crate::error::Error;
use crate::model::{Folder, NewFolder};
use crate::routes;

/// The folders of a workspace.
#[derive(Debug, Clone)]
pub struct Folders {
    client: Client,
    workspace_id: Uuid,
}

impl Folders {
    pub(crate) fn new(client: Client, workspace_id: Uuid) -> Self {
        Self { client, workspace_id }
    }

    /// Every folder, at any depth.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list(&self) -> Result<Vec<Folder>, Error> {
        self.client.list(routes::LIST_FOLDERS.call(&[&self.workspace_id]).query("recursive", "true")).await
    }

    /// One folder.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn get(&self, id: Uuid) -> Result<Folder, Error> {
        self.client.fetch(routes::GET_FOLDER.call(&[&self.workspace_id, &id])).await
    }

    /// Creates a folder.
    ///
    /// # Errors
    /// Any [`Error`]; an ambiguous one means that the folder may exist.
    pub async fn create(&self, folder: &NewFolder) -> Result<Folder, Error> {
        self.client.fetch(routes::CREATE_FOLDER.call(&[&self.workspace_id]).json(folder)).await
    }

    /// Gives a folder another name.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn rename(&self, id: Uuid, display_name: &str) -> Result<Folder, Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Rename<'a> {
            display_name: &'a str,
        }
        let call = routes::UPDATE_FOLDER.call(&[&self.workspace_id, &id]);
        self.client.fetch(call.json(&Rename { display_name })).await
    }

    /// Moves a folder with everything in it into another, or to the root.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn move_to(&self, id: Uuid, parent: Option<Uuid>) -> Result<Folder, Error> {
        let call = routes::MOVE_FOLDER.call(&[&self.workspace_id, &id]);
        self.client.fetch(call.json(&MoveTo { target_folder_id: parent, items: None })).await
    }

    /// Deletes an empty folder.
    ///
    /// # Errors
    /// Any [`Error`]; `FolderNotEmpty` where something is in it.
    pub async fn delete(&self, id: Uuid) -> Result<(), Error> {
        self.client.perform(routes::DELETE_FOLDER.call(&[&self.workspace_id, &id])).await
    }
}
