//! What is known of the workspace while steps run: ids that creates return, values that references get.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use fabric_client::{Client, Connection, DefinitionPart, ItemDefinition, RepositoryAccess, WorkspaceHandle};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::imports::Imports;
use super::shortcuts::Batches;
use super::{ExecuteOptions, StepError};
use crate::actual::{ActualItem, ActualState, AttributeWait, read_attribute, spark_pool};
use crate::content::{Attribute, Content, Reference, WorkspaceRef};
use crate::desired::{DesiredBody, DesiredItem, DesiredState, FolderPath, ItemKey, WorkspaceSelector};
use crate::plan::{Change, Import};
use crate::secret::Secrets;

pub(crate) struct Known {
    pub(crate) client: Client,
    pub(crate) limits: ExecuteOptions,
    pub(crate) secrets: Secrets,
    desired: Option<Arc<DesiredState>>,
    actual: Arc<ActualState>,
    workspace: OnceLock<Uuid>,
    folders: Mutex<HashMap<FolderPath, Uuid>>,
    items: Mutex<HashMap<ItemKey, Uuid>>,
    /// Items that are there, and perhaps not with all of their definition.
    doubted: Mutex<BTreeSet<ItemKey>>,
    git_connection: OnceLock<Uuid>,
    late: Mutex<HashMap<Reference, Arc<OnceCell<String>>>>,
    pub(super) shortcuts: Batches,
    pub(super) imports: Imports,
}

impl Known {
    /// What is known before the first step.
    pub(crate) fn new(
        client: Client,
        desired: Option<Arc<DesiredState>>,
        actual: Arc<ActualState>,
        secrets: Secrets,
        limits: ExecuteOptions,
    ) -> Self {
        let workspace = OnceLock::new();
        if let Some(existing) = &actual.workspace {
            workspace.get_or_init(|| existing.id);
        }
        let items = desired
            .iter()
            .flat_map(|desired| desired.items.values())
            .filter_map(|item| {
                let found = actual.items.find(&item.key, item.folder.as_ref()).ok().flatten()?;
                Some((item.key.clone(), found.id))
            })
            .collect();
        Self {
            client,
            limits,
            secrets,
            workspace,
            folders: Mutex::new(actual.folders.iter().map(|(path, id)| (path.clone(), *id)).collect()),
            items: Mutex::new(items),
            doubted: Mutex::default(),
            git_connection: OnceLock::new(),
            late: Mutex::default(),
            shortcuts: Batches::default(),
            imports: Imports::default(),
            desired,
            actual,
        }
    }

    /// The same, where items go in these bulk imports.
    pub(crate) fn importing(self, imports: &[Import]) -> Self {
        Self { imports: Imports::of(imports), ..self }
    }

    /// An item as it was read before the first step.
    pub(super) fn found(&self, id: Uuid) -> Option<&ActualItem> {
        self.actual.items.iter().find(|item| item.id == id)
    }

    pub(crate) fn workspace_id(&self) -> Option<Uuid> {
        self.workspace.get().copied()
    }

    /// The display name, where the workspace is there or was asked for by name.
    fn workspace_name(&self) -> Option<&str> {
        let wanted = || match &self.desired.as_ref()?.workspace.selector {
            WorkspaceSelector::Name(name) => Some(name.as_str()),
            WorkspaceSelector::Id(_) => None,
        };
        self.actual.workspace.as_ref().map(|workspace| workspace.name.as_str()).or_else(wanted)
    }

    pub(crate) fn workspace_is(&self, id: Uuid) {
        self.workspace.get_or_init(|| id);
    }

    /// The workspace; every step but its creation comes after it exists.
    pub(crate) fn workspace(&self) -> WorkspaceHandle {
        self.client.workspace(self.workspace_id().unwrap_or_default())
    }

    pub(crate) fn folder_is(&self, path: FolderPath, id: Uuid) {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(path, id);
    }

    /// The id of a folder; `None` for the root.
    pub(crate) fn folder(&self, path: &FolderPath) -> Result<Option<Uuid>, StepError> {
        if path.is_root() {
            return Ok(None);
        }
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.get(path).copied().map(Some).ok_or_else(|| StepError::NoFolder(path.clone()))
    }

    /// The connection to the Git provider that this deployment made.
    pub(crate) fn git_connection(&self) -> Option<Uuid> {
        self.git_connection.get().copied()
    }

    pub(crate) fn git_connection_is(&self, id: Uuid) {
        self.git_connection.get_or_init(|| id);
    }

    /// What a new connection to the Git provider signs in with.
    pub(crate) fn git_secret(&self) -> Option<&RepositoryAccess> {
        self.desired.as_ref()?.git.as_ref()?.access.secret.as_ref()
    }

    /// That nobody said of an item that was created that all of its definition was taken.
    pub(crate) fn doubt(&self, key: &ItemKey) {
        self.doubted.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
    }

    /// The items whose definitions have to be read before anybody says that they are as they shall be.
    pub(crate) fn doubted(&self) -> BTreeSet<ItemKey> {
        self.doubted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn item_is(&self, key: ItemKey, id: Uuid) {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).insert(key, id);
    }

    pub(crate) fn item(&self, key: &ItemKey) -> Result<Uuid, StepError> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.get(key).copied().ok_or_else(|| StepError::NoItem(key.clone()))
    }

    /// Takes note of what a step did in another process.
    pub(crate) fn learn(&self, change: &Change, id: Option<Uuid>) {
        match (change, id) {
            (Change::CreateWorkspace { .. }, Some(id)) => self.workspace_is(id),
            (Change::CreateGitConnection { .. }, Some(id)) => self.git_connection_is(id),
            (Change::CreateFolder { path }, Some(id)) => self.folder_is(path.clone(), id),
            (Change::CreateItem { key, .. }, Some(id)) => self.item_is(key.clone(), id),
            (Change::UpdateDefinition { key, id, .. } | Change::UpdateMetadata { key, id, .. }, _)
            | (Change::MoveItem { key, id, .. }, _) => self.item_is(key.clone(), *id),
            (Change::PublishEnvironment { key } | Change::SetActiveValueSet { key, .. }, Some(id))
            | (Change::WriteShortcut { key, .. } | Change::DeleteShortcut { key, .. }, Some(id))
            | (Change::BindConnection { key, .. }, Some(id)) => {
                self.item_is(key.clone(), id);
            }
            _ => {}
        }
    }

    /// A connection as it was read before the first step.
    pub(crate) fn connection(&self, id: Uuid) -> Option<&Connection> {
        self.actual.connections.get(&id)
    }

    /// The definition of an item as it was read before the first step.
    pub(crate) fn read_before(&self, id: Uuid) -> Option<ItemDefinition> {
        self.actual.definitions.get(&id).cloned()
    }

    pub(crate) fn desired(&self, key: &ItemKey) -> Result<&DesiredItem, StepError> {
        self.desired.as_ref().and_then(|desired| desired.items.get(key)).ok_or_else(|| StepError::NoItem(key.clone()))
    }

    /// The definition as it is sent; `None` for an item that has none.
    pub(crate) async fn definition(&self, item: &DesiredItem) -> Result<Option<ItemDefinition>, StepError> {
        let DesiredBody::Definition { format, parts } = &item.body else { return Ok(None) };
        let mut values = HashMap::new();
        for reference in parts.iter().flat_map(|part| part.content.references()) {
            if !values.contains_key(reference) {
                values.insert(reference.clone(), self.value(reference).await?);
            }
        }
        let mut sent = Vec::with_capacity(parts.len());
        for part in parts {
            let bytes = part
                .content
                .resolve(|reference| values.get(reference).cloned())
                .map_err(|reference| StepError::NoValue { reference: reference.clone() })?;
            sent.push(DefinitionPart { path: part.path.clone(), payload: Bytes::copy_from_slice(&bytes) });
        }
        Ok(Some(ItemDefinition { format: format.clone(), parts: sent }))
    }

    /// The bytes of `content`, with every reference resolved.
    pub(crate) async fn resolved(&self, content: &Content) -> Result<Vec<u8>, StepError> {
        let mut values = HashMap::new();
        for reference in content.references() {
            values.insert(reference.clone(), self.value(reference).await?);
        }
        let bytes = content.resolve(|reference| values.get(reference).cloned());
        bytes.map(Cow::into_owned).map_err(|reference| StepError::NoValue { reference: reference.clone() })
    }

    async fn value(&self, reference: &Reference) -> Result<String, StepError> {
        let no_value = || StepError::NoValue { reference: reference.clone() };
        match reference {
            Reference::Secret(secret) => {
                let value = self.secrets.written(&secret.name, secret.encoding).await?;
                Ok(value.as_str().to_owned())
            }
            Reference::WorkspaceId(WorkspaceRef::Target) => {
                self.workspace_id().map(|id| id.to_string()).ok_or_else(no_value)
            }
            Reference::WorkspaceName { .. } => {
                self.workspace_name().and_then(|name| reference.workspace_name(name)).ok_or_else(no_value)
            }
            Reference::Item { workspace: WorkspaceRef::Target, key, attribute } => {
                if let Some(value) = self.actual.values.get(reference) {
                    return Ok(value.clone());
                }
                let id = self.item(key)?;
                if *attribute == Attribute::Id {
                    return Ok(id.to_string());
                }
                let cell = Arc::clone(
                    self.late.lock().unwrap_or_else(PoisonError::into_inner).entry(reference.clone()).or_default(),
                );
                let wait = AttributeWait::UpTo(self.limits.late_properties);
                let value = cell
                    .get_or_try_init(|| async {
                        let value = read_attribute(&self.workspace(), &key.item_type, id, *attribute, wait).await?;
                        value.ok_or_else(no_value)
                    })
                    .await?;
                Ok(value.clone())
            }
            Reference::SparkPool { pool_type, name } => {
                if let Some(value) = self.actual.values.get(reference) {
                    return Ok(value.clone());
                }
                spark_pool(&self.workspace(), pool_type, name).await?.ok_or_else(no_value)
            }
            Reference::WorkspaceId(WorkspaceRef::Named(_))
            | Reference::Item { workspace: WorkspaceRef::Named(_), .. } => {
                self.actual.values.get(reference).cloned().ok_or_else(no_value)
            }
        }
    }
}
