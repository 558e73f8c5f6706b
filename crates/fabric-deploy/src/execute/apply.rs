//! Runs one step.

use tokio::time::Instant;

use super::calls::{self, StepCalls};
use super::known::Known;
use super::{StepError, connections, git, item, settings, shortcuts, workspace};
use crate::plan::{Change, PlannedStep};
use crate::report::{StepReport, StepStatus};

/// Does what the step says and reports it.
pub(crate) async fn attempt(step: &PlannedStep, known: &Known) -> (Result<Option<String>, StepError>, StepReport) {
    let started = Instant::now();
    let (outcome, StepCalls { attempts, waited, throttled, request_id }) =
        calls::gather(apply(&step.change, known)).await;
    let mut report = StepReport::not_run(step, StepStatus::Applied);
    report.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    report.attempts = attempts;
    report.waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
    report.throttled = throttled;
    report.request_id = request_id;
    match &outcome {
        Ok(resource_id) => report.resource_id = resource_id.clone().or(report.resource_id),
        Err(error) => {
            report.status = StepStatus::Failed;
            report.request_id = error.request_id().or(report.request_id);
            report.error = Some(error.failure());
        }
    }
    (outcome, report)
}

/// Does it, and gives the id of what it was done to.
async fn apply(change: &Change, known: &Known) -> Result<Option<String>, StepError> {
    match change {
        Change::CreateWorkspace { name, description, capacity_id } => {
            workspace::create_workspace(known, name, description.as_deref(), *capacity_id).await
        }
        Change::DescribeWorkspace { description } => workspace::describe(known, &description.to).await,
        Change::AssignCapacity { capacity_id } => workspace::assign_capacity(known, capacity_id.to).await,
        Change::CreateFolder { path } => workspace::create_folder(known, path).await,
        Change::DeleteFolder { id, .. } => workspace::delete_folder(known, *id).await,
        Change::AddRole { principal, principal_type, role, .. } => {
            workspace::add_role(known, *principal, *principal_type, *role).await
        }
        Change::ChangeRole { assignment_id, role, .. } => workspace::change_role(known, *assignment_id, role.to).await,
        Change::CreateItem { key, .. } => item::create_item(known, key).await,
        Change::UpdateDefinition { key, id, .. } => item::update_definition(known, key, *id).await,
        Change::UpdateMetadata { id, name, description, .. } => {
            item::update_metadata(known, *id, name.as_ref(), description.as_ref()).await
        }
        Change::MoveItem { id, folder, .. } => item::move_to(known, *id, &folder.to).await,
        Change::DeleteItem { id, .. } => item::delete(known, *id).await,
        Change::PublishEnvironment { key } => settings::publish(known, key).await,
        Change::BindConnection { key, connection, source, required, .. } => {
            connections::bind(known, key, *connection, source, *required).await
        }
        Change::WriteShortcut { key, shortcut, .. } => shortcuts::write(known, key, shortcut).await,
        Change::DeleteShortcut { key, shortcut, .. } => shortcuts::delete(known, key, shortcut).await,
        Change::CreateGitConnection { provider, .. } => git::create_connection(known, provider).await,
        Change::ConnectGit { provider, credentials, from } => {
            git::connect(known, provider, credentials.as_ref(), from.as_ref()).await
        }
        Change::CommitToGit { comment, deletions } => git::commit(known, comment, *deletions).await,
        Change::SetActiveValueSet { key, value_set } => {
            settings::set_active_value_set(known, key, value_set.to.as_deref()).await
        }
    }
}
