//! What a deployment writes to the audit trail of its product: the event types and field names of the original system.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use fabric_deploy::plan::{Action, Kind};
use fabric_deploy::product::ProductSettings;
use fabric_deploy::report::{Report, Status, StepReport, StepStatus};
use fabric_telemetry::{AuditEvent, AuditTrail};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::render;

/// Where the trail is, below the project's root.
const TRAIL: &str = "audit/audit_trail.jsonl";

/// The audit trail of a product whose configuration asks for one.
pub(crate) struct Audit {
    trail: AuditTrail,
    reference: Option<String>,
    product: String,
}

impl Audit {
    /// `None` where the configuration does not ask for it.
    pub(crate) fn of(settings: &ProductSettings) -> Option<Self> {
        if settings.audit_enabled != Some(true) {
            return None;
        }
        let root =
            settings.project_config.parent().filter(|root| !root.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let context = json!({
            "git_commit": git(root, &["rev-parse", "HEAD"]),
            "git_branch": git(root, &["rev-parse", "--abbrev-ref", "HEAD"]),
            "git_user": git(root, &["config", "user.email"]),
        });
        Some(Self {
            trail: AuditTrail::new(root.join(TRAIL)).with_context(context),
            reference: settings.audit_reference.clone(),
            product: settings.product.clone(),
        })
    }

    /// Says that a deployment begins.
    pub(crate) fn started(&self, environment: &str) {
        let started = json!({
            "deployment_id": self.reference,
            "environment": environment,
            "product_id": self.product,
            "triggered_by": "fabric-cli",
        });
        self.append(&[AuditEvent::new("deployment_started", started)]);
    }

    /// Says what became of it.
    pub(crate) fn ended(&self, report: &Report, duration_ms: u64) {
        let mut events: Vec<_> = report
            .steps
            .iter()
            .filter(|step| step.status == StepStatus::Applied)
            .filter_map(|step| event_of(step, report, &self.product))
            .collect();
        events.push(self.closing(report, duration_ms));
        self.append(&events);
    }

    fn closing(&self, report: &Report, duration_ms: u64) -> AuditEvent {
        let seconds = std::time::Duration::from_millis(duration_ms).as_secs_f64();
        let deployment = report.transaction_id.clone().or_else(|| self.reference.clone());
        let mut fields = json!({
            "deployment_id": deployment,
            "environment": report.environment,
            "duration_seconds": seconds,
            "reference": self.reference,
            "transaction_id": report.transaction_id,
        });
        if matches!(report.status, Status::Committed | Status::Unchanged) {
            fields["items_deployed"] = json!(report.summary.create + report.summary.update + report.summary.moved);
            return AuditEvent::new("deployment_completed", fields);
        }
        let failed = report.steps.iter().find_map(|step| step.error.as_ref()).map(|error| error.message.clone());
        fields["error_message"] = json!(failed.or_else(|| report.reason.clone()));
        fields["outcome"] = json!(report.status);
        AuditEvent::new("deployment_failed", fields)
    }

    /// A trail that cannot be written is said and changes nothing: what was deployed is deployed.
    fn append(&self, events: &[AuditEvent]) {
        if let Err(error) = self.trail.append(&now(), events) {
            render::say_warning(&error);
        }
    }
}

fn event_of(step: &StepReport, report: &Report, product: &str) -> Option<AuditEvent> {
    let workspace = report.workspace.id;
    let item = json!({
        "workspace_id": workspace,
        "item_id": step.resource_id,
        "item_name": step.name,
        "item_type": step.item_type,
    });
    let with = |mut fields: Value, more: Value| {
        if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
            fields.extend(more);
        }
        fields
    };
    let principal = step.id.split('/').nth(1);
    Some(match (step.kind, step.action) {
        (Kind::Workspace, Action::Create) => AuditEvent::new(
            "workspace_created",
            json!({
                "workspace_id": workspace,
                "workspace_name": step.name,
                "product_id": product,
                "environment": report.environment,
            }),
        ),
        (Kind::Workspace | Kind::Capacity, _) => {
            AuditEvent::new("workspace_updated", json!({ "workspace_id": workspace, "changes": [step.id] }))
        }
        (Kind::Item, Action::Create) => {
            AuditEvent::new("item_created", with(item, json!({ "validation_passed": true })))
        }
        (Kind::Item, Action::Delete) => AuditEvent::new("item_deleted", item),
        (Kind::Item | Kind::EnvironmentPublish | Kind::ActiveValueSet, _) => {
            AuditEvent::new("item_updated", with(item, json!({ "changes": [step.id] })))
        }
        (Kind::RoleAssignment, Action::Create) => AuditEvent::new(
            "user_added",
            json!({ "workspace_id": workspace, "principal_identifier": principal, "user_email": Value::Null }),
        ),
        (Kind::RoleAssignment, _) => AuditEvent::new(
            "user_role_changed",
            json!({ "workspace_id": workspace, "principal_identifier": principal, "user_email": Value::Null }),
        ),
        (Kind::Folder, _) => return None,
    })
}

#[expect(clippy::disallowed_methods, reason = "an audit trail tells the time of the wall clock")]
fn now() -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    OffsetDateTime::from(SystemTime::now()).format(&format).unwrap_or_default()
}

/// What Git says in `root`; `unknown` where it says nothing.
fn git(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(root).args(arguments).output();
    let said = output.ok().filter(|output| output.status.success());
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.filter(|said| !said.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}
