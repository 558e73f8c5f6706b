//! One change as an event of the audit trail, done and taken back.

use fabric_client::{GitProviderDetails, GitRepository};
use fabric_deploy::desired::ItemKey;
use fabric_deploy::plan::{Change, Replaced};
use fabric_deploy::report::{Report, StepReport};
use serde::Serialize;
use serde_json::{Value, json};

/// An event type and its fields.
type Event = (&'static str, Value);

/// Why something is taken back.
const REASON: &str = "rolled back";

/// What an event is about.
pub(super) struct Subject<'a> {
    pub(super) report: &'a Report,
    pub(super) step: &'a StepReport,
    pub(super) product: &'a str,
    /// Whether names were held against standards.
    pub(super) names_checked: bool,
    /// The description of an item, where the files give one.
    pub(super) describe: &'a dyn Fn(&ItemKey) -> Option<String>,
}

impl Subject<'_> {
    fn item(&self, key: &ItemKey) -> Value {
        json!({
            "workspace_id": self.report.workspace.id,
            "item_id": self.step.resource_id,
            "item_name": key.name,
            "item_type": key.item_type,
        })
    }

    fn item_created(&self, key: &ItemKey) -> Event {
        let mut fields = self.item(key);
        fields["description"] = json!((self.describe)(key));
        fields["validation_passed"] = json!(self.names_checked);
        ("item_created", fields)
    }

    fn item_updated(&self, key: &ItemKey, changes: Value) -> Event {
        let mut fields = self.item(key);
        fields["changes"] = changes;
        ("item_updated", fields)
    }

    fn workspace_updated(&self, changes: &Value) -> Event {
        ("workspace_updated", json!({ "workspace_id": self.report.workspace.id, "changes": changes }))
    }

    fn principal(&self, principal: impl Serialize) -> Value {
        json!({
            "workspace_id": self.report.workspace.id,
            "principal_identifier": principal,
            "user_email": Value::Null,
            "user_id": principal,
        })
    }

    fn git(&self, provider: &GitProviderDetails) -> Value {
        let (organization, repository) = match &provider.repository {
            GitRepository::GitHub { owner, repository } => (Some(owner), Some(repository)),
            GitRepository::AzureDevOps { organization, repository, .. } => (Some(organization), Some(repository)),
            _ => (None, None),
        };
        json!({
            "workspace_id": self.report.workspace.id,
            "git_provider": provider.repository.provider(),
            "git_organization": organization,
            "git_repository": repository,
            "git_branch": provider.branch,
            "git_directory": provider.directory,
        })
    }

    fn role_changed(&self, principal: impl Serialize, role: &Replaced<impl Serialize>) -> Event {
        let mut fields = self.principal(principal);
        fields["old_role"] = json!(role.from);
        fields["new_role"] = json!(role.to);
        ("user_role_changed", fields)
    }
}

/// The name of an item that is about to be created conforms.
pub(super) fn validation_passed(key: &ItemKey) -> Event {
    ("validation_passed", json!({ "item_name": key.name, "item_type": key.item_type }))
}

/// The name of an item does not conform, for these reasons.
pub(super) fn validation_failed(key: &ItemKey, errors: &[&str]) -> Event {
    let fields = json!({ "item_name": key.name, "item_type": key.item_type, "validation_errors": errors });
    ("validation_failed", fields)
}

/// The event of a change that was applied; `None` for folders, which the original system did not record.
pub(super) fn applied(change: &Change, subject: &Subject<'_>) -> Option<Event> {
    Some(match change {
        Change::CreateWorkspace { name, description, capacity_id } => (
            "workspace_created",
            json!({
                "workspace_id": subject.report.workspace.id,
                "workspace_name": name,
                "product_id": subject.product,
                "environment": subject.report.environment,
                "capacity_id": capacity_id,
                "description": description,
            }),
        ),
        Change::CreateItem { key, .. } => subject.item_created(key),
        Change::DeleteItem { key, .. } => ("item_deleted", subject.item(key)),
        Change::AddRole { principal, principal_type, role, .. } => {
            let mut fields = subject.principal(principal);
            fields["role"] = json!(role);
            fields["principal_type"] = json!(principal_type);
            ("user_added", fields)
        }
        Change::ConnectGit { provider, .. } => ("git_connected", subject.git(provider)),
        Change::CommitToGit { comment, .. } => (
            "git_committed",
            json!({
                "workspace_id": subject.report.workspace.id,
                "commit_message": comment,
                "items_count": subject.report.summary.create + subject.report.summary.update,
                "commit_mode": "All",
            }),
        ),
        other => return replaced(other, subject, Direction::Done),
    })
}

/// The event of a change that was taken back.
pub(super) fn undone(change: &Change, subject: &Subject<'_>) -> Option<Event> {
    let (event_type, mut fields) = match change {
        Change::CreateWorkspace { name, .. } => {
            ("workspace_deleted", json!({ "workspace_id": subject.report.workspace.id, "workspace_name": name }))
        }
        Change::CreateItem { key, .. } => ("item_deleted", subject.item(key)),
        Change::DeleteItem { key, .. } => subject.item_created(key),
        Change::ConnectGit { provider, .. } => ("git_disconnected", subject.git(provider)),
        Change::AddRole { principal, .. } => ("user_removed", subject.principal(principal)),
        other => replaced(other, subject, Direction::TakenBack)?,
    };
    fields["reason"] = json!(REASON);
    Some((event_type, fields))
}

#[derive(Clone, Copy)]
enum Direction {
    Done,
    TakenBack,
}

impl Direction {
    fn of<T: Clone>(self, values: &Replaced<T>) -> Replaced<T> {
        match self {
            Self::Done => values.clone(),
            Self::TakenBack => Replaced { from: values.to.clone(), to: values.from.clone() },
        }
    }
}

fn replaced(change: &Change, subject: &Subject<'_>, direction: Direction) -> Option<Event> {
    Some(match change {
        Change::DescribeWorkspace { description } => {
            subject.workspace_updated(&json!({ "description": direction.of(description) }))
        }
        Change::AssignCapacity { capacity_id } => {
            subject.workspace_updated(&json!({ "capacity_id": direction.of(capacity_id) }))
        }
        Change::UpdateDefinition { key, parts, .. } => {
            let parts: Vec<&str> = parts.iter().map(|part| part.path.as_str()).collect();
            subject.item_updated(key, json!({ "definition": parts }))
        }
        Change::UpdateMetadata { key, name, description, .. } => {
            let name = name.as_ref().map(|name| direction.of(name));
            let description = description.as_ref().map(|description| direction.of(description));
            subject.item_updated(key, json!({ "display_name": name, "description": description }))
        }
        Change::MoveItem { key, folder, .. } => subject.item_updated(key, json!({ "folder": direction.of(folder) })),
        Change::PublishEnvironment { key } => subject.item_updated(key, json!({ "published": true })),
        Change::SetActiveValueSet { key, value_set } => {
            subject.item_updated(key, json!({ "active_value_set": direction.of(value_set) }))
        }
        Change::BindConnection { key, connection, source, from, .. } => {
            let from = from.as_ref().and_then(|from| from.connection);
            let connection = direction.of(&Replaced { from, to: Some(*connection) });
            subject.item_updated(key, json!({ "data_source": source, "connection": connection }))
        }
        Change::WriteShortcut { key, shortcut, .. } | Change::DeleteShortcut { key, shortcut, .. } => {
            subject.item_updated(key, json!({ "shortcut": shortcut.to_string() }))
        }
        Change::ChangeRole { principal, role, .. } => subject.role_changed(principal, &direction.of(role)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
