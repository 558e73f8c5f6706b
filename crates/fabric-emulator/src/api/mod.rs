//! The operations of the Fabric API, one module per group, as Microsoft's documentation groups them.

mod bindings;
pub(crate) mod bulk;
pub(crate) mod capacities;
pub(crate) mod connection_roles;
pub(crate) mod connections;
pub(crate) mod definitions;
mod dependencies;
pub(crate) mod environments;
pub(crate) mod folders;
pub(crate) mod git;
pub(crate) mod identity;
pub(crate) mod items;
pub(crate) mod jobs;
pub(crate) mod mirroring;
pub(crate) mod moves;
pub(crate) mod names;
pub(crate) mod operations;
pub(crate) mod page;
pub(crate) mod properties;
pub(crate) mod roles;
pub(crate) mod schedules;
pub(crate) mod shortcuts;
pub(crate) mod spark;
pub(crate) mod table;
pub(crate) mod workspaces;
