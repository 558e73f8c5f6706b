//! A command that could not end as asked, with the exit code that says how.

use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::error::DeployError;
use fabric_deploy::report;
use thiserror::Error;

use crate::connect::ConnectError;
use crate::environment::EnvironmentFileError;
use crate::exit::Exit;

/// Why a command stopped before it had a report to give.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Input(Diagnostics),
    #[error(transparent)]
    Environment(#[from] EnvironmentFileError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Deploy(#[from] DeployError),
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
    #[error("{variable}={value:?}: {reason}")]
    Setting { variable: &'static str, value: String, reason: String },
}

impl Failure {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Input(_)
            | Self::Environment(_)
            | Self::Seed { .. }
            | Self::Flags(_)
            | Self::FlagFile { .. }
            | Self::Setting { .. } => Exit::InvalidInput,
            Self::Connect(error) => error.exit(),
            Self::Deploy(error) => Exit::of_error(error),
            Self::Emulator(_) | Self::Output(_) => Exit::Failed,
        }
    }

    /// What is wrong with the input, where that is why.
    pub(crate) fn diagnostics(&self) -> Option<&Diagnostics> {
        match self {
            Self::Input(diagnostics) | Self::Deploy(DeployError::Invalid(diagnostics)) => Some(diagnostics),
            _ => None,
        }
    }

    /// What Fabric answered, where that is why.
    pub(crate) fn fabric(&self) -> Option<&fabric_client::Error> {
        match self {
            Self::Deploy(error) => error.fabric(),
            _ => None,
        }
    }

    /// What to do about it, where that is known.
    pub(crate) fn remedy(&self) -> Option<String> {
        match self {
            Self::Connect(error) => Some(error.remedy().to_owned()),
            Self::Deploy(DeployError::StalePlan { .. }) => {
                Some("make the plan again with `fabric-cli plan --out FILE`, review it, and deploy that".to_owned())
            }
            Self::Deploy(DeployError::TooManyDeletes { planned, .. }) => {
                Some(format!("look at `fabric-cli plan --prune`; if it is right, pass --max-delete {planned}"))
            }
            _ => self.fabric()?.error_code().and_then(report::remedy).map(str::to_owned),
        }
    }
}
