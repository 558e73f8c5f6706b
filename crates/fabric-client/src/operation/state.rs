//! What a long-running operation is called, and where it stands.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ErrorBody;
use crate::model::open_enum;
use crate::transport::Reply;

/// The id of a long-running operation: what to keep in a journal, to follow the operation after a crash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(String);

impl OperationId {
    /// From `x-ms-operation-id`, or else from the last part of `Location`'s path. Only the id is taken: the host that
    /// `Location` names is never contacted.
    pub(crate) fn from_reply(reply: &Reply) -> Option<Self> {
        let from_location = || {
            let (_, id) = reply.header("location")?.split_once("/operations/")?;
            id.split(['/', '?', '#']).next()
        };
        let id = reply.header("x-ms-operation-id").or_else(from_location)?;
        (!id.is_empty()).then(|| Self(id.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for OperationId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&str> for OperationId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl From<uuid::Uuid> for OperationId {
    fn from(id: uuid::Uuid) -> Self {
        Self(id.to_string())
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

open_enum! {
    /// Where a long-running operation stands.
    pub enum OperationStatus {
        /// It waits for its turn.
        NotStarted,
        /// It runs.
        Running,
        /// It has ended as asked.
        Succeeded,
        /// It has ended in failure.
        Failed,
    }
}

/// What the server says of a long-running operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationState {
    /// Where it stands.
    pub status: OperationStatus,
    /// When it was created: UTC, usually written without a zone.
    pub created_time_utc: Option<String>,
    /// When it last changed: UTC, usually written without a zone.
    pub last_updated_time_utc: Option<String>,
    /// How much is done, from 0 to 100, where the server says so.
    pub percent_complete: Option<f64>,
    pub(crate) error: Option<ErrorBody>,
}
