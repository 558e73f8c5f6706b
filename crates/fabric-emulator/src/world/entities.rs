//! What a Fabric tenant consists of, as plain data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::blobs::Digest;
use super::table::Entity;
use crate::clock::Moment;

macro_rules! entity {
    ($type:ty, $kind:literal) => {
        impl Entity for $type {
            const KIND: &'static str = $kind;

            fn id(&self) -> Uuid {
                self.id
            }
        }
    };
}

/// A Fabric capacity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Capacity {
    #[serde(default = "Uuid::new_v4")]
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    #[serde(default = "default_sku")]
    pub(crate) sku: String,
    #[serde(default = "default_region")]
    pub(crate) region: String,
    #[serde(default = "default_capacity_state")]
    pub(crate) state: String,
}
entity!(Capacity, "capacity");

fn default_sku() -> String {
    "F64".to_owned()
}

fn default_region() -> String {
    "West Europe".to_owned()
}

fn default_capacity_state() -> String {
    "Active".to_owned()
}

impl Capacity {
    pub(crate) fn is_active(&self) -> bool {
        self.state == "Active"
    }
}

/// What a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PrincipalKind {
    User,
    Group,
    ServicePrincipal,
}

/// A user, group or service principal of the tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Principal {
    #[serde(default = "Uuid::new_v4")]
    pub(crate) id: Uuid,
    #[serde(rename = "type")]
    pub(crate) kind: PrincipalKind,
    pub(crate) display_name: String,
    /// Of a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_principal_name: Option<String>,
    /// Of a service principal: its application (client) id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) app_id: Option<Uuid>,
    /// Groups this principal belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) member_of: Vec<Uuid>,
    /// Of a user: where letters go, which for a guest is not the user principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mail: Option<String>,
    /// What a service principal proves itself with.
    #[serde(default, skip_serializing_if = "Credentials::is_empty")]
    pub(crate) credentials: Credentials,
    /// Permissions for Graph that an administrator consented to; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) graph_permissions: Option<Vec<String>>,
    /// What the access policy of the key vault allows with secrets, such as `get`; absent: everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vault_permissions: Option<Vec<String>>,
}
entity!(Principal, "principal");

impl Principal {
    /// A principal that nothing but its name is known of.
    pub(crate) fn new(id: Uuid, kind: PrincipalKind, display_name: &str) -> Self {
        Self {
            id,
            kind,
            display_name: display_name.to_owned(),
            user_principal_name: None,
            app_id: None,
            member_of: Vec::new(),
            mail: None,
            credentials: Credentials::default(),
            graph_permissions: None,
            vault_permissions: None,
        }
    }
}

/// What a service principal proves itself with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Credentials {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) secrets: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) expired_secrets: Vec<String>,
    /// Certificates in PEM.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) certificates: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) federated: Vec<FederatedCredential>,
    /// Whether machines of the emulated Azure have it as their managed identity.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) managed_identity: bool,
}

impl Credentials {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Somebody else whose assertions are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FederatedCredential {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    #[serde(default = "default_federated_audience")]
    pub(crate) audience: String,
    /// The issuer's certificate in PEM: the emulator fetches no keys.
    pub(crate) certificate: String,
}

fn default_federated_audience() -> String {
    "api://AzureADTokenExchange".to_owned()
}

/// What a principal may do in a workspace; a later one includes the earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Creates, updates and deletes items.
    Contributor,
    /// Also adds members.
    Member,
    /// Everything.
    Admin,
}

impl Role {
    /// Reads a role the way the service does: in any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Viewer, Self::Contributor, Self::Member, Self::Admin]
            .into_iter()
            .find(|role| role.name().eq_ignore_ascii_case(text))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Contributor => "Contributor",
            Self::Member => "Member",
            Self::Admin => "Admin",
        }
    }
}

/// A role of one principal in a workspace. Its id on the wire is the principal's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleAssignment {
    pub(crate) principal_id: Uuid,
    pub(crate) role: Role,
}

/// The identity a workspace may own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkspaceIdentity {
    pub(crate) application_id: Uuid,
    pub(crate) service_principal_id: Uuid,
}

/// A Spark pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SparkPool {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// `Workspace` or `Capacity`.
    #[serde(rename = "type")]
    pub(crate) pool_type: String,
}

/// A workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Workspace {
    #[serde(default = "Uuid::new_v4")]
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(rename = "type", default = "default_workspace_kind")]
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) capacity_id: Option<Uuid>,
    /// Until then the assignment of the capacity is in progress.
    #[serde(default)]
    pub(crate) capacity_ready: Moment,
    #[serde(default)]
    pub(crate) role_assignments: Vec<RoleAssignment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<WorkspaceIdentity>,
    /// Pools that its environments may use, its own and those of its capacity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) spark_pools: Vec<SparkPool>,
}
entity!(Workspace, "workspace");

fn default_workspace_kind() -> String {
    "Workspace".to_owned()
}

/// A folder of a workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Folder {
    #[serde(default = "Uuid::new_v4")]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) display_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent_folder_id: Option<Uuid>,
}
entity!(Folder, "folder");

/// One stored part of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredPart {
    pub(crate) path: String,
    pub(crate) digest: Digest,
}

/// An item of a workspace.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    #[serde(default = "Uuid::new_v4")]
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    #[serde(rename = "type")]
    pub(crate) item_type: String,
    pub(crate) display_name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) folder_id: Option<Uuid>,
    /// True while the operation that creates it has not succeeded: nobody sees the item, its name is taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) provisioning: bool,
    /// From then on the item is seen.
    #[serde(default)]
    pub(crate) visible_from: Moment,
    /// From then on its late properties are known.
    #[serde(default)]
    pub(crate) ready_from: Moment,
    #[serde(default)]
    pub(crate) created: Moment,
    #[serde(default)]
    pub(crate) updated: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parts: Vec<StoredPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) creation_payload: Option<Map<String, Value>>,
    /// The item that brought this one into being and takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<Uuid>,
    /// Properties that were set, over those that follow from the type.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) properties: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) shortcuts: Vec<Shortcut>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) connections: Vec<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) publication: Option<Publication>,
    /// Of a mirrored database, once it was told to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mirroring: Option<Mirroring>,
}
entity!(Item, "item");

impl Item {
    pub(crate) fn is_visible(&self, now: Moment) -> bool {
        !self.provisioning && now >= self.visible_from
    }
}

/// Whether a mirrored database follows its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mirroring {
    Running,
    Stopped,
}

/// The last publication of an environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Publication {
    pub(crate) target_version: Uuid,
    pub(crate) started: Moment,
    /// When it ends, or ended.
    pub(crate) ends: Moment,
    #[serde(default)]
    pub(crate) cancelled: bool,
}

/// A OneLake shortcut of an item.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shortcut {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) target: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transform: Option<Value>,
}

/// A name that a deleted item still holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reservation {
    pub(crate) id: Uuid,
    pub(crate) workspace_id: Uuid,
    pub(crate) item_type: String,
    pub(crate) display_name: String,
    pub(crate) until: Moment,
}
entity!(Reservation, "reservation");

/// A connection to a data source.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection {
    #[serde(default = "Uuid::new_v4")]
    pub(crate) id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) display_name: Option<String>,
    pub(crate) connectivity_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gateway_id: Option<Uuid>,
    pub(crate) connection_details: Value,
    #[serde(default = "default_privacy")]
    pub(crate) privacy_level: String,
    #[serde(default)]
    pub(crate) credential_details: Value,
    #[serde(default)]
    pub(crate) allow_connection_usage_in_gateway: bool,
    #[serde(default)]
    pub(crate) allow_usage_in_user_controlled_code: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) role_assignments: Vec<ConnectionRoleAssignment>,
}
entity!(Connection, "connection");

/// What a principal may do with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ConnectionRole {
    /// Uses it.
    User,
    /// Also lets others use it.
    UserWithReshare,
    /// Everything.
    Owner,
}

impl ConnectionRole {
    /// Reads a role the way the service does: in any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::User, Self::UserWithReshare, Self::Owner]
            .into_iter()
            .find(|role| format!("{role:?}").eq_ignore_ascii_case(text))
    }
}

/// A role of one principal on a connection. Its id on the wire is the principal's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionRoleAssignment {
    pub(crate) principal_id: Uuid,
    pub(crate) role: ConnectionRole,
}

fn default_privacy() -> String {
    "None".to_owned()
}

/// One run of an item's job.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Job {
    pub(crate) id: Uuid,
    pub(crate) item_id: Uuid,
    pub(crate) job_type: String,
    pub(crate) root_activity_id: Uuid,
    pub(crate) started: Moment,
    pub(crate) ends: Moment,
    /// The code of the failure it ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    #[serde(default)]
    pub(crate) cancelled: bool,
}
entity!(Job, "job");

/// A schedule of an item's job.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schedule {
    pub(crate) id: Uuid,
    pub(crate) item_id: Uuid,
    pub(crate) job_type: String,
    pub(crate) enabled: bool,
    pub(crate) created: Moment,
    pub(crate) configuration: Value,
    pub(crate) owner: Uuid,
}
entity!(Schedule, "schedule");
