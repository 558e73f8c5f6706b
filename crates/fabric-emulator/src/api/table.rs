//! The table of routes: everything the emulator implements, and nothing else.

use std::borrow::Cow;

use http::Method;

use super::{
    bindings, bulk, capacities, connection_roles, connections, definitions, environments, folders, git, identity,
    items, jobs, mirroring, moves, operations, roles, schedules, shortcuts, spark, workspaces,
};
use crate::call::Handler;
use crate::route::Route;
use crate::types::{ItemType, TYPES};
use crate::world::entities::Role::{self, Admin, Contributor, Member, Viewer};

/// Method, template below `/v1`, operation, API class, role, handler. Only a `GET` or an operation in
/// [`READING`] leaves everything as it is.
type Row = (Method, &'static str, &'static str, &'static str, Option<Role>, Handler);

/// Operations that read although they are posted.
const READING: [&str; 4] =
    ["GetItemDefinition", "BulkExportItemDefinitions", "GetMirroringStatus", "GetTablesMirroringStatus"];

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

const WORKSPACE: &str = "/workspaces/{workspaceId}";

/// Routes that are not below a workspace.
const TENANT_ROUTES: &[Row] = &[
    (GET, "/capacities", "ListCapacities", "capacities.list", None, capacities::list),
    (GET, "/capacities/{capacityId}", "GetCapacity", "capacities.get", None, capacities::get),
    (GET, "/operations/{operationId}", "GetOperationState", "operations.get", None, operations::state),
    (GET, "/operations/{operationId}/result", "GetOperationResult", "operations.result", None, operations::result),
    (GET, "/workspaces", "ListWorkspaces", "workspaces.list", None, workspaces::list),
    (POST, "/workspaces", "CreateWorkspace", "workspaces.create", None, workspaces::create),
    (GET, "/connections", "ListConnections", "connections.list", None, connections::list),
    (POST, "/connections", "CreateConnection", "connections.create", None, connections::create),
    (GET, "/connections/{connectionId}", "GetConnection", "connections.get", None, connections::get),
    (PATCH, "/connections/{connectionId}", "UpdateConnection", "connections.update", None, connections::update),
    (DELETE, "/connections/{connectionId}", "DeleteConnection", "connections.delete", None, connections::delete),
    (GET, CONNECTION_ROLES, "ListConnectionRoleAssignments", "connections.roles.list", None, connection_roles::list),
    (POST, CONNECTION_ROLES, "AddConnectionRoleAssignment", "connections.roles.change", None, connection_roles::add),
    (GET, CONNECTION_ROLE, "GetConnectionRoleAssignment", "connections.roles.get", None, connection_roles::get),
    (
        PATCH,
        CONNECTION_ROLE,
        "UpdateConnectionRoleAssignment",
        "connections.roles.change",
        None,
        connection_roles::update,
    ),
    (
        DELETE,
        CONNECTION_ROLE,
        "DeleteConnectionRoleAssignment",
        "connections.roles.change",
        None,
        connection_roles::delete,
    ),
];

/// Routes below a workspace.
const WORKSPACE_ROUTES: &[Row] = &[
    (GET, "", "GetWorkspace", "workspaces.get", Some(Viewer), workspaces::get),
    (PATCH, "", "UpdateWorkspace", "workspaces.update", Some(Admin), workspaces::update),
    (DELETE, "", "DeleteWorkspace", "workspaces.delete", Some(Admin), workspaces::delete),
    (
        POST,
        "/assignToCapacity",
        "AssignWorkspaceToCapacity",
        "capacities.assign",
        Some(Admin),
        workspaces::assign_to_capacity,
    ),
    (
        POST,
        "/unassignFromCapacity",
        "UnassignWorkspaceFromCapacity",
        "capacities.assign",
        Some(Admin),
        workspaces::unassign_from_capacity,
    ),
    (POST, "/provisionIdentity", "ProvisionIdentity", "identities", Some(Admin), identity::provision),
    (POST, "/deprovisionIdentity", "DeprovisionIdentity", "identities", Some(Admin), identity::deprovision),
    (GET, "/roleAssignments", "ListWorkspaceRoleAssignments", "roles.list", Some(Member), roles::list),
    (POST, "/roleAssignments", "AddWorkspaceRoleAssignment", "roles.change", Some(Member), roles::add),
    (GET, ROLE, "GetWorkspaceRoleAssignment", "roles.get", Some(Member), roles::get),
    (PATCH, ROLE, "UpdateWorkspaceRoleAssignment", "roles.change", Some(Admin), roles::update),
    (DELETE, ROLE, "DeleteWorkspaceRoleAssignment", "roles.change", Some(Admin), roles::delete),
    (GET, "/folders", "ListFolders", "folders.list", Some(Viewer), folders::list),
    (POST, "/folders", "CreateFolder", "folders.create", Some(Contributor), folders::create),
    (GET, "/folders/{folderId}", "GetFolder", "folders.get", Some(Viewer), folders::get),
    (PATCH, "/folders/{folderId}", "UpdateFolder", "folders.update", Some(Contributor), folders::update),
    (DELETE, "/folders/{folderId}", "DeleteFolder", "folders.delete", Some(Contributor), folders::delete),
    (POST, "/folders/{folderId}/move", "MoveFolder", "folders.move", Some(Contributor), folders::move_to),
    (POST, "/items/bulkMove", "BulkMoveItems", "items.move", Some(Contributor), moves::many),
    (
        POST,
        "/items/bulkExportDefinitions",
        "BulkExportItemDefinitions",
        "items.export",
        Some(Contributor),
        bulk::export,
    ),
    (
        POST,
        "/items/bulkImportDefinitions",
        "BulkImportItemDefinitions",
        "items.import",
        Some(Contributor),
        bulk::import,
    ),
    (POST, "/items/{itemId}/move", "MoveItem", "items.move", Some(Contributor), moves::one),
    (
        GET,
        "/items/{itemId}/connections",
        "ListItemConnections",
        "items.connections",
        Some(Viewer),
        connections::of_item,
    ),
    (GET, "/items/{itemId}/shortcuts", "ListShortcuts", "shortcuts.list", Some(Viewer), shortcuts::list),
    (POST, "/items/{itemId}/shortcuts", "CreateShortcut", "shortcuts.create", Some(Contributor), shortcuts::create),
    (
        POST,
        "/items/{itemId}/shortcuts/bulkCreate",
        "CreateShortcutsInBulk",
        "shortcuts.create",
        Some(Contributor),
        shortcuts::create_many,
    ),
    (GET, SHORTCUT, "GetShortcut", "shortcuts.get", Some(Viewer), shortcuts::get),
    (DELETE, SHORTCUT, "DeleteShortcut", "shortcuts.delete", Some(Contributor), shortcuts::delete),
    (POST, BIND, "BindSemanticModelConnection", "semanticModels.bind", Some(Contributor), bindings::bind),
    (GET, "/spark/pools", "ListWorkspaceCustomPools", "spark.pools", Some(Viewer), spark::list),
    (GET, "/items/{itemId}/jobs/instances", "ListItemJobInstances", "jobs.list", Some(Viewer), jobs::list),
    (POST, "/items/{itemId}/jobs/instances", "RunOnDemandItemJob", "jobs.run", Some(Contributor), jobs::run),
    (POST, "/items/{itemId}/jobs/{jobType}/instances", "RunOnDemandItemJob", "jobs.run", Some(Contributor), jobs::run),
    (GET, JOB, "GetItemJobInstance", "jobs.get", Some(Viewer), jobs::get),
    (
        POST,
        "/items/{itemId}/jobs/instances/{jobInstanceId}/cancel",
        "CancelItemJobInstance",
        "jobs.cancel",
        Some(Contributor),
        jobs::cancel,
    ),
    (GET, SCHEDULES, "ListItemSchedules", "schedules.list", Some(Viewer), schedules::list),
    (POST, SCHEDULES, "CreateItemSchedule", "schedules.create", Some(Contributor), schedules::create),
    (GET, SCHEDULE, "GetItemSchedule", "schedules.get", Some(Viewer), schedules::get),
    (PATCH, SCHEDULE, "UpdateItemSchedule", "schedules.update", Some(Contributor), schedules::update),
    (DELETE, SCHEDULE, "DeleteItemSchedule", "schedules.delete", Some(Contributor), schedules::delete),
    (POST, START_MIRRORING, "StartMirroring", "mirroring.change", Some(Contributor), mirroring::start),
    (POST, STOP_MIRRORING, "StopMirroring", "mirroring.change", Some(Contributor), mirroring::stop),
    (POST, MIRRORING, "GetMirroringStatus", "mirroring.status", Some(Viewer), mirroring::status),
    (POST, MIRRORED_TABLES, "GetTablesMirroringStatus", "mirroring.tables", Some(Viewer), mirroring::tables),
    (GET, "/git/connection", "GetGitConnection", "git.connection", Some(Contributor), git::connection::get),
    (POST, "/git/connect", "ConnectGit", "git.connect", Some(Admin), git::connection::connect),
    (POST, "/git/disconnect", "DisconnectGit", "git.connect", Some(Admin), git::connection::disconnect),
    (
        POST,
        "/git/initializeConnection",
        "InitializeGitConnection",
        "git.initialize",
        Some(Admin),
        git::initialize::initialize,
    ),
    (GET, "/git/status", "GetGitStatus", "git.status", Some(Contributor), git::status::get),
    (POST, "/git/commitToGit", "CommitToGit", "git.commit", Some(Contributor), git::commit::commit),
    (POST, "/git/updateFromGit", "UpdateFromGit", "git.update", Some(Contributor), git::update::update),
    (GET, GIT_CREDENTIALS, "GetMyGitCredentials", "git.credentials", Some(Contributor), git::credentials::get),
    (PATCH, GIT_CREDENTIALS, "UpdateMyGitCredentials", "git.credentials", Some(Contributor), git::credentials::update),
    (POST, PUBLISH, "PublishEnvironment", "environments.publish", Some(Contributor), environments::publish),
    (POST, CANCEL_PUBLISH, "CancelPublishEnvironment", "environments.publish", Some(Contributor), environments::cancel),
    (
        GET,
        LIBRARIES,
        "ListPublishedLibraries",
        "environments.libraries",
        Some(Viewer),
        environments::published_libraries,
    ),
    (GET, STAGED, "ListStagingLibraries", "environments.libraries", Some(Viewer), environments::staged_libraries),
];

const CONNECTION_ROLES: &str = "/connections/{connectionId}/roleAssignments";
const CONNECTION_ROLE: &str = "/connections/{connectionId}/roleAssignments/{connectionRoleAssignmentId}";
const GIT_CREDENTIALS: &str = "/git/myGitCredentials";
const ROLE: &str = "/roleAssignments/{workspaceRoleAssignmentId}";
const SHORTCUT: &str = "/items/{itemId}/shortcuts/{shortcutPath}/{shortcutName}";
const JOB: &str = "/items/{itemId}/jobs/instances/{jobInstanceId}";
const BIND: &str = "/semanticModels/{semanticModelId}/bindConnection";
const SCHEDULES: &str = "/items/{itemId}/jobs/{jobType}/schedules";
const SCHEDULE: &str = "/items/{itemId}/jobs/{jobType}/schedules/{scheduleId}";
const START_MIRRORING: &str = "/mirroredDatabases/{mirroredDatabaseId}/startMirroring";
const STOP_MIRRORING: &str = "/mirroredDatabases/{mirroredDatabaseId}/stopMirroring";
const MIRRORING: &str = "/mirroredDatabases/{mirroredDatabaseId}/getMirroringStatus";
const MIRRORED_TABLES: &str = "/mirroredDatabases/{mirroredDatabaseId}/getTablesMirroringStatus";
const PUBLISH: &str = "/environments/{environmentId}/staging/publish";
const CANCEL_PUBLISH: &str = "/environments/{environmentId}/staging/cancelPublish";
const LIBRARIES: &str = "/environments/{environmentId}/libraries";
const STAGED: &str = "/environments/{environmentId}/staging/libraries";

/// What every collection of items can do.
const COLLECTION: &[Row] = &[
    (GET, "", "ListItems", "items.list", Some(Viewer), items::list),
    (POST, "", "CreateItem", "items.create", Some(Contributor), items::create),
    (GET, "/{}", "GetItem", "items.get", Some(Viewer), items::get),
    (PATCH, "/{}", "UpdateItem", "items.update", Some(Contributor), items::update),
    (DELETE, "/{}", "DeleteItem", "items.delete", Some(Contributor), items::delete),
    (POST, "/{}/getDefinition", "GetItemDefinition", "definitions.get", Some(Contributor), definitions::get),
    (
        POST,
        "/{}/updateDefinition",
        "UpdateItemDefinition",
        "definitions.update",
        Some(Contributor),
        definitions::update,
    ),
];

/// Every route. Fixed segments come before parameters that would match them.
pub(crate) fn all() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(TENANT_ROUTES.iter().map(|row| route(row, format!("/v1{}", row.1), None)));
    routes.extend(WORKSPACE_ROUTES.iter().map(|row| route(row, format!("/v1{WORKSPACE}{}", row.1), None)));
    add_collection(&mut routes, "items", "item", None);
    for item_type in TYPES {
        add_collection(&mut routes, item_type.collection, item_type.singular, Some(item_type));
    }
    routes
}

fn add_collection(routes: &mut Vec<Route>, collection: &str, singular: &str, item_type: Option<&'static ItemType>) {
    for row in COLLECTION {
        let exists = item_type.is_none_or(|item_type| match row.2 {
            "ListItems" => true,
            "GetItemDefinition" | "UpdateItemDefinition" => item_type.has_definition(),
            _ => item_type.managed,
        });
        if exists {
            let tail = row.1.replace("{}", &format!("{{{singular}Id}}"));
            routes.push(route(row, format!("/v1{WORKSPACE}/{collection}{tail}"), item_type));
        }
    }
}

fn route(row: &Row, template: String, item_type: Option<&'static ItemType>) -> Route {
    let (method, _, operation, api_class, min_role, handler) = row.clone();
    Route {
        mutating: method != GET && !READING.contains(&operation),
        // Some types have routes of their own, which take no other.
        item_type: item_type
            .or_else(|| TYPES.iter().find(|known| template.contains(&format!("/{}/", known.collection)))),
        method,
        template: Cow::Owned(template),
        operation,
        api_class,
        min_role,
        handler,
    }
}
