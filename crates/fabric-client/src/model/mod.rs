//! What travels: requests, written strictly, and answers, read tolerantly.

mod bulk;
mod capacity;
mod connection;
mod definition;
mod folder;
mod git;
mod item;
mod job;
mod open_enum;
mod properties;
mod repository_access;
mod role;
mod shortcut;
mod spark;
mod tolerant;
mod workspace;

pub use bulk::{BulkExportedDefinitions, BulkImport, BulkImportOptions, BulkImportOutcome, ExportedItem, ImportedItem};
pub use capacity::{Capacity, CapacityState};
pub use connection::{
    Connection, ConnectionBinding, ConnectionDetails, ConnectionParameter, DataSource, ItemConnection, NewConnection,
};
pub use definition::{DefinitionPart, ItemDefinition};
pub use folder::{Folder, NewFolder};
pub use git::{
    GitChangeType, GitCommit, GitConflictType, GitConnectRequest, GitConnection, GitConnectionState, GitCredentials,
    GitInitialization, GitItem, GitItemChange, GitItemIdentifier, GitPreference, GitProviderDetails, GitRepository,
    GitStatus, GitSyncDetails, GitUpdate, RequiredAction,
};
pub use item::{Item, ItemChange, NewItem};
pub use job::{JobInstance, JobStatus, StartedJob};
pub use properties::{
    EnvironmentProperties, EventhouseProperties, ItemProperties, KqlDatabaseProperties, LakehouseProperties,
    PublishDetails, PublishState, SqlDatabaseProperties, SqlEndpointProperties, SqlEndpointStatus,
    VariableLibraryProperties, WarehouseProperties,
};
pub use repository_access::RepositoryAccess;
pub use role::{NewRoleAssignment, Principal, PrincipalType, RoleAssignment, WorkspaceRole};
pub use shortcut::{
    BulkShortcutOutcome, CreatedShortcut, NewShortcut, Shortcut, ShortcutConflict, ShortcutError, ShortcutName,
};
pub use workspace::{
    CapacityAssignmentProgress, NewWorkspace, OneLakeEndpoints, Workspace, WorkspaceChange, WorkspaceIdentity,
    WorkspaceInfo, WorkspaceType,
};

pub use spark::SparkPool;

pub(crate) use bulk::{ExportIdentifier, ExportRequest};
pub(crate) use connection::BindingRequest;
pub(crate) use definition::DefinitionRequest;
pub(crate) use open_enum::open_enum;
pub(crate) use properties::Typed;
pub(crate) use shortcut::ShortcutsRequest;
