//! What the process tells its caller when it ends.

use fabric_deploy::error::DeployError;
use fabric_deploy::report::{Report, Status, StepFailure};

use crate::layers;

/// The exit code of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything asked for is true on the server.
    Success = 0,
    /// Failed, nothing rolled back, or any other error.
    Failed = 1,
    /// `plan --detailed-exitcode`: there are changes.
    Changes = 2,
    /// Not authenticated or not authorised.
    Denied = 4,
    /// Failed, and rolled back: verified.
    RolledBack = 5,
    /// Failed, and something is left: the report lists it.
    Stuck = 6,
    /// Invalid input: nothing was sent.
    InvalidInput = 7,
    /// Wrong usage of the command line.
    Usage = 64,
    /// Try later: throttled past the deadline, or timed out.
    TryLater = 75,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// The code for a report.
    pub(crate) fn of_report(report: &Report) -> Self {
        match report.status {
            Status::Committed | Status::Unchanged | Status::Planned => Self::Success,
            Status::RolledBack => Self::RolledBack,
            Status::Stuck => Self::Stuck,
            Status::Refused => Self::InvalidInput,
            Status::Interrupted => Self::Interrupted,
            Status::Failed => report
                .steps
                .iter()
                .filter_map(|step| step.error.as_ref())
                .map(Self::of_failure)
                .next()
                .unwrap_or(Self::Failed),
        }
    }

    /// The code for an error before or between the steps.
    pub(crate) fn of_error(error: &DeployError) -> Self {
        match error {
            DeployError::Fabric { source, .. } => Self::of_fabric(source),
            DeployError::WorkspaceNotFound { .. }
            | DeployError::AmbiguousWorkspace { .. }
            | DeployError::AmbiguousItem { .. } => Self::Failed,
            DeployError::Invalid(_)
            | DeployError::TooManyDeletes { .. }
            | DeployError::StalePlan { .. }
            | DeployError::File { .. }
            | DeployError::NotAPlan { .. } => Self::InvalidInput,
        }
    }

    /// The code for what the journal or the lease said.
    pub(crate) fn of_transaction(error: &fabric_txn::Error) -> Self {
        match error {
            fabric_txn::Error::Held { .. } | fabric_txn::Error::LeaseLost { .. } | fabric_txn::Error::Fenced(_) => {
                Self::TryLater
            }
            fabric_txn::Error::UnknownTransaction(_)
            | fabric_txn::Error::Ended { .. }
            | fabric_txn::Error::NewerFormat { .. } => Self::InvalidInput,
            _ => Self::Failed,
        }
    }

    /// The code for what Fabric answered.
    pub(crate) fn of_fabric(error: &fabric_client::Error) -> Self {
        match error {
            fabric_client::Error::Credential(_) => Self::Denied,
            fabric_client::Error::OperationTimedOut { .. } => Self::TryLater,
            fabric_client::Error::Transport { source, .. } if layers::is_too_late(source) => Self::TryLater,
            _ => Self::of_status(error.status()),
        }
    }

    fn of_failure(failure: &StepFailure) -> Self {
        Self::of_status(failure.http_status)
    }

    fn of_status(status: Option<u16>) -> Self {
        match status {
            Some(401 | 403) => Self::Denied,
            Some(429) => Self::TryLater,
            _ => Self::Failed,
        }
    }
}
