//! Capacities: what workspaces run on.

use serde::Deserialize;
use uuid::Uuid;

use super::open_enum;
use super::tolerant::or_default;

open_enum! {
    /// Whether a capacity can be used.
    pub enum CapacityState {
        /// It can.
        Active,
        /// It is paused, or being created or deleted.
        Inactive,
    }
}

/// A capacity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capacity {
    /// Its id.
    pub id: Uuid,
    /// Its name; several capacities may share one.
    #[serde(default, deserialize_with = "or_default")]
    pub display_name: String,
    /// Its size, such as `F2`.
    #[serde(default, deserialize_with = "or_default")]
    pub sku: String,
    /// Its Azure region, such as `West Europe`.
    #[serde(default, deserialize_with = "or_default")]
    pub region: String,
    /// Whether it can be used.
    pub state: CapacityState,
}
