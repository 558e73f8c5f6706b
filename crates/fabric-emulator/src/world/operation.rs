//! Long-running operations: what they will do, when, and what they leave as a result.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::entities::StoredPart;
use super::table::Entity;
use crate::api::git::initialize::Preference;
use crate::clock::Moment;
use crate::faults::ImportPartly;

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    /// Accepted, not finished.
    Pending,
    Succeeded,
    Failed,
}

/// What an operation does to the world at the moment it completes, and not before.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    CreateItem {
        item: Uuid,
    },
    UpdateDefinition {
        item: Uuid,
        parts: Vec<StoredPart>,
        format: Option<String>,
        metadata: Option<Metadata>,
    },
    GetDefinition {
        item: Uuid,
        format: Option<String>,
    },
    Export {
        items: Vec<Uuid>,
    },
    Import {
        workspace: Uuid,
        entries: Vec<ImportEntry>,
        #[serde(default)]
        partly: Option<ImportPartly>,
    },
    PublishEnvironment {
        item: Uuid,
    },
    ProvisionIdentity {
        workspace: Uuid,
    },
    DeprovisionIdentity {
        workspace: Uuid,
    },
    GitInitialize {
        workspace: Uuid,
        strategy: Option<Preference>,
    },
    GitStatus {
        workspace: Uuid,
    },
    GitCommit {
        workspace: Uuid,
        items: Vec<Uuid>,
        comment: String,
        author: Uuid,
    },
    GitUpdate {
        workspace: Uuid,
        commit: String,
        policy: Option<Preference>,
    },
}

/// What a `.platform` part says about its item.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
}

/// One item of a bulk import.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportEntry {
    /// The folders above the item, outermost first.
    pub(crate) folders: Vec<String>,
    pub(crate) item_type: String,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    pub(crate) logical_id: Uuid,
    pub(crate) parts: Vec<StoredPart>,
    /// The item that is updated; `None`: one is created.
    pub(crate) existing: Option<Uuid>,
}

/// What can be fetched under `/result`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Nothing,
    Value(Value),
    Definition { format: Option<String>, parts: Vec<StoredPart> },
    Export { index: Vec<(Uuid, String)>, parts: Vec<StoredPart> },
}

/// A long-running operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) id: Uuid,
    /// Who started it; nobody else sees it.
    pub(crate) caller: Uuid,
    pub(crate) status: Status,
    pub(crate) created: Moment,
    /// When it leaves the queue.
    pub(crate) starts: Moment,
    /// When it completes; `None`: never.
    pub(crate) due: Option<Moment>,
    pub(crate) updated: Moment,
    /// Seconds that `Retry-After` advises.
    pub(crate) retry_after: u32,
    pub(crate) effect: Effect,
    /// The error it will fail with instead of taking effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) doomed: Option<String>,
    pub(crate) outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Value>,
}

impl Entity for Operation {
    const KIND: &'static str = "operation";

    fn id(&self) -> Uuid {
        self.id
    }
}

impl Operation {
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        self.status == Status::Pending && self.due.is_some_and(|due| due <= now)
    }
}
