//! Spark pools.

use serde::Deserialize;
use uuid::Uuid;

/// A pool that a workspace may use: its own or one of its capacity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SparkPool {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: Option<String>,
    /// Whose it is: `Workspace` or `Capacity`.
    #[serde(rename = "type")]
    pub pool_type: Option<String>,
}
