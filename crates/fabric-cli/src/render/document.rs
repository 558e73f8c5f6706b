//! The result document: what `--output json` prints.

use fabric_client::{DirectoryObject, PrincipalName};
use fabric_deploy::desired::{DesiredState, WorkspaceSelector};
use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::error::DeployError;
use fabric_deploy::export::{Exported, ExportedItem};
use fabric_deploy::plan::{ChosenStrategy, KeptItem};
use fabric_deploy::report::{self, LeftBehind, Report, ReportedWorkspace, Status, StepReport, Summary};
use fabric_flags::{Evaluation, Snapshot};
use fabric_txn::TransactionId;
use serde::Serialize;
use uuid::Uuid;

use crate::exit::Exit;
use crate::failure::Failure;

/// The version of the document. A member may be added without a new version; none is taken away or changes meaning.
pub(crate) const SCHEMA_VERSION: &str = "1";

/// The result of a command.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    schema_version: &'static str,
    pub(crate) command: &'static str,
    pub(crate) status: Status,
    pub(crate) transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) workspace: Option<ReportedWorkspace>,
    flags: Option<Snapshot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) strategy: Option<ChosenStrategy>,
    pub(crate) summary: Summary,
    pub(crate) steps: Vec<StepReport>,
    pub(crate) kept: Vec<KeptItem>,
    pub(crate) left_behind: Vec<LeftBehind>,
    #[serde(skip_serializing_if = "Diagnostics::is_empty")]
    pub(crate) diagnostics: Diagnostics,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exported: Vec<ExportedItem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evaluations: Vec<Evaluation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) principals: Vec<ResolvedPrincipal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<FailureDocument>,
    pub(crate) duration_ms: u64,
}

/// Somebody whose name was looked up.
#[derive(Debug, Serialize)]
pub(crate) struct ResolvedPrincipal {
    /// `user`, `group` or `service principal`.
    pub(super) kind: &'static str,
    /// The name that was asked for.
    pub(super) name: String,
    pub(super) id: Uuid,
    display_name: Option<String>,
    pub(super) known_as: Option<String>,
}

impl ResolvedPrincipal {
    pub(crate) fn new(name: &PrincipalName, found: DirectoryObject) -> Self {
        let DirectoryObject { id, display_name, known_as, .. } = found;
        Self { kind: name.kind(), name: name.name().to_owned(), id, display_name, known_as }
    }
}

/// Why a command has no report.
#[derive(Debug, Serialize)]
pub(crate) struct FailureDocument {
    pub(crate) code: String,
    pub(crate) message: String,
    request_id: Option<String>,
    http_status: Option<u16>,
    pub(crate) remedy: Option<String>,
}

impl Document {
    fn new(command: &'static str, status: Status, duration_ms: u64) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            command,
            status,
            transaction_id: None,
            reason: None,
            environment: None,
            workspace: None,
            flags: None,
            strategy: None,
            summary: Summary::default(),
            steps: Vec::new(),
            kept: Vec::new(),
            left_behind: Vec::new(),
            diagnostics: Diagnostics::new(),
            exported: Vec::new(),
            evaluations: Vec::new(),
            principals: Vec::new(),
            error: None,
            duration_ms,
        }
    }

    /// The same with what was found in the files.
    #[must_use]
    pub(crate) fn with(mut self, findings: Diagnostics) -> Self {
        self.diagnostics = findings;
        self
    }

    /// What a deployment did or would do.
    pub(crate) fn of_report(command: &'static str, report: Report, flags: &Snapshot, duration_ms: u64) -> Self {
        Self {
            flags: Some(flags.clone()),
            transaction_id: report.transaction_id,
            reason: report.reason,
            environment: Some(report.environment),
            workspace: Some(report.workspace),
            strategy: report.strategy,
            summary: report.summary,
            steps: report.steps,
            kept: report.kept,
            left_behind: report.left_behind,
            ..Self::new(command, report.status, duration_ms)
        }
    }

    /// That the files are in order.
    pub(crate) fn valid(desired: &DesiredState, diagnostics: Diagnostics, duration_ms: u64) -> Self {
        let workspace = match &desired.workspace.selector {
            WorkspaceSelector::Id(id) => ReportedWorkspace { id: Some(*id), name: id.to_string() },
            WorkspaceSelector::Name(name) => ReportedWorkspace { id: None, name: name.clone() },
        };
        Self {
            environment: Some(desired.environment.clone()),
            workspace: Some(workspace),
            diagnostics,
            ..Self::new("validate", Status::Unchanged, duration_ms)
        }
    }

    /// What was exported.
    pub(crate) fn exported(workspace: &str, exported: &Exported, duration_ms: u64) -> Self {
        Self {
            workspace: Some(ReportedWorkspace { id: Some(exported.workspace_id), name: workspace.to_owned() }),
            exported: exported.items.clone(),
            ..Self::new("export", Status::Unchanged, duration_ms)
        }
    }

    /// That a transaction was given up.
    pub(crate) fn abandoned(transaction: TransactionId, duration_ms: u64) -> Self {
        Self { transaction_id: Some(transaction.to_string()), ..Self::new("abandon", Status::Unchanged, duration_ms) }
    }

    /// Who is meant by the names.
    pub(crate) fn principals(principals: Vec<ResolvedPrincipal>, duration_ms: u64) -> Self {
        Self { principals, ..Self::new("principals resolve", Status::Unchanged, duration_ms) }
    }

    /// Which features are on, and why.
    pub(crate) fn flags(flags: &Snapshot, duration_ms: u64) -> Self {
        Self {
            flags: Some(flags.clone()),
            evaluations: flags.explain().to_vec(),
            ..Self::new("flags", Status::Unchanged, duration_ms)
        }
    }

    /// Why a command stopped before it had a report.
    pub(crate) fn of_failure(command: &'static str, failure: &Failure, duration_ms: u64) -> Self {
        let status = match failure.exit() {
            Exit::InvalidInput => Status::Refused,
            Exit::Interrupted => Status::Interrupted,
            _ => Status::Failed,
        };
        let fabric = failure.fabric();
        let error = FailureDocument {
            code: match failure {
                Failure::Git(error) | Failure::Deploy(DeployError::Git(error)) => error.code().to_owned(),
                _ => fabric
                    .and_then(fabric_client::Error::error_code)
                    .unwrap_or(match status {
                        Status::Refused => "invalid-input",
                        Status::Interrupted => "interrupted",
                        _ => "failed",
                    })
                    .to_owned(),
            },
            message: report::error_text(failure),
            request_id: fabric.and_then(fabric_client::Error::request_id).map(str::to_owned),
            http_status: fabric.and_then(fabric_client::Error::status),
            remedy: failure.remedy(),
        };
        Self {
            diagnostics: failure.diagnostics().cloned().unwrap_or_default(),
            error: Some(error),
            transaction_id: failure.transaction().map(|transaction| transaction.to_string()),
            ..Self::new(command, status, duration_ms)
        }
    }
}
