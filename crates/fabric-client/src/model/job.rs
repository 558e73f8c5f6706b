//! Runs of an item.

use std::time::Duration;

use serde::Deserialize;
use uuid::Uuid;

use super::open_enum;
use super::tolerant::optional_id;
use crate::error::ErrorDetail;

open_enum! {
    /// Where a run stands.
    pub enum JobStatus {
        /// It waits for its turn.
        NotStarted,
        /// It runs.
        InProgress,
        /// It has ended well.
        Completed,
        /// It has failed.
        Failed,
        /// It was cancelled.
        Cancelled,
        /// It was dropped, because another run was under way.
        Deduped,
    }
}

/// A run of an item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobInstance {
    /// Its id.
    #[serde(default, deserialize_with = "optional_id")]
    pub id: Option<Uuid>,
    /// The item that runs.
    #[serde(default, deserialize_with = "optional_id")]
    pub item_id: Option<Uuid>,
    /// The kind of run, such as `RunNotebook`.
    pub job_type: Option<String>,
    /// Who started it: `Manual` or `Scheduled`.
    pub invoke_type: Option<String>,
    /// Where it stands.
    pub status: Option<JobStatus>,
    /// Why it failed.
    pub failure_reason: Option<ErrorDetail>,
    /// When it began: UTC, usually written without a zone.
    pub start_time_utc: Option<String>,
    /// When it ended: UTC, usually written without a zone.
    pub end_time_utc: Option<String>,
}

/// A run that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedJob {
    /// Its id, where the server named it.
    pub id: Option<Uuid>,
    /// When the server thinks that it is worth looking.
    pub retry_after: Option<Duration>,
}
