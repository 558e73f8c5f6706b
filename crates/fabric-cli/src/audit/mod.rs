//! What a deployment writes to the audit trail of its product: the event types and field names of the original system.

mod events;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use fabric_deploy::desired::{DesiredState, ItemKey};
use fabric_deploy::diagnostic::{Diagnostics, Severity};
use fabric_deploy::plan::{Change, Plan};
use fabric_deploy::product::ProductSettings;
use fabric_deploy::report::{self, Report, Status, StepStatus};
use fabric_telemetry::{AuditEvent, AuditTrail, context_of, parse_traceparent};
use fabric_txn::{Phase, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::render;
use crate::variables::TRACEPARENT;
use events::Subject;

/// Where the trail is, below the project's root.
pub(crate) const TRAIL: &str = "audit/audit_trail.jsonl";

/// Where the trail of a deployment is, and what it calls the deployment: a journal keeps it for whoever ends it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    root: PathBuf,
    reference: Option<String>,
    product: String,
    /// Whether names were held against standards before anything was created.
    #[serde(default)]
    names_checked: bool,
}

/// The audit trail of a product whose configuration asks for one.
pub(crate) struct Audit {
    trail: AuditTrail,
    place: Place,
    /// Set when the deployment begins: with roll-back off there is no transaction.
    begun: OnceLock<Option<String>>,
}

impl Audit {
    /// `None` where the configuration does not ask for it.
    pub(crate) fn of(settings: &ProductSettings, environment: &Environment) -> Option<Self> {
        if settings.audit_enabled != Some(true) {
            return None;
        }
        let root =
            settings.project_config.parent().filter(|root| !root.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let place = Place {
            root: root.to_owned(),
            reference: settings.audit_reference.clone(),
            product: settings.product.clone(),
            names_checked: settings.names_checked,
        };
        Some(Self::at(place, environment))
    }

    /// The trail that the journal of a transaction names; `None` where it names none, or this machine does not have the
    /// project's folder.
    pub(crate) fn of_journal(meta: &Value, transaction: &str, environment: &Environment) -> Option<Self> {
        let place: Place = serde_json::from_value(meta.get("audit")?.clone()).ok()?;
        if !place.root.is_dir() {
            return None;
        }
        let audit = Self::at(place, environment);
        let _ = audit.begun.set(Some(transaction.to_owned()));
        Some(audit)
    }

    fn at(place: Place, environment: &Environment) -> Self {
        let git = |arguments: &[&str]| git(&place.root, arguments);
        let context = json!({
            "git_commit": git(&["rev-parse", "HEAD"]),
            "git_branch": git(&["rev-parse", "--abbrev-ref", "HEAD"]),
            "git_user": git(&["config", "user.email"]),
            "trace_id": trace_id(environment),
        });
        let trail = AuditTrail::new(place.root.join(TRAIL)).with_context(context);
        Self { trail, place, begun: OnceLock::new() }
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Says that a deployment begins, as this transaction where there is one, and which names passed before anything is
    /// created under them.
    pub(crate) fn started(&self, plan: &Plan, transaction: Option<String>) {
        let fields = json!({
            "deployment_id": self.place.reference,
            "environment": plan.environment,
            "product_id": self.place.product,
            "triggered_by": "fabric-cli",
        });
        let _ = self.begun.set(transaction);
        let created = plan.steps.iter().filter(|_| self.place.names_checked).filter_map(|step| match &step.change {
            Change::CreateItem { key, .. } => Some(events::validation_passed(key)),
            _ => None,
        });
        self.append([("deployment_started", fields)].into_iter().chain(created));
    }

    /// Says what became of it.
    pub(crate) fn ended(&self, report: &Report, plan: &Plan, desired: &DesiredState, duration_ms: u64) {
        let describe = |key: &ItemKey| {
            let item = desired.items.get(key);
            item.and_then(|item| item.description.clone())
        };
        let mut events = self.changes(report, plan, &describe, true);
        events.push(self.closing(report, duration_ms));
        self.append(events);
    }

    /// Says what this process did about a deployment that an earlier one left as `before`. If that one died, what it
    /// applied is said again, because it may not have come to it.
    pub(crate) fn gone_on(&self, report: &Report, plan: &Plan, before: &State, duration_ms: u64) {
        let was_told = matches!(before.phase, Phase::Committed | Phase::Stuck { .. });
        let mut news = report.clone();
        if was_told {
            let undone = |id: &str| before.step(id).is_some_and(|step| step.status == fabric_txn::StepStatus::Undone);
            news.steps.retain(|step| !undone(&step.id));
        }
        let mut events = self.changes(&news, plan, &|_| None, !was_told);
        events.push(self.closing(report, duration_ms));
        self.append(events);
    }

    /// Says that it ended without a report, if it had begun.
    pub(crate) fn failed(&self, environment: &str, failure: &Failure, duration_ms: u64) {
        if self.begun.get().is_none() {
            return;
        }
        let mut fields = self.end_of(environment, duration_ms);
        fields["error_message"] = json!(report::error_text(failure));
        self.append([("deployment_failed", fields)]);
    }

    fn changes(
        &self,
        report: &Report,
        plan: &Plan,
        describe: &dyn Fn(&ItemKey) -> Option<String>,
        applied: bool,
    ) -> Vec<(&'static str, Value)> {
        let mut events = Vec::new();
        let mut undone = Vec::new();
        for step in &report.steps {
            let Some(planned) = plan.steps.iter().find(|planned| planned.id == step.id) else { continue };
            let Place { product, names_checked, .. } = &self.place;
            let subject = Subject { report, step, product, names_checked: *names_checked, describe };
            let is_undone = step.status == StepStatus::Undone;
            if applied && (is_undone || matches!(step.status, StepStatus::Applied | StepStatus::UndoFailed)) {
                events.extend(events::applied(&planned.change, &subject));
            }
            if is_undone {
                undone.extend(events::undone(&planned.change, &subject));
            }
        }
        // As it went: in reverse.
        events.extend(undone.into_iter().rev());
        events
    }

    fn end_of(&self, environment: &str, duration_ms: u64) -> Value {
        let transaction = self.begun.get().cloned().flatten();
        json!({
            "deployment_id": transaction.or_else(|| self.place.reference.clone()),
            "environment": environment,
            "duration_seconds": std::time::Duration::from_millis(duration_ms).as_secs_f64(),
            "reference": self.place.reference,
        })
    }

    fn closing(&self, report: &Report, duration_ms: u64) -> (&'static str, Value) {
        let mut fields = self.end_of(&report.environment, duration_ms);
        if matches!(report.status, Status::Committed | Status::Unchanged) {
            fields["items_deployed"] = json!(report.summary.create + report.summary.update + report.summary.moved);
            return ("deployment_completed", fields);
        }
        let failed = report.steps.iter().find_map(|step| step.error.as_ref()).map(|error| error.message.clone());
        fields["error_message"] = json!(failed.or_else(|| report.reason.clone()));
        fields["outcome"] = json!(report.status);
        ("deployment_failed", fields)
    }

    /// A trail that cannot be written is said and changes nothing: what was deployed is deployed.
    fn append(&self, events: impl IntoIterator<Item = (&'static str, Value)>) {
        let transaction = self.begun.get().cloned().flatten();
        let event = |(event_type, mut fields): (&'static str, Value)| {
            fields["transaction_id"] = json!(transaction);
            AuditEvent::new(event_type, fields)
        };
        let events: Vec<_> = events.into_iter().map(event).collect();
        if let Err(error) = self.trail.append(&now(), &events) {
            render::say_warning(&error);
        }
    }
}

/// Says which names keep a deployment of a product from beginning.
pub(crate) fn refused(settings: &ProductSettings, findings: &Diagnostics, environment: &Environment) {
    let mut errors: BTreeMap<&ItemKey, Vec<&str>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        if let Some(key) = &finding.on_record {
            errors.entry(key).or_default().push(&finding.message);
        }
    }
    if errors.is_empty() {
        return;
    }
    if let Some(audit) = Audit::of(settings, environment) {
        audit.append(errors.into_iter().map(|(key, errors)| events::validation_failed(key, &errors)));
    }
}

#[expect(clippy::disallowed_methods, reason = "an audit trail tells the time of the wall clock")]
fn now() -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    OffsetDateTime::from(SystemTime::now()).format(&format).unwrap_or_default()
}

/// The trace that this run belongs to: its own where telemetry is on, or else the one that the pipeline hands down.
fn trace_id(environment: &Environment) -> Option<String> {
    let handed_down = || parse_traceparent(environment.value(&TRACEPARENT)?).ok();
    let context = context_of(&tracing::Span::current()).or_else(handed_down);
    context.map(|context| context.trace.to_string())
}

/// What Git says in `root`; `unknown` where it says nothing.
fn git(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(root).args(arguments).output();
    let said = output.ok().filter(|output| output.status.success());
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.filter(|said| !said.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}
