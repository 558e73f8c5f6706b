//! What a command has to say that somebody must look at, in one form for annotations and reports.

use fabric_deploy::diagnostic::{Place, Severity};
use fabric_deploy::report::{Status, StepStatus};

use crate::render::{self, Document};

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding<'a> {
    pub(super) severity: Severity,
    pub(super) code: &'a str,
    pub(super) place: Option<&'a Place>,
    pub(super) message: String,
}

impl<'a> Finding<'a> {
    /// Everything that `document` tells of: what is wrong with the files, what failed, what is left, what drifted.
    pub(super) fn all(document: &'a Document) -> Vec<Self> {
        let mut findings: Vec<_> = document
            .diagnostics
            .iter()
            .map(|found| Self {
                severity: found.severity,
                code: found.code,
                place: found.place.as_ref(),
                message: with_remedy(&found.message, found.remedy.as_deref()),
            })
            .collect();
        if document.diagnostics.is_empty()
            && let Some(error) = &document.error
        {
            findings.push(Self::error(&error.code, with_remedy(&error.message, error.remedy.as_deref())));
        }
        for step in &document.steps {
            if let Some(error) = &step.error {
                let message = format!("{} {}: {}", action(step.action), render::step_name(step), error.message);
                findings.push(Self::error(&error.code, with_remedy(&message, error.remedy)));
            }
        }
        let left = document.left_behind.iter();
        findings.extend(left.map(|left| Self::error("left-behind", with_remedy(&left.what, Some(&left.remedy)))));
        if document.command == "drift" && document.status == Status::Planned {
            let drifted = document.steps.iter().filter(|step| step.status == StepStatus::Planned);
            findings.extend(drifted.map(|step| Self {
                severity: Severity::Warning,
                code: "drift",
                place: None,
                message: format!("{} differs: a deployment would {} it", render::step_name(step), action(step.action)),
            }));
        }
        findings
    }

    fn error(code: &'a str, message: String) -> Self {
        Self { severity: Severity::Error, code, place: None, message }
    }
}

fn with_remedy(message: &str, remedy: Option<&str>) -> String {
    remedy.map_or_else(|| message.to_owned(), |remedy| format!("{message}. Remedy: {remedy}"))
}

/// The word for an action.
pub(super) fn action(action: fabric_deploy::plan::Action) -> &'static str {
    use fabric_deploy::plan::Action;
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Move => "move",
        Action::Delete => "delete",
        Action::Unchanged => "keep",
    }
}
