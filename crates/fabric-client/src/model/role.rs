//! Who may do what in a workspace.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::open_enum;

open_enum! {
    /// What a principal is.
    pub enum PrincipalType {
        /// A person.
        User,
        /// A security group.
        Group,
        /// An application.
        ServicePrincipal,
        /// A profile of an application.
        ServicePrincipalProfile,
        /// Everyone in the tenant.
        EntireTenant,
    }
}

open_enum! {
    /// A role in a workspace, weakest first.
    pub enum WorkspaceRole {
        /// May read.
        Viewer,
        /// May change items.
        Contributor,
        /// May change items and add members.
        Member,
        /// May do everything.
        Admin,
    }
}

/// Who a role is given to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Principal {
    /// The directory object's id.
    pub id: Uuid,
    /// Its name, where the caller may see it.
    pub display_name: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub principal_type: PrincipalType,
}

/// A role that a principal has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment {
    /// The assignment's id.
    pub id: Uuid,
    /// Who has it.
    pub principal: Principal,
    /// The role.
    pub role: WorkspaceRole,
}

/// A role to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoleAssignment {
    /// The directory object's id.
    pub principal_id: Uuid,
    /// What it is. The service corrects a wrong type silently.
    pub principal_type: PrincipalType,
    /// The role.
    pub role: WorkspaceRole,
}

impl Serialize for NewRoleAssignment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            principal: WirePrincipal<'a>,
            role: &'a WorkspaceRole,
        }
        #[derive(Serialize)]
        struct WirePrincipal<'a> {
            id: Uuid,
            #[serde(rename = "type")]
            principal_type: &'a PrincipalType,
        }
        let principal = WirePrincipal { id: self.principal_id, principal_type: &self.principal_type };
        Wire { principal, role: &self.role }.serialize(serializer)
    }
}
