//! The items of a workspace.

use serde::Deserialize;
use uuid::Uuid;

use super::MoveTo;
use crate::call::Call;
use crate::client::Client;
use crate::error::Error;
use crate::model::{
    BulkExportedDefinitions, BulkImport, BulkImportOutcome, DefinitionRequest, ExportIdentifier, ExportRequest, Item,
    ItemChange, ItemConnection, ItemDefinition, NewItem,
};
use crate::routes;
use crate::submission::Submission;

/// The items of a workspace.
#[derive(Debug, Clone)]
pub struct Items {
    client: Client,
    workspace_id: Uuid,
}

/// Whether a deleted item can come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// It goes to the recycle bin, where the tenant has one.
    #[default]
    Soft,
    /// It is gone. Only a workspace's admin may.
    Hard,
}

/// Whether a definition's `.platform` part changes the item's name and description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpdateMetadata {
    /// It does; the definition must have that part.
    Yes,
    /// It does not.
    No,
}

/// Which items to export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkExport {
    /// All that the caller may both read and write.
    All,
    /// These.
    Items(Vec<Uuid>),
}

impl Items {
    pub(crate) fn new(client: Client, workspace_id: Uuid) -> Self {
        Self { client, workspace_id }
    }

    /// Every item, in any folder. Side items that the service makes, such as SQL endpoints, are among them.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list(&self) -> Result<Vec<Item>, Error> {
        self.listed(routes::LIST_ITEMS.call(&[&self.workspace_id])).await
    }

    /// Every item of a type, such as `Notebook`.
    ///
    /// # Errors
    /// Any [`Error`] of a read; `InvalidItemType` where the service does not know the type.
    pub async fn list_of_type(&self, item_type: &str) -> Result<Vec<Item>, Error> {
        self.listed(routes::LIST_ITEMS.call(&[&self.workspace_id]).query("type", item_type)).await
    }

    /// One item.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn get(&self, id: Uuid) -> Result<Item, Error> {
        let item = self.client.fetch(routes::GET_ITEM.call(&[&self.workspace_id, &id])).await?;
        Ok(self.placed(item))
    }

    /// Creates an item. An ambiguous error means that the item may exist.
    pub fn create(&self, item: &NewItem) -> Submission<Item> {
        let call = routes::CREATE_ITEM.call(&[&self.workspace_id]);
        self.submit(call.json_of_about(item, item.body_size()))
    }

    /// Changes the name or the description.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn update(&self, id: Uuid, change: &ItemChange) -> Result<Item, Error> {
        let item = self.client.fetch(routes::UPDATE_ITEM.call(&[&self.workspace_id, &id]).json(change)).await?;
        Ok(self.placed(item))
    }

    /// Deletes an item, and the items that the service made with it.
    ///
    /// # Errors
    /// Any [`Error`]; `ItemNotFound` where it is gone already.
    pub async fn delete(&self, id: Uuid, deletion: Deletion) -> Result<(), Error> {
        let call = routes::DELETE_ITEM.call(&[&self.workspace_id, &id]);
        self.client
            .perform(match deletion {
                Deletion::Soft => call,
                Deletion::Hard => call.query("hardDelete", "true"),
            })
            .await
    }

    /// Reads an item's content, in a certain format where its type has several.
    pub fn definition(&self, id: Uuid, format: Option<&str>) -> Submission<ItemDefinition> {
        let call = routes::GET_DEFINITION.call(&[&self.workspace_id, &id]);
        self.submit(match format {
            Some(format) => call.query("format", format),
            None => call,
        })
    }

    /// Replaces an item's whole content.
    pub fn update_definition(&self, id: Uuid, definition: &ItemDefinition, metadata: UpdateMetadata) -> Submission<()> {
        let call = routes::UPDATE_DEFINITION.call(&[&self.workspace_id, &id]);
        let call = match metadata {
            UpdateMetadata::Yes => call.query("updateMetadata", "true"),
            UpdateMetadata::No => call,
        };
        self.submit(call.json_of_about(&DefinitionRequest { definition }, definition.body_size()))
    }

    /// Moves an item into a folder, or to the root. Gives what was moved: items that belong to it move along.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn move_to(&self, id: Uuid, folder: Option<Uuid>) -> Result<Vec<Item>, Error> {
        let call = routes::MOVE_ITEM.call(&[&self.workspace_id, &id]);
        self.moved(call.json(&MoveTo { target_folder_id: folder, items: None })).await
    }

    /// Moves many items into one folder, or to the root.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn bulk_move(&self, ids: &[Uuid], folder: Option<Uuid>) -> Result<Vec<Item>, Error> {
        let call = routes::BULK_MOVE_ITEMS.call(&[&self.workspace_id]);
        self.moved(call.json(&MoveTo { target_folder_id: folder, items: Some(ids) })).await
    }

    /// Reads the content of many items in one call.
    pub fn bulk_export(&self, which: &BulkExport) -> Submission<BulkExportedDefinitions> {
        let request = match which {
            BulkExport::All => ExportRequest { mode: "All", items: None },
            BulkExport::Items(ids) => ExportRequest {
                mode: "Selective",
                items: Some(ids.iter().map(|id| ExportIdentifier { id: *id }).collect()),
            },
        };
        let call = routes::BULK_EXPORT.call(&[&self.workspace_id]).query("beta", "true");
        self.submit(call.json_of_about(&request, 64))
    }

    /// Creates and updates many items in one call.
    pub fn bulk_import(&self, import: &BulkImport) -> Submission<BulkImportOutcome> {
        let call = routes::BULK_IMPORT.call(&[&self.workspace_id]).query("beta", "true");
        self.submit(call.json_of_about(import, import.body_size()))
    }

    /// The connections that an item uses.
    ///
    /// # Errors
    /// Any [`Error`] of a read; `OperationNotSupportedForItem` for types without connections.
    pub async fn connections(&self, id: Uuid) -> Result<Vec<ItemConnection>, Error> {
        self.client.list(routes::LIST_ITEM_CONNECTIONS.call(&[&self.workspace_id, &id])).await
    }

    fn submit<T: crate::OperationResult>(&self, call: Call) -> Submission<T> {
        Submission::new(self.client.clone(), call)
    }

    async fn listed(&self, call: Call) -> Result<Vec<Item>, Error> {
        let items = self.client.list(call).await?;
        Ok(items.into_iter().map(|item| self.placed(item)).collect())
    }

    async fn moved(&self, call: Call) -> Result<Vec<Item>, Error> {
        #[derive(Deserialize)]
        struct Moved {
            #[serde(default)]
            value: Vec<Item>,
        }
        let moved: Moved = self.client.fetch(call).await?;
        Ok(moved.value.into_iter().map(|item| self.placed(item)).collect())
    }

    /// The published schema lets an item be without its workspace; it is in the one that was asked.
    fn placed(&self, mut item: Item) -> Item {
        if item.workspace_id.is_nil() {
            item.workspace_id = self.workspace_id;
        }
        item
    }
}
