//! Reads what a plan needs to know of a workspace, in as few round trips that follow each other as possible.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fabric_client::{Client, Folder, VariableLibraryProperties, Workspace, WorkspaceHandle};
use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use super::definitions::{WantedDefinition, read_definitions};
use super::{ActualItem, ActualRole, ActualState, ActualWorkspace, AttributeWait, Items, read_attribute};
use super::{connections, shortcuts, spark_pool};
use crate::content::{Attribute, NameEncoding, Reference, WorkspaceRef};
use crate::desired::{DesiredBody, DesiredItem, DesiredState, FolderPath, ItemKey, WorkspaceRole, WorkspaceSelector};
use crate::error::{DeployError, WhileTrying};
use crate::git::{self, ActualGit};

/// How much to read, and how much to ask at once.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// How many reads may be under way. The HTTP layer limits requests; this bounds the memory that answers take.
    pub concurrency: usize,
    /// Whether to read the definitions of items, which costs a long-running operation.
    pub definitions: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { concurrency: 256, definitions: true }
    }
}

/// The id of the workspace that `selector` means: the id itself, or the one with exactly this display name.
pub async fn find_workspace(client: &Client, selector: &WorkspaceSelector) -> Result<Option<Uuid>, DeployError> {
    match selector {
        WorkspaceSelector::Id(id) => Ok(Some(*id)),
        WorkspaceSelector::Name(name) => {
            let listed = client.workspaces().list().await.while_trying(|| "list the workspaces".to_owned())?;
            named(&listed, name)
        }
    }
}

async fn read_workspace(handle: &WorkspaceHandle) -> Result<ActualWorkspace, DeployError> {
    match handle.get().await {
        Ok(found) => Ok(ActualWorkspace {
            id: found.id,
            name: found.display_name,
            description: found.description,
            capacity_id: found.capacity_id,
        }),
        Err(error) if error.error_code() == Some("WorkspaceNotFound") => {
            Err(DeployError::WorkspaceNotFound { selector: handle.id().to_string() })
        }
        Err(source) => Err(DeployError::Fabric { action: format!("read workspace {}", handle.id()), source }),
    }
}

fn named(listed: &[Workspace], name: &str) -> Result<Option<Uuid>, DeployError> {
    let ids: Vec<_> =
        listed.iter().filter(|workspace| workspace.display_name == name).map(|workspace| workspace.id).collect();
    match ids.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => Err(DeployError::AmbiguousWorkspace { name: name.to_owned(), ids }),
    }
}

/// Reads what planning `desired` for the workspace `selector` needs.
#[tracing::instrument(name = "read_workspace", level = "info", skip_all)]
pub async fn read(
    client: &Client,
    selector: &WorkspaceSelector,
    desired: &DesiredState,
    options: ReadOptions,
) -> Result<ActualState, DeployError> {
    let (workspace, mut values, connections) = futures::try_join!(
        find_workspace(client, selector),
        read_other_workspaces(client, references(desired)),
        connections::wanted(client, desired),
    )?;
    let Some(workspace) = workspace else {
        let git = read_git(client, None, desired).await?;
        return Ok(ActualState { values, connections, git, ..ActualState::default() });
    };
    let handle = client.workspace(workspace);
    let (workspace, folders, items, roles) = futures::try_join!(
        read_workspace(&handle),
        read_folders(&handle),
        list_items(&handle),
        read_roles(&handle, !desired.roles.is_empty()),
    )?;
    let folder_paths: HashMap<Uuid, &FolderPath> = folders.iter().map(|(path, id)| (*id, path)).collect();
    let mut items = Items::new(items.into_iter().map(|item| place(item, &folder_paths)).collect());
    items.recognise(desired)?;

    let mut wanted = Vec::new();
    let mut libraries = Vec::new();
    let mut environments = Vec::new();
    let mut with_shortcuts = Vec::new();
    let mut with_connections = Vec::new();
    for item in desired.items.values() {
        let Some(found) = items.find(&item.key, item.folder.as_ref())? else { continue };
        if options.definitions {
            wanted.extend(wanted_definition(item, found.id));
        }
        if item.active_value_set.is_some() {
            libraries.push(found.id);
        }
        if item.key.item_type == "Environment" {
            environments.push(found.id);
        }
        if item.shortcuts.is_some() {
            with_shortcuts.push(found.id);
        }
        if !item.connections.is_empty() {
            with_connections.push(found.id);
        }
    }
    let (definitions, value_sets, environments, shortcuts, sources, own_values, git) = futures::try_join!(
        read_definitions(&handle, &wanted, options.concurrency),
        read_value_sets(&handle, &libraries),
        read_publish_states(&handle, &environments),
        shortcuts::read(&handle, &with_shortcuts),
        connections::of_items(&handle, &with_connections),
        read_own_values(&handle, desired, &items, options.concurrency),
        read_git(client, Some(&handle), desired),
    )?;
    values.extend(own_values);
    values.insert(Reference::WorkspaceId(WorkspaceRef::Target), workspace.id.to_string());
    for reference in NameEncoding::ALL.map(|encoding| Reference::WorkspaceName { encoding }) {
        let name = reference.workspace_name(&workspace.name);
        values.extend(name.map(|name| (reference, name)));
    }
    Ok(ActualState {
        workspace: Some(workspace),
        folders,
        items,
        roles,
        definitions,
        value_sets,
        environments,
        shortcuts,
        git,
        sources,
        connections,
        values,
    })
}

async fn read_git(
    client: &Client,
    workspace: Option<&WorkspaceHandle>,
    desired: &DesiredState,
) -> Result<Option<ActualGit>, DeployError> {
    match &desired.git {
        Some(desired) => Ok(Some(git::read(client, workspace, desired).await?)),
        None => Ok(None),
    }
}

fn wanted_definition(item: &DesiredItem, id: Uuid) -> Option<WantedDefinition> {
    match &item.body {
        DesiredBody::Shell { .. } => None,
        DesiredBody::Definition { format, .. } => Some(WantedDefinition { id, format: format.clone() }),
    }
}

fn place(item: fabric_client::Item, folders: &HashMap<Uuid, &FolderPath>) -> ActualItem {
    let folder = item.folder_id.and_then(|id| folders.get(&id)).map(|path| (*path).clone()).unwrap_or_default();
    ActualItem {
        id: item.id,
        key: ItemKey::new(item.item_type, item.display_name),
        description: item.description.unwrap_or_default(),
        folder,
    }
}

/// The items of a workspace, each with the folder it is in.
pub async fn list(handle: &WorkspaceHandle) -> Result<Items, fabric_client::Error> {
    let of_workspace = handle.items();
    let (folders, items) = futures::try_join!(folders(handle), of_workspace.list())?;
    let paths = folders.iter().map(|(path, id)| (*id, path)).collect();
    Ok(Items::new(items.into_iter().map(|item| place(item, &paths)).collect()))
}

/// The folders of a workspace, by path.
pub(crate) async fn folders(handle: &WorkspaceHandle) -> Result<BTreeMap<FolderPath, Uuid>, fabric_client::Error> {
    let listed = handle.folders().list().await?;
    let by_id: HashMap<Uuid, &Folder> = listed.iter().map(|folder| (folder.id, folder)).collect();
    Ok(listed.iter().map(|folder| (path_of(folder, &by_id), folder.id)).collect())
}

async fn list_items(handle: &WorkspaceHandle) -> Result<Vec<fabric_client::Item>, DeployError> {
    handle.items().list().await.while_trying(|| "list the items of the workspace".to_owned())
}

async fn read_folders(handle: &WorkspaceHandle) -> Result<BTreeMap<FolderPath, Uuid>, DeployError> {
    folders(handle).await.while_trying(|| "list the folders of the workspace".to_owned())
}

fn path_of(folder: &Folder, by_id: &HashMap<Uuid, &Folder>) -> FolderPath {
    let mut names = vec![folder.display_name.clone()];
    let mut parent = folder.parent_folder_id;
    while let Some(above) = parent.and_then(|id| by_id.get(&id)) {
        names.push(above.display_name.clone());
        parent = above.parent_folder_id;
        if names.len() > by_id.len() {
            break;
        }
    }
    names.reverse();
    FolderPath(names)
}

async fn read_roles(handle: &WorkspaceHandle, wanted: bool) -> Result<Vec<ActualRole>, DeployError> {
    if !wanted {
        return Ok(Vec::new());
    }
    let listed = handle
        .role_assignments()
        .list()
        .await
        .while_trying(|| "list the role assignments of the workspace".to_owned())?;
    Ok(listed
        .into_iter()
        .map(|assignment| ActualRole {
            assignment_id: assignment.id,
            principal: assignment.principal.id,
            role: role(&assignment.role),
        })
        .collect())
}

/// The role of an assignment; `None` for one that this version does not know.
pub(crate) fn role(role: &fabric_client::WorkspaceRole) -> Option<WorkspaceRole> {
    match role {
        fabric_client::WorkspaceRole::Viewer => Some(WorkspaceRole::Viewer),
        fabric_client::WorkspaceRole::Contributor => Some(WorkspaceRole::Contributor),
        fabric_client::WorkspaceRole::Member => Some(WorkspaceRole::Member),
        fabric_client::WorkspaceRole::Admin => Some(WorkspaceRole::Admin),
        _ => None,
    }
}

async fn read_value_sets(handle: &WorkspaceHandle, libraries: &[Uuid]) -> Result<HashMap<Uuid, String>, DeployError> {
    let read = try_join_all(libraries.iter().map(|id| async move {
        let properties = handle
            .item_properties::<VariableLibraryProperties>(*id)
            .await
            .while_trying(|| format!("read the active value set of variable library {id}"))?;
        Ok::<_, DeployError>(properties.active_value_set_name.map(|name| (*id, name)))
    }))
    .await?;
    Ok(read.into_iter().flatten().collect())
}

async fn read_publish_states(
    handle: &WorkspaceHandle,
    environments: &[Uuid],
) -> Result<HashMap<Uuid, fabric_client::PublishState>, DeployError> {
    let read = try_join_all(environments.iter().map(|id| async move {
        let state = handle
            .environments()
            .state(*id)
            .await
            .while_trying(|| format!("read the publish state of environment {id}"))?;
        Ok::<_, DeployError>(state.publish_details.state.map(|state| (*id, state)))
    }))
    .await?;
    Ok(read.into_iter().flatten().collect())
}

/// What content refers to in the workspace itself, as far as it exists.
async fn read_own_values(
    handle: &WorkspaceHandle,
    desired: &DesiredState,
    items: &Items,
    concurrency: usize,
) -> Result<HashMap<Reference, String>, DeployError> {
    let mut values = HashMap::new();
    let mut attributes = Vec::new();
    for reference in references(desired) {
        if let Reference::SparkPool { pool_type, name } = reference {
            let found = spark_pool(handle, pool_type, name).await;
            let found = found.while_trying(|| "list the Spark pools of the workspace".to_owned())?;
            values.extend(found.map(|id| (reference.clone(), id)));
        }
        let Reference::Item { workspace: WorkspaceRef::Target, key, attribute } = reference else { continue };
        let folder = desired.items.get(key).and_then(|item| item.folder.as_ref());
        let Some(found) = items.find(key, folder)? else { continue };
        match attribute {
            Attribute::Id => {
                values.insert(reference.clone(), found.id.to_string());
            }
            _ => attributes.push((reference.clone(), found.key.item_type.clone(), found.id, *attribute)),
        }
    }
    values.extend(read_attributes(handle, attributes, concurrency).await?);
    Ok(values)
}

async fn read_attributes(
    handle: &WorkspaceHandle,
    wanted: Vec<(Reference, String, Uuid, Attribute)>,
    concurrency: usize,
) -> Result<Vec<(Reference, String)>, DeployError> {
    stream::iter(wanted)
        .map(|(reference, item_type, id, attribute)| async move {
            let value = attribute_now(handle, &item_type, id, attribute).await?;
            Ok::<_, DeployError>(value.map(|value| (reference, value)))
        })
        .buffer_unordered(concurrency)
        .try_filter_map(|found| async move { Ok(found) })
        .try_collect()
        .await
}

async fn attribute_now(
    handle: &WorkspaceHandle,
    item_type: &str,
    id: Uuid,
    attribute: Attribute,
) -> Result<Option<String>, DeployError> {
    read_attribute(handle, item_type, id, attribute, AttributeWait::None)
        .await
        .while_trying(|| format!("read the properties of {item_type} {id}"))
}

/// The values of what parameters look for, as far as there are any: of other workspaces, and the id of the one that
/// `target` selects.
pub async fn look_up(
    client: &Client,
    target: &WorkspaceSelector,
    sought: &BTreeSet<Reference>,
) -> Result<HashMap<Reference, String>, DeployError> {
    let mut values = read_other_workspaces(client, sought.iter().collect()).await?;
    let own = Reference::WorkspaceId(WorkspaceRef::Target);
    if sought.contains(&own) {
        let id = find_workspace(client, target).await?;
        values.extend(id.map(|id| (own, id.to_string())));
    }
    for reference in sought.iter().filter(|sought| matches!(sought, Reference::WorkspaceName { .. })) {
        let name = match target {
            WorkspaceSelector::Name(name) => name.clone(),
            WorkspaceSelector::Id(id) => read_workspace(&client.workspace(*id)).await?.name,
        };
        values.extend(reference.workspace_name(&name).map(|value| (reference.clone(), value)));
    }
    Ok(values)
}

/// What content refers to in other workspaces, by their names.
async fn read_other_workspaces(
    client: &Client,
    references: BTreeSet<&Reference>,
) -> Result<HashMap<Reference, String>, DeployError> {
    let mut by_workspace: BTreeMap<&str, Vec<&Reference>> = BTreeMap::new();
    for reference in references {
        if let Reference::WorkspaceId(WorkspaceRef::Named(name))
        | Reference::Item { workspace: WorkspaceRef::Named(name), .. } = reference
        {
            by_workspace.entry(name).or_default().push(reference);
        }
    }
    if by_workspace.is_empty() {
        return Ok(HashMap::new());
    }
    let listed = client.workspaces().list().await.while_trying(|| "list the workspaces".to_owned())?;
    let mut values = HashMap::new();
    for (name, references) in by_workspace {
        let Some(id) = named(&listed, name)? else { continue };
        let handle = client.workspace(id);
        let mut items = None;
        for reference in references {
            let value = match reference {
                Reference::Secret(_) | Reference::WorkspaceName { .. } => None,
                Reference::WorkspaceId(_) => Some(id.to_string()),
                Reference::SparkPool { .. } => None,
                Reference::Item { key, attribute, .. } => {
                    let items = match &items {
                        Some(items) => items,
                        None => {
                            let listed = list_items(&handle).await?;
                            let none = HashMap::new();
                            items.insert(Items::new(listed.into_iter().map(|item| place(item, &none)).collect()))
                        }
                    };
                    match items.find(key, None)? {
                        Some(found) => attribute_now(&handle, &key.item_type, found.id, *attribute).await?,
                        None => None,
                    }
                }
            };
            if let Some(value) = value {
                values.insert(reference.clone(), value);
            }
        }
    }
    Ok(values)
}

fn references(desired: &DesiredState) -> BTreeSet<&Reference> {
    desired.items.values().flat_map(DesiredItem::contents).flat_map(|(content, _)| content.references()).collect()
}
