//! A command that could not end as asked, with the exit code that says how.

use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::error::DeployError;
use fabric_deploy::git::GitError;
use fabric_deploy::report;
use fabric_identity::DeviceCodeError;
use fabric_txn::{State, TransactionId};
use thiserror::Error;

use crate::connect::ConnectError;
use crate::environment::EnvironmentFileError;
use crate::exit::Exit;
use crate::login::KeepError;
use crate::secrets::SecretsError;

/// Why a command stopped before it had a report to give.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Input(Diagnostics),
    #[error("{0}")]
    PrincipalsDenied(Diagnostics),
    #[error("{0}")]
    PrincipalsUnanswered(Diagnostics, Box<Failure>),
    #[error(transparent)]
    Environment(#[from] EnvironmentFileError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Deploy(#[from] DeployError),
    #[error("the report {} cannot be written: {source}", path.display())]
    Report { path: std::path::PathBuf, source: std::io::Error },
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("{name} was not made by `workspace create` for this branch")]
    NotOfBranch { name: String },
    #[error("{count} changes of {name} were never committed")]
    Uncommitted { name: String, count: usize },
    #[error(transparent)]
    Login(#[from] DeviceCodeError),
    #[error(transparent)]
    Kept(#[from] KeepError),
    #[error("there is no application to sign in to")]
    NoClientId,
    #[error("the sign-in was cancelled")]
    Cancelled,
    #[error("the emulator could not start")]
    Emulator(#[from] fabric_emulator::StartError),
    #[error("the result could not be written")]
    Output(#[from] std::io::Error),
    #[error("{path}: {reason}")]
    Seed { path: String, reason: String },
    #[error("{0}")]
    Flags(#[from] fabric_flags::Errors),
    #[error("{}: {reason}", path.display())]
    FlagFile { path: std::path::PathBuf, reason: String },
    #[error(transparent)]
    Transaction(#[from] fabric_txn::Error),
    #[error("{cause}: nothing more was done, and the transaction has not ended")]
    Unrecorded { transaction: TransactionId, cause: fabric_txn::Error },
    #[error("transaction {transaction} on this workspace has not ended ({how})")]
    Unfinished { transaction: String, how: &'static str },
    #[error("{text:?} is not the id of a transaction")]
    TransactionId { text: String },
    #[error("there is no deployment on record that could be rolled back")]
    NoTransaction,
    #[error("no committed deployment to {scope} is on record")]
    NeverDeployed { scope: String },
    #[error("the files are not those that the deployment was made from")]
    FilesChanged { transaction: Option<TransactionId> },
    #[error("the journal does not tell what the deployment was made from: {reason}")]
    Meta { reason: String },
    #[error("the workspace is no longer as the deployment left it:\n  {}", steps.join("\n  "))]
    Moved { steps: Vec<String> },
    #[error("what the deployment deleted cannot be brought back:\n  {}", steps.join("\n  "))]
    DataIsGone { steps: Vec<String>, unfinished: Option<TransactionId> },
    #[error("the journal of transaction {transaction} cannot be read, so that it does not tell its workspace")]
    ScopeNeeded { transaction: TransactionId },
    #[error("--state {place}: {reason}")]
    State { place: String, reason: String },
    #[error(transparent)]
    Audit(#[from] fabric_telemetry::AuditError),
    #[error("{variable}: {reason}")]
    Telemetry { variable: &'static str, reason: String },
    #[error("FEATURE_USE_TELEMETRY is on, and no variable says where telemetry goes")]
    TelemetryNowhere,
    #[error("the tables that find secrets could not be built: nothing is told to anybody")]
    NoRedaction,
    #[error(transparent)]
    TelemetryStart(#[from] fabric_telemetry::StartError),
    #[error("{variable}={value:?}: {reason}")]
    Setting { variable: &'static str, value: String, reason: String },
}

impl Failure {
    /// That a workspace could not be read.
    pub(crate) fn workspace(id: uuid::Uuid, source: fabric_client::Error) -> Self {
        Self::Deploy(DeployError::Fabric { action: format!("read workspace {id}"), source })
    }

    /// That principals could not be looked up.
    pub(crate) fn graph(source: fabric_client::Error) -> Self {
        Self::Deploy(DeployError::Fabric { action: "look principals up in Microsoft Graph".to_owned(), source })
    }

    /// That the workspaces could not be listed or added to.
    pub(crate) fn workspaces(source: fabric_client::Error) -> Self {
        Self::Deploy(DeployError::Fabric { action: "reach the workspaces".to_owned(), source })
    }

    /// That an earlier deployment to the same workspace has not ended.
    pub(crate) fn unfinished(state: &State) -> Self {
        let transaction = state.transaction.map(|id| id.to_string()).unwrap_or_default();
        Self::Unfinished { transaction, how: state.phase.name() }
    }

    /// That a transaction which had begun stopped before its end.
    pub(crate) fn stopped(transaction: TransactionId, cause: fabric_txn::Error) -> Self {
        match cause {
            fabric_txn::Error::JournalBroken { .. } => Self::Unrecorded { transaction, cause },
            cause => Self::Transaction(cause),
        }
    }

    /// The transaction that it leaves to be ended.
    pub(crate) fn transaction(&self) -> Option<TransactionId> {
        match self {
            Self::Unrecorded { transaction, .. } => Some(*transaction),
            _ => None,
        }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Input(_)
            | Self::Environment(_)
            | Self::Seed { .. }
            | Self::Flags(_)
            | Self::FlagFile { .. }
            | Self::TransactionId { .. }
            | Self::NoTransaction
            | Self::NeverDeployed { .. }
            | Self::FilesChanged { .. }
            | Self::Meta { .. }
            | Self::Moved { .. }
            | Self::DataIsGone { .. }
            | Self::ScopeNeeded { .. }
            | Self::State { .. }
            | Self::Telemetry { .. }
            | Self::TelemetryNowhere
            | Self::Report { .. }
            | Self::Audit(_)
            | Self::Setting { .. } => Exit::InvalidInput,
            Self::PrincipalsDenied(_) => Exit::Denied,
            Self::PrincipalsUnanswered(_, call) => call.exit(),
            Self::Git(error) => Exit::of_git(error),
            Self::Login(DeviceCodeError::Unreachable(_)) => Exit::TryLater,
            Self::Login(DeviceCodeError::Address { .. }) | Self::NoClientId => Exit::InvalidInput,
            Self::Login(_) => Exit::Denied,
            Self::Cancelled | Self::Unrecorded { .. } => Exit::Interrupted,
            Self::Kept(_) => Exit::Failed,
            Self::Connect(error) => error.exit(),
            Self::Secrets(error) => error.exit(),
            Self::Deploy(error) => Exit::of_error(error),
            Self::Transaction(error) => Exit::of_transaction(error),
            Self::NoRedaction
            | Self::TelemetryStart(_)
            | Self::Emulator(_)
            | Self::Output(_)
            | Self::Unfinished { .. }
            | Self::NotOfBranch { .. }
            | Self::Uncommitted { .. } => Exit::Failed,
        }
    }

    /// What is wrong with the input, where that is why.
    pub(crate) fn diagnostics(&self) -> Option<&Diagnostics> {
        match self {
            Self::Input(diagnostics)
            | Self::PrincipalsDenied(diagnostics)
            | Self::PrincipalsUnanswered(diagnostics, _)
            | Self::Deploy(DeployError::Invalid(diagnostics))
            | Self::Secrets(SecretsError::References(diagnostics, _)) => Some(diagnostics),
            _ => None,
        }
    }

    /// What Fabric answered, where that is why.
    pub(crate) fn fabric(&self) -> Option<&fabric_client::Error> {
        match self {
            Self::Deploy(error) => error.fabric(),
            Self::PrincipalsUnanswered(_, call) => call.fabric(),
            Self::Git(error) => error.fabric(),
            _ => None,
        }
    }

    /// What to do about it, where that is known.
    pub(crate) fn remedy(&self) -> Option<String> {
        match self {
            Self::Connect(error) => Some(error.remedy()),
            Self::Login(error) => Some(error.remedy().to_owned()),
            Self::NoClientId => Some(
                "register a GitHub application with device flow and give its client id: --client-id, or FABRIC_GITHUB_CLIENT_ID"
                    .to_owned(),
            ),
            Self::Secrets(error) => error.remedy(),
            Self::Git(error) => error.remedy().map(str::to_owned),
            Self::NotOfBranch { .. } => {
                Some("choose another --name; delete workspaces of other origin in the portal".to_owned())
            }
            Self::Uncommitted { .. } => {
                Some("commit them with `fabric-cli git commit`, or lose them with --force".to_owned())
            }
            Self::Deploy(DeployError::Git(error)) => error.remedy().map(str::to_owned),
            Self::Deploy(DeployError::StalePlan { .. }) => {
                Some("make the plan again with `fabric-cli plan --out FILE`, review it, and deploy that".to_owned())
            }
            Self::Deploy(DeployError::TooManyDeletes { planned, .. }) => {
                Some(format!("look at `fabric-cli plan --prune`; if it is right, pass --max-delete {planned}"))
            }
            Self::Unfinished { transaction, .. } => Some(format!(
                "end it first: `fabric-cli resume {transaction}`, `fabric-cli rollback {transaction}`, or \
                 `fabric-cli abandon {transaction} --reason …`"
            )),
            Self::Unrecorded { transaction, .. } => Some(format!(
                "make the place writable again; then `fabric-cli rollback {transaction}` takes back what was done, or \
                 `fabric-cli resume {transaction}` goes on"
            )),
            Self::Transaction(fabric_txn::Error::Held { .. }) => Some(
                "wait until it has ended and try again; if its machine is gone, the lock ends by itself".to_owned(),
            ),
            Self::Transaction(fabric_txn::Error::Store(fabric_txn::StoreError::Remote { .. })) => Some(
                "is --state the right one, can this machine reach it, and do the store's own variables name an account \
                 that may read and write there?"
                    .to_owned(),
            ),
            Self::Transaction(fabric_txn::Error::Damaged { transaction, .. }) => Some(format!(
                "put the journal back from a copy, or give the deployment up and look after what it did yourself: \
                 `fabric-cli abandon {transaction} --scope api.fabric.microsoft.com/NAME --reason …`"
            )),
            Self::Transaction(fabric_txn::Error::NewerFormat { transaction, .. }) => Some(format!(
                "use the version of fabric-cli that wrote it, or give the deployment up: \
                 `fabric-cli abandon {transaction} --scope api.fabric.microsoft.com/NAME --reason …`"
            )),
            Self::Transaction(fabric_txn::Error::UnknownTransaction(_)) => {
                Some("`fabric-cli history` lists the deployments on record; is --state the right one?".to_owned())
            }
            Self::TelemetryNowhere => Some(
                "set APPLICATIONINSIGHTS_CONNECTION_STRING, OTEL_EXPORTER_OTLP_ENDPOINT or FABRIC_TELEMETRY_FILE, or turn \
                 FEATURE_USE_TELEMETRY off"
                    .to_owned(),
            ),
            Self::FilesChanged { transaction: Some(id) } => {
                Some(format!("check out the files that it was made from, or undo it: `fabric-cli rollback {id}`"))
            }
            Self::NeverDeployed { .. } => Some(
                "deploy with FEATURE_USE_ROLLBACK=on, which keeps the record; is --state the right one?".to_owned(),
            ),
            Self::Audit(_) => Some(
                "name the trail with --file: it is audit/audit_trail.jsonl below the folder of project.config.json"
                    .to_owned(),
            ),
            Self::Moved { .. } => Some("look at what changed; --force undoes what can still be undone".to_owned()),
            Self::DataIsGone { unfinished, .. } => Some(format!(
                "{}; --force begins the roll-back all the same, and tells what is left",
                match unfinished {
                    Some(transaction) => format!("`fabric-cli resume {transaction}` finishes the deployment"),
                    None => "deploy earlier files to have all but the data back".to_owned(),
                }
            )),
            Self::ScopeNeeded { transaction } => Some(format!(
                "name the workspace: `fabric-cli abandon {transaction} --scope api.fabric.microsoft.com/NAME --reason …`"
            )),
            _ => self.fabric()?.error_code().and_then(report::remedy).map(str::to_owned),
        }
    }
}
