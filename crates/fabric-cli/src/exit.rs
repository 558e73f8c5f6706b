//! What the process tells its caller when it ends.

use fabric_deploy::error::DeployError;
use fabric_deploy::git::GitError;
use fabric_deploy::report::{Report, Status, StepFailure, StepReport, StepStatus};

macro_rules! exits {
    ($($name:ident = $code:literal, $meaning:literal;)+) => {
        /// The exit code of a command.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Exit {
            $(#[doc = $meaning] $name = $code,)+
        }

        /// Every exit code, and what it means: the help and the README say it in these words.
        const ALL: &[(Exit, &str)] = &[$((Exit::$name, $meaning)),+];
    };
}

exits! {
    Success = 0, "everything asked for is true on the server";
    Failed = 1, "failed, nothing rolled back, or any other error";
    Changes = 2, "plan or drift with --detailed-exitcode: there are changes";
    Denied = 4, "not authenticated or not authorised; what was done before, if anything was, is listed";
    RolledBack = 5, "failed, and rolled back: verified";
    Stuck = 6, "failed, and something is left that should have been undone: the report lists it";
    InvalidInput = 7, "invalid input or a refused plan: nothing was sent that changes anything";
    Usage = 64, "wrong usage";
    TryLater = 75, "try later: locked by another deployment, throttled past the deadline, or timed out, before any step was applied";
    Interrupted = 130, "interrupted; with roll-back on, resumable";
}

/// What `--help` says of them.
pub(crate) fn help() -> String {
    ALL.iter().fold("Exit codes:".to_owned(), |text, (exit, meaning)| format!("{text}\n  {:<4} {meaning}", *exit as u8))
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
            Status::Failed if report.unverified.as_ref().is_some_and(StepFailure::is_denied) => Self::Denied,
            Status::Failed => Self::of_failed_steps(&report.steps),
        }
    }

    /// The code for an error before or between the steps.
    pub(crate) fn of_error(error: &DeployError) -> Self {
        match error {
            DeployError::Fabric { source, .. } => Self::of_fabric(source),
            DeployError::Git(error) => Self::of_git(error),
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

    /// The code for a workspace and a branch that could not be brought together.
    pub(crate) fn of_git(error: &GitError) -> Self {
        match error {
            GitError::Fabric { source, .. } => Self::of_fabric(source),
            GitError::AutomaticRefused => Self::Denied,
            GitError::Busy { .. } | GitError::Restless => Self::TryLater,
            _ => Self::Failed,
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
            _ if error.is_without_token() => Self::Denied,
            _ if error.is_try_later() => Self::TryLater,
            _ => Self::of_status(error.status()),
        }
    }

    /// "Try later" promises that time alone will help and that nothing is known to be changed: whoever reads it may leave
    /// it at that. One step that was applied and stays, or one that failed for another reason, makes it a failure. A
    /// breaker that refused the rest of the steps does not hide what made it open.
    fn of_failed_steps(steps: &[StepReport]) -> Self {
        let mut failures = steps.iter().filter_map(|step| step.error.as_ref()).peekable();
        let denied = failures.peek().is_some_and(|failure| failure.is_denied());
        let only_time = failures.peek().is_some() && failures.all(|failure| failure.try_later);
        let applied = steps.iter().any(|step| step.status == StepStatus::Applied);
        if denied {
            Self::Denied
        } else if only_time && !applied {
            Self::TryLater
        } else {
            Self::Failed
        }
    }

    fn of_status(status: Option<u16>) -> Self {
        match status {
            Some(401 | 403) => Self::Denied,
            _ => Self::Failed,
        }
    }
}

/// The table that the README has of them.
#[cfg(test)]
pub(crate) fn markdown_table() -> String {
    let rows = ALL.iter().map(|(exit, meaning)| format!("\n| {} | {meaning} |", *exit as u8));
    rows.fold("| exit | meaning |\n|---|---|".to_owned(), |table, row| table + &row)
}

#[cfg(test)]
mod tests {
    use fabric_deploy::plan::{Action, Kind};

    use super::*;

    fn step(status: StepStatus, error: Option<StepFailure>) -> StepReport {
        StepReport {
            id: "item/Notebook/One".to_owned(),
            action: Action::Create,
            kind: Kind::Item,
            item_type: Some("Notebook".to_owned()),
            name: "One".to_owned(),
            place: None,
            resource_id: None,
            status,
            attempts: 1,
            waited_ms: 0,
            throttled: 0,
            duration_ms: 1,
            request_id: None,
            error,
            parts: Vec::new(),
        }
    }

    /// Nobody is signed in any more.
    fn without_token() -> StepReport {
        let mut step = failed(None, false);
        step.error.as_mut().unwrap().code = "no-token".to_owned();
        step
    }

    fn failed(http_status: Option<u16>, try_later: bool) -> StepReport {
        let error = StepFailure {
            code: "no-answer".to_owned(),
            message: String::new(),
            http_status,
            remedy: None,
            outcome_unknown: false,
            try_later,
        };
        step(StepStatus::Failed, Some(error))
    }

    #[test]
    fn steps_that_lacked_nothing_but_time_are_to_be_tried_later() {
        let (throttled, refused, down) = (failed(Some(429), true), failed(None, true), failed(Some(503), false));
        let (denied, applied) = (failed(Some(403), false), step(StepStatus::Applied, None));
        let skipped = step(StepStatus::Skipped, None);
        let without_token = without_token();
        let cases: [(&[&StepReport], Exit); 8] = [
            (&[&without_token, &applied, &throttled], Exit::Denied),
            (&[&throttled, &refused, &skipped], Exit::TryLater),
            (&[&refused, &applied], Exit::Failed),
            (&[&down, &refused], Exit::Failed),
            (&[&refused, &down], Exit::Failed),
            (&[&denied, &refused], Exit::Denied),
            (&[&applied], Exit::Failed),
            (&[], Exit::Failed),
        ];
        for (steps, expected) in cases {
            let steps: Vec<_> = steps.iter().map(|step| (*step).clone()).collect();
            assert_eq!(Exit::of_failed_steps(&steps), expected, "{steps:?}");
        }
    }
}
