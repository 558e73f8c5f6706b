//! A plan in a file.
//!
//! The file does not hold definitions: it names the inputs, and a digest of what was compared. Applying it reads the
//! files and the workspace again and goes on only if the digest is still the same, so that what was reviewed is what
//! happens, and no content or secret rests in a pipeline's artefact store.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Plan, PlanOptions, Strategy, fingerprint};
use crate::actual::ActualState;
use crate::desired::DesiredState;
use crate::error::DeployError;
use crate::selection::SelectionInputs;

/// The version of the file format.
const FORMAT: &str = "fabric-plan/1";

/// What the plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanInputs {
    /// A product configuration, or a `config.yml` of fabric-cicd.
    pub config: Option<PathBuf>,
    /// Values that replace those of a `config.yml`, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_override: Option<String>,
    /// A folder in Git format.
    pub source: Option<PathBuf>,
    /// The workspace's name or id, with `source`.
    pub workspace: Option<String>,
    /// A parameter file.
    pub parameters: Option<PathBuf>,
    /// The environment.
    pub environment: Option<String>,
    /// The capacity for a workspace that is created.
    pub capacity: Option<uuid::Uuid>,
    /// `--prune`.
    pub prune: bool,
    /// `--prune-data`.
    pub prune_data: bool,
    /// `--max-delete`.
    pub max_delete: usize,
    /// `--strategy`.
    #[serde(default)]
    pub strategy: Strategy,
    /// Which items.
    #[serde(default)]
    pub selection: SelectionInputs,
}

impl PlanInputs {
    /// The limits on deleting.
    pub fn options(&self) -> PlanOptions {
        PlanOptions {
            prune: self.prune,
            prune_data: self.prune_data,
            max_delete: self.max_delete,
            strategy: self.strategy,
        }
    }
}

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    format: String,
    /// What the plan was made from.
    pub inputs: PlanInputs,
    /// The digest of what was compared.
    pub fingerprint: String,
    /// The steps, for people who read the file.
    pub steps: Vec<String>,
}

impl SavedPlan {
    /// The file for `plan`, made from `inputs` by comparing `desired` with `actual`.
    pub fn new(inputs: PlanInputs, plan: &Plan, desired: &DesiredState, actual: &ActualState) -> Self {
        Self {
            format: FORMAT.to_owned(),
            inputs,
            fingerprint: fingerprint::of_plan(desired, actual, &plan.steps),
            steps: plan.steps.iter().map(|step| step.id.clone()).collect(),
        }
    }

    /// Writes the file.
    #[expect(clippy::disallowed_methods, reason = "this room owns the saved plan")]
    pub fn write(&self, path: &Path) -> Result<(), DeployError> {
        let file_error = |source| DeployError::File { path: path.to_owned(), source };
        let mut text = serde_json::to_string_pretty(self).map_err(|error| file_error(error.into()))?;
        text.push('\n');
        std::fs::write(path, text).map_err(file_error)
    }

    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, DeployError> {
        let text = std::fs::read(path).map_err(|source| DeployError::File { path: path.to_owned(), source })?;
        let not_a_plan = |reason: String| DeployError::NotAPlan { path: path.to_owned(), reason };
        let saved: Self = serde_json::from_slice(&text).map_err(|error| not_a_plan(error.to_string()))?;
        if saved.format != FORMAT {
            return Err(not_a_plan(format!("its format is {:?}, not {FORMAT:?}", saved.format)));
        }
        Ok(saved)
    }

    /// Whether `plan`, made just now by comparing `desired` with `actual`, is what was saved.
    pub fn check(&self, plan: &Plan, desired: &DesiredState, actual: &ActualState) -> Result<(), DeployError> {
        if self.fingerprint == fingerprint::of_plan(desired, actual, &plan.steps) {
            return Ok(());
        }
        let steps: Vec<_> = plan.steps.iter().map(|step| step.id.as_str()).collect();
        let reason = if self.steps == steps {
            "the files or the workspace changed since it was made, though the steps are the same"
        } else {
            "the files or the workspace changed since it was made, and the steps are no longer the same"
        };
        Err(DeployError::StalePlan { reason })
    }
}
