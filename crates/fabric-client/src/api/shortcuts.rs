//! The shortcuts inside an item.

use uuid::Uuid;

use crate::call::Safety;
use crate::client::Client;
use crate::error::Error;
use crate::model::{BulkShortcutOutcome, NewShortcut, Shortcut, ShortcutConflict, ShortcutsRequest};
use crate::routes;
use crate::submission::Submission;

/// The shortcuts inside an item, usually a lakehouse.
#[derive(Debug, Clone)]
pub struct Shortcuts {
    client: Client,
    workspace_id: Uuid,
    item_id: Uuid,
}

impl Shortcuts {
    pub(crate) fn new(client: Client, workspace_id: Uuid, item_id: Uuid) -> Self {
        Self { client, workspace_id, item_id }
    }

    /// Every shortcut.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list(&self) -> Result<Vec<Shortcut>, Error> {
        self.client.list(routes::LIST_SHORTCUTS.call(&[&self.workspace_id, &self.item_id])).await
    }

    /// Creates a shortcut.
    ///
    /// # Errors
    /// Any [`Error`]; an ambiguous one means that the shortcut may exist.
    pub async fn create(&self, shortcut: &NewShortcut, conflict: ShortcutConflict) -> Result<Shortcut, Error> {
        let safety = if conflict.is_idempotent() { Safety::Idempotent } else { Safety::Ambiguous };
        let call = routes::CREATE_SHORTCUT.call(&[&self.workspace_id, &self.item_id]).safety(safety);
        self.client.fetch(call.query("shortcutConflictPolicy", conflict.as_str()).json(shortcut)).await
    }

    /// Creates many shortcuts in one call. Each succeeds or fails by itself.
    pub fn bulk_create(
        &self,
        shortcuts: &[NewShortcut],
        conflict: ShortcutConflict,
    ) -> Submission<BulkShortcutOutcome> {
        let safety = if conflict.is_idempotent() { Safety::Idempotent } else { Safety::Ambiguous };
        let call = routes::BULK_CREATE_SHORTCUTS.call(&[&self.workspace_id, &self.item_id]).safety(safety);
        let call = call.query("shortcutConflictPolicy", conflict.as_str());
        Submission::new(self.client.clone(), call.json(&ShortcutsRequest { create_shortcut_requests: shortcuts }))
    }

    /// One shortcut, by the folder that holds it, such as `Files/landing`, and its name.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn get(&self, path: &str, name: &str) -> Result<Shortcut, Error> {
        self.client.fetch(routes::GET_SHORTCUT.call(&[&self.workspace_id, &self.item_id, &path, &name])).await
    }

    /// Deletes a shortcut; what it points to stays.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn delete(&self, path: &str, name: &str) -> Result<(), Error> {
        self.client.perform(routes::DELETE_SHORTCUT.call(&[&self.workspace_id, &self.item_id, &path, &name])).await
    }
}
