//! Every operation that this client calls, under the names of Microsoft's published OpenAPI documents.

use http::Method;

use crate::call::{CallMetadata, Route, Safety};

macro_rules! routes {
    ($($name:ident = $method:ident $template:literal $operation:literal $class:literal $safety:ident;)*) => {
        $(pub(crate) static $name: Route = Route {
            method: Method::$method,
            metadata: CallMetadata {
                operation: $operation,
                api_class: $class,
                safety: Safety::$safety,
                url_template: $template,
            },
        };)*

        /// Every operation that this client can call, for generated documents and for setting up layers.
        pub fn routes() -> impl Iterator<Item = &'static Route> {
            [$(&$name),*].into_iter()
        }
    };
}

routes! {
    LIST_WORKSPACES = GET "/v1/workspaces" "Workspaces_ListWorkspaces" "workspaces.list" Read;
    CREATE_WORKSPACE = POST "/v1/workspaces" "Workspaces_CreateWorkspace" "workspaces.create" Ambiguous;
    GET_WORKSPACE = GET "/v1/workspaces/{workspaceId}" "Workspaces_GetWorkspace" "workspaces.get" Read;
    UPDATE_WORKSPACE = PATCH "/v1/workspaces/{workspaceId}" "Workspaces_UpdateWorkspace" "workspaces.update" Idempotent;
    DELETE_WORKSPACE = DELETE "/v1/workspaces/{workspaceId}" "Workspaces_DeleteWorkspace" "workspaces.delete" Idempotent;
    ASSIGN_CAPACITY = POST "/v1/workspaces/{workspaceId}/assignToCapacity" "Workspaces_AssignToCapacity" "workspaces.capacity" Idempotent;
    UNASSIGN_CAPACITY = POST "/v1/workspaces/{workspaceId}/unassignFromCapacity" "Workspaces_UnassignFromCapacity" "workspaces.capacity" Idempotent;
    LIST_CAPACITIES = GET "/v1/capacities" "Capacities_ListCapacities" "capacities.list" Read;

    LIST_ROLES = GET "/v1/workspaces/{workspaceId}/roleAssignments" "Workspaces_ListWorkspaceRoleAssignments" "roles.list" Read;
    ADD_ROLE = POST "/v1/workspaces/{workspaceId}/roleAssignments" "Workspaces_AddWorkspaceRoleAssignment" "roles.add" Ambiguous;
    UPDATE_ROLE = PATCH "/v1/workspaces/{workspaceId}/roleAssignments/{workspaceRoleAssignmentId}" "Workspaces_UpdateWorkspaceRoleAssignment" "roles.update" Idempotent;
    DELETE_ROLE = DELETE "/v1/workspaces/{workspaceId}/roleAssignments/{workspaceRoleAssignmentId}" "Workspaces_DeleteWorkspaceRoleAssignment" "roles.delete" Idempotent;

    LIST_FOLDERS = GET "/v1/workspaces/{workspaceId}/folders" "Folders_ListFolders" "folders.list" Read;
    CREATE_FOLDER = POST "/v1/workspaces/{workspaceId}/folders" "Folders_CreateFolder" "folders.create" Ambiguous;
    GET_FOLDER = GET "/v1/workspaces/{workspaceId}/folders/{folderId}" "Folders_GetFolder" "folders.get" Read;
    UPDATE_FOLDER = PATCH "/v1/workspaces/{workspaceId}/folders/{folderId}" "Folders_UpdateFolder" "folders.update" Idempotent;
    MOVE_FOLDER = POST "/v1/workspaces/{workspaceId}/folders/{folderId}/move" "Folders_MoveFolder" "folders.move" Idempotent;
    DELETE_FOLDER = DELETE "/v1/workspaces/{workspaceId}/folders/{folderId}" "Folders_DeleteFolder" "folders.delete" Idempotent;

    LIST_ITEMS = GET "/v1/workspaces/{workspaceId}/items" "Items_ListItems" "items.list" Read;
    CREATE_ITEM = POST "/v1/workspaces/{workspaceId}/items" "Items_CreateItem" "items.create" Ambiguous;
    GET_ITEM = GET "/v1/workspaces/{workspaceId}/items/{itemId}" "Items_GetItem" "items.get" Read;
    UPDATE_ITEM = PATCH "/v1/workspaces/{workspaceId}/items/{itemId}" "Items_UpdateItem" "items.update" Idempotent;
    DELETE_ITEM = DELETE "/v1/workspaces/{workspaceId}/items/{itemId}" "Items_DeleteItem" "items.delete" Idempotent;
    GET_DEFINITION = POST "/v1/workspaces/{workspaceId}/items/{itemId}/getDefinition" "Items_GetItemDefinition" "definitions.get" Read;
    UPDATE_DEFINITION = POST "/v1/workspaces/{workspaceId}/items/{itemId}/updateDefinition" "Items_UpdateItemDefinition" "definitions.update" Idempotent;
    MOVE_ITEM = POST "/v1/workspaces/{workspaceId}/items/{itemId}/move" "Items_MoveItem" "items.move" Idempotent;
    BULK_MOVE_ITEMS = POST "/v1/workspaces/{workspaceId}/items/bulkMove" "Items_BulkMoveItems" "items.bulkMove" Idempotent;
    BULK_EXPORT = POST "/v1/workspaces/{workspaceId}/items/bulkExportDefinitions" "Items_Bulk_Export_Item_Definitions_(beta)" "definitions.bulkExport" Read;
    BULK_IMPORT = POST "/v1/workspaces/{workspaceId}/items/bulkImportDefinitions" "Items_Bulk_Import_Item_Definitions_(beta)" "definitions.bulkImport" Ambiguous;
    LIST_ITEM_CONNECTIONS = GET "/v1/workspaces/{workspaceId}/items/{itemId}/connections" "Items_ListItemConnections" "items.connections" Read;

    GET_LAKEHOUSE = GET "/v1/workspaces/{workspaceId}/lakehouses/{lakehouseId}" "Items_GetLakehouse" "lakehouses.get" Read;
    GET_WAREHOUSE = GET "/v1/workspaces/{workspaceId}/warehouses/{warehouseId}" "Items_GetWarehouse" "warehouses.get" Read;
    GET_EVENTHOUSE = GET "/v1/workspaces/{workspaceId}/eventhouses/{eventhouseId}" "Items_GetEventhouse" "eventhouses.get" Read;
    GET_KQL_DATABASE = GET "/v1/workspaces/{workspaceId}/kqlDatabases/{kqlDatabaseId}" "Items_GetKQLDatabase" "kqlDatabases.get" Read;
    GET_SQL_DATABASE = GET "/v1/workspaces/{workspaceId}/sqlDatabases/{sqlDatabaseId}" "Items_GetSQLDatabase" "sqlDatabases.get" Read;
    GET_ENVIRONMENT = GET "/v1/workspaces/{workspaceId}/environments/{environmentId}" "Items_GetEnvironment" "environments.get" Read;
    GET_VARIABLE_LIBRARY = GET "/v1/workspaces/{workspaceId}/variableLibraries/{variableLibraryId}" "Items_GetVariableLibrary" "variableLibraries.get" Read;
    UPDATE_VARIABLE_LIBRARY = PATCH "/v1/workspaces/{workspaceId}/variableLibraries/{variableLibraryId}" "Items_UpdateVariableLibrary" "variableLibraries.update" Idempotent;
    PUBLISH_ENVIRONMENT = POST "/v1/workspaces/{workspaceId}/environments/{environmentId}/staging/publish" "Items_PublishEnvironment" "environments.publish" Ambiguous;
    CANCEL_PUBLISH = POST "/v1/workspaces/{workspaceId}/environments/{environmentId}/staging/cancelPublish" "Items_CancelPublishEnvironment" "environments.cancelPublish" Idempotent;

    LIST_SHORTCUTS = GET "/v1/workspaces/{workspaceId}/items/{itemId}/shortcuts" "OneLakeShortcuts_ListShortcuts" "shortcuts.list" Read;
    CREATE_SHORTCUT = POST "/v1/workspaces/{workspaceId}/items/{itemId}/shortcuts" "OneLakeShortcuts_CreateShortcut" "shortcuts.create" Ambiguous;
    BULK_CREATE_SHORTCUTS = POST "/v1/workspaces/{workspaceId}/items/{itemId}/shortcuts/bulkCreate" "OneLakeShortcuts_CreatesShortcutsInBulk" "shortcuts.create" Ambiguous;
    GET_SHORTCUT = GET "/v1/workspaces/{workspaceId}/items/{itemId}/shortcuts/{shortcutPath}/{shortcutName}" "OneLakeShortcuts_GetShortcut" "shortcuts.get" Read;
    DELETE_SHORTCUT = DELETE "/v1/workspaces/{workspaceId}/items/{itemId}/shortcuts/{shortcutPath}/{shortcutName}" "OneLakeShortcuts_DeleteShortcut" "shortcuts.delete" Idempotent;

    BIND_CONNECTION = POST "/v1/workspaces/{workspaceId}/semanticModels/{semanticModelId}/bindConnection" "Items_BindSemanticModelConnection" "semanticModels.bindConnection" Idempotent;
    LIST_SPARK_POOLS = GET "/v1/workspaces/{workspaceId}/spark/pools" "CustomPools_ListWorkspaceCustomPools" "sparkPools.list" Read;

    LIST_JOBS = GET "/v1/workspaces/{workspaceId}/items/{itemId}/jobs/instances" "JobScheduler_ListItemJobInstances" "jobs.list" Read;
    RUN_JOB = POST "/v1/workspaces/{workspaceId}/items/{itemId}/jobs/{jobType}/instances" "JobScheduler_RunOnDemandItemJob" "jobs.run" Ambiguous;
    GET_JOB = GET "/v1/workspaces/{workspaceId}/items/{itemId}/jobs/instances/{jobInstanceId}" "JobScheduler_GetItemJobInstance" "jobs.get" Read;
    CANCEL_JOB = POST "/v1/workspaces/{workspaceId}/items/{itemId}/jobs/instances/{jobInstanceId}/cancel" "JobScheduler_CancelItemJobInstance" "jobs.cancel" Idempotent;

    LIST_CONNECTIONS = GET "/v1/connections" "Connections_ListConnections" "connections.list" Read;
    CREATE_CONNECTION = POST "/v1/connections" "Connections_CreateConnection" "connections.create" Ambiguous;
    GET_CONNECTION = GET "/v1/connections/{connectionId}" "Connections_GetConnection" "connections.get" Read;
    DELETE_CONNECTION = DELETE "/v1/connections/{connectionId}" "Connections_DeleteConnection" "connections.delete" Idempotent;

    GET_GIT_CONNECTION = GET "/v1/workspaces/{workspaceId}/git/connection" "Git_GetConnection" "git.connection" Read;
    CONNECT_GIT = POST "/v1/workspaces/{workspaceId}/git/connect" "Git_Connect" "git.connect" Ambiguous;
    DISCONNECT_GIT = POST "/v1/workspaces/{workspaceId}/git/disconnect" "Git_Disconnect" "git.disconnect" Ambiguous;
    INITIALIZE_GIT = POST "/v1/workspaces/{workspaceId}/git/initializeConnection" "Git_InitializeConnection" "git.initialize" Ambiguous;
    GET_GIT_STATUS = GET "/v1/workspaces/{workspaceId}/git/status" "Git_GetStatus" "git.status" Read;
    COMMIT_TO_GIT = POST "/v1/workspaces/{workspaceId}/git/commitToGit" "Git_CommitToGit" "git.commit" Ambiguous;
    UPDATE_FROM_GIT = POST "/v1/workspaces/{workspaceId}/git/updateFromGit" "Git_UpdateFromGit" "git.update" Ambiguous;
    GET_GIT_CREDENTIALS = GET "/v1/workspaces/{workspaceId}/git/myGitCredentials" "Git_GetMyGitCredentials" "git.credentials" Read;
    UPDATE_GIT_CREDENTIALS = PATCH "/v1/workspaces/{workspaceId}/git/myGitCredentials" "Git_UpdateMyGitCredentials" "git.credentials" Idempotent;

    GET_OPERATION = GET "/v1/operations/{operationId}" "LongRunningOperations_GetOperationState" "operations.get" Read;
    GET_OPERATION_RESULT = GET "/v1/operations/{operationId}/result" "LongRunningOperations_GetOperationResult" "operations.result" Read;
}
