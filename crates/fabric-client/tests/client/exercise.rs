//! Every call of the client, by the name of its operation, with arguments that leave nothing out.

use std::fmt::Debug;

use fabric_client::{
    BulkExport, BulkExportedDefinitions, BulkImport, BulkImportOptions, Client, ConnectionBinding, ConnectionParameter,
    DataSource, DefinitionPart, Deletion, EnvironmentProperties, Error, EventhouseProperties, GitCommit,
    GitConnectRequest, GitCredentials, GitItemIdentifier, GitPreference, GitProviderDetails, GitRepository, GitUpdate,
    Item, ItemChange, ItemDefinition, KqlDatabaseProperties, LakehouseProperties, NewConnection, NewFolder, NewItem,
    NewRoleAssignment, NewShortcut, NewWorkspace, OperationResult, PrincipalType, ShortcutConflict,
    SqlDatabaseProperties, Started, Submission, UpdateMetadata, VariableLibraryProperties, WarehouseProperties,
    WorkspaceChange, WorkspaceRole,
};
use serde_json::json;
use uuid::Uuid;

pub(crate) const WORKSPACE: Uuid = Uuid::from_u128(0x1111);
pub(crate) const ITEM: Uuid = Uuid::from_u128(0x2222);
pub(crate) const OTHER: Uuid = Uuid::from_u128(0x3333);

fn shown<T: Debug>(result: Result<T, Error>) -> Result<String, Error> {
    result.map(|value| format!("{value:?}"))
}

async fn started<T: OperationResult + Debug>(submission: Submission<T>) -> Result<String, Error> {
    match submission.start().await? {
        Started::Ready(value) => Ok(format!("{value:?}")),
        Started::Running(operation) => Ok(format!("running {}", operation.id())),
    }
}

pub(crate) fn definition() -> ItemDefinition {
    ItemDefinition {
        format: Some("ipynb".to_owned()),
        parts: vec![
            DefinitionPart::new("notebook-content.ipynb", &b"{\"cells\": []}"[..]),
            DefinitionPart::new("folder/\"quoted\" \u{e4}.bin", (0..=255).collect::<Vec<u8>>()),
        ],
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Makes the call of `operation`, and gives what came of it, for a person to read.
pub(crate) async fn exercise(client: &Client, operation: &str) -> Result<String, Error> {
    let workspace = client.workspace(WORKSPACE);
    let (items, folders, roles) = (workspace.items(), workspace.folders(), workspace.role_assignments());
    let (shortcuts, jobs) = (workspace.shortcuts(ITEM), workspace.jobs(ITEM));
    match operation {
        "Workspaces_ListWorkspaces" => shown(client.workspaces().list().await),
        "Workspaces_CreateWorkspace" => {
            let new = NewWorkspace { display_name: "Sales".into(), description: text("d"), capacity_id: Some(OTHER) };
            shown(client.workspaces().create(&new).await)
        }
        "Workspaces_GetWorkspace" => shown(workspace.get().await),
        "Workspaces_UpdateWorkspace" => {
            let change = WorkspaceChange { display_name: text("Sales"), description: text("d") };
            shown(workspace.update(&change).await)
        }
        "Workspaces_DeleteWorkspace" => shown(workspace.delete().await),
        "Workspaces_AssignToCapacity" => shown(workspace.assign_to_capacity(OTHER).await),
        "Workspaces_UnassignFromCapacity" => shown(workspace.unassign_from_capacity().await),
        "Capacities_ListCapacities" => shown(client.capacities().list().await),
        "Workspaces_ListWorkspaceRoleAssignments" => shown(roles.list().await),
        "Workspaces_AddWorkspaceRoleAssignment" => {
            let (principal_type, role) = (PrincipalType::Group, WorkspaceRole::Contributor);
            shown(roles.add(&NewRoleAssignment { principal_id: OTHER, principal_type, role }).await)
        }
        "Workspaces_UpdateWorkspaceRoleAssignment" => shown(roles.update(OTHER, WorkspaceRole::Viewer).await),
        "Workspaces_DeleteWorkspaceRoleAssignment" => shown(roles.delete(OTHER).await),
        "Folders_ListFolders" => shown(folders.list().await),
        "Folders_CreateFolder" => {
            let new = NewFolder { display_name: "bronze".into(), parent_folder_id: Some(OTHER) };
            shown(folders.create(&new).await)
        }
        "Folders_GetFolder" => shown(folders.get(OTHER).await),
        "Folders_UpdateFolder" => shown(folders.rename(OTHER, "silver").await),
        "Folders_MoveFolder" => shown(folders.move_to(OTHER, Some(ITEM)).await),
        "Folders_DeleteFolder" => shown(folders.delete(OTHER).await),
        "Items_ListItems" => shown(items.list().await),
        "Items_CreateItem" => {
            let new = NewItem {
                description: text("d"),
                folder_id: Some(OTHER),
                definition: Some(definition()),
                creation_payload: Some(json!({"enableSchemas": true})),
                ..NewItem::new("Notebook", "Ingest")
            };
            started(items.create(&new)).await
        }
        "Items_GetItem" => shown(items.get(ITEM).await),
        "Items_UpdateItem" => {
            let change = ItemChange { display_name: text("Ingest"), description: text("d") };
            shown(items.update(ITEM, &change).await)
        }
        "Items_DeleteItem" => shown(items.delete(ITEM, Deletion::Hard).await),
        "Items_GetItemDefinition" => started(items.definition(ITEM, Some("ipynb"))).await,
        "Items_UpdateItemDefinition" => {
            started(items.update_definition(ITEM, &definition(), UpdateMetadata::Yes)).await
        }
        "Items_MoveItem" => shown(items.move_to(ITEM, Some(OTHER)).await),
        "Items_BulkMoveItems" => shown(items.bulk_move(&[ITEM, OTHER], Some(OTHER)).await),
        "Items_Bulk_Export_Item_Definitions_(beta)" => {
            started(items.bulk_export(&BulkExport::Items(vec![ITEM, OTHER]))).await
        }
        "Items_Bulk_Import_Item_Definitions_(beta)" => {
            let options = BulkImportOptions { allow_pairing_by_name: true };
            started(items.bulk_import(&BulkImport { parts: definition().parts, options })).await
        }
        "Items_ListItemConnections" => shown(items.connections(ITEM).await),
        "Items_GetLakehouse" => shown(workspace.item_properties::<LakehouseProperties>(ITEM).await),
        "Items_GetWarehouse" => shown(workspace.item_properties::<WarehouseProperties>(ITEM).await),
        "Items_GetEventhouse" => shown(workspace.item_properties::<EventhouseProperties>(ITEM).await),
        "Items_GetKQLDatabase" => shown(workspace.item_properties::<KqlDatabaseProperties>(ITEM).await),
        "Items_GetSQLDatabase" => shown(workspace.item_properties::<SqlDatabaseProperties>(ITEM).await),
        "Items_GetEnvironment" => {
            let state = workspace.environments().state(ITEM).await?;
            assert_eq!(state, workspace.item_properties::<EnvironmentProperties>(ITEM).await?);
            shown(Ok(state))
        }
        "Items_GetVariableLibrary" => shown(workspace.item_properties::<VariableLibraryProperties>(ITEM).await),
        "Items_UpdateVariableLibrary" => shown(workspace.variable_libraries().set_active_value_set(ITEM, "prod").await),
        "Items_PublishEnvironment" => started(workspace.environments().publish(ITEM)).await,
        "Items_CancelPublishEnvironment" => shown(workspace.environments().cancel(ITEM).await),
        "OneLakeShortcuts_ListShortcuts" => shown(shortcuts.list().await),
        "OneLakeShortcuts_CreateShortcut" => {
            let target = json!({"oneLake": {"workspaceId": WORKSPACE, "itemId": OTHER, "path": "Files/raw"}});
            let new = NewShortcut { path: "Files".into(), name: "raw".into(), target, transform: None };
            shown(shortcuts.create(&new, ShortcutConflict::Abort).await)
        }
        "OneLakeShortcuts_CreatesShortcutsInBulk" => {
            let target = json!({"oneLake": {"workspaceId": WORKSPACE, "itemId": ITEM, "path": "Tables/raw"}});
            let new = NewShortcut { path: "Files".into(), name: "raw".into(), target, transform: None };
            started(shortcuts.bulk_create(&[new], ShortcutConflict::Abort)).await
        }
        "Items_BindSemanticModelConnection" => {
            let connection_details = DataSource { connection_type: "SQL".into(), path: "server;base".into() };
            let connectivity_type = Some("ShareableCloud".to_owned());
            let binding = ConnectionBinding { id: Some(ITEM), connectivity_type, connection_details };
            shown(workspace.semantic_models().bind_connection(ITEM, &binding).await)
        }
        "CustomPools_ListWorkspaceCustomPools" => shown(workspace.spark_pools().await),
        "OneLakeShortcuts_GetShortcut" => shown(shortcuts.get("Files", "raw").await),
        "OneLakeShortcuts_DeleteShortcut" => shown(shortcuts.delete("Files", "raw").await),
        "JobScheduler_ListItemJobInstances" => shown(jobs.list().await),
        "JobScheduler_RunOnDemandItemJob" => {
            shown(jobs.run("RunNotebook", Some(&json!({"executionData": {"parameters": {}}}))).await)
        }
        "JobScheduler_GetItemJobInstance" => shown(jobs.get(OTHER).await),
        "JobScheduler_CancelItemJobInstance" => shown(jobs.cancel(OTHER).await),
        "Connections_ListConnections" => shown(client.connections().list().await),
        "Connections_CreateConnection" => shown(client.connections().create(&connection()).await),
        "Connections_GetConnection" => shown(client.connections().get(OTHER).await),
        "Connections_DeleteConnection" => shown(client.connections().delete(OTHER).await),
        "Git_GetConnection" => shown(workspace.git().connection().await),
        "Git_Connect" => {
            let credentials = Some(GitCredentials::ConfiguredConnection { connection_id: OTHER });
            shown(workspace.git().connect(&GitConnectRequest { provider: provider(), credentials }).await)
        }
        "Git_Disconnect" => shown(workspace.git().disconnect().await),
        "Git_InitializeConnection" => started(workspace.git().initialize(Some(GitPreference::PreferRemote))).await,
        "Git_GetStatus" => started(workspace.git().status()).await,
        "Git_CommitToGit" => {
            let item = GitItemIdentifier { object_id: Some(ITEM), logical_id: Some(OTHER) };
            let commit = GitCommit { workspace_head: text("abc"), comment: "c".into(), items: Some(vec![item]) };
            started(workspace.git().commit(&commit)).await
        }
        "Git_UpdateFromGit" => {
            let update = GitUpdate {
                remote_commit_hash: "def".into(),
                workspace_head: text("abc"),
                conflicts: Some(GitPreference::PreferWorkspace),
                allow_override_items: true,
            };
            started(workspace.git().update(&update)).await
        }
        "Git_GetMyGitCredentials" => shown(workspace.git().credentials().await),
        "Git_UpdateMyGitCredentials" => shown(workspace.git().update_credentials(&GitCredentials::Automatic).await),
        "LongRunningOperations_GetOperationState" => shown(client.operation("an-operation").state().await),
        "LongRunningOperations_GetOperationResult" => any_result(client).await,
        other => panic!("{other} is a route that no call of the client uses"),
    }
}

fn provider() -> GitProviderDetails {
    let repository = GitRepository::AzureDevOps {
        organization: "contoso".into(),
        project: "Sales".into(),
        repository: "fabric".into(),
    };
    GitProviderDetails { repository, branch: "main".into(), directory: "/items".into() }
}

pub(crate) fn connection() -> NewConnection {
    NewConnection {
        display_name: "repository".into(),
        connection_type: "GitHubSourceControl".into(),
        creation_method: "GitHubSourceControl.Contents".into(),
        parameters: vec![ConnectionParameter { name: "url".into(), value: "https://example.test/r".into() }],
        privacy_level: text("Organizational"),
        credential_details: json!({
            "singleSignOnType": "None",
            "connectionEncryption": "NotEncrypted",
            "skipTestConnection": false,
            "credentials": {"credentialType": "Key", "key": "a-secret-key"},
        }),
    }
}

/// The result of an operation is whatever its call gives: the first reading that fits.
async fn any_result(client: &Client) -> Result<String, Error> {
    let operation = client.operation("an-operation");
    if let Ok(item) = operation.wait::<Item>().await {
        return Ok(format!("{item:?}"));
    }
    if let Ok(definition) = operation.wait::<ItemDefinition>().await {
        return Ok(format!("{definition:?}"));
    }
    let export = operation.wait::<BulkExportedDefinitions>().await?;
    assert!(!export.index.is_empty() && !export.parts.is_empty());
    Ok(format!("{export:?}"))
}
