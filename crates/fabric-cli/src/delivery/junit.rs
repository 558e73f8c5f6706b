//! A JUnit report: a test case per step, and one per finding in the files, as pipelines show test results.

use std::io;

use fabric_deploy::diagnostic::Severity;
use fabric_deploy::report::{StepReport, StepStatus};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::finding::{self, Finding};
use crate::render::{self, Document};

/// One suite with everything in it.
pub(super) fn suite(document: &Document, findings: &[Finding<'_>]) -> io::Result<Vec<u8>> {
    let beside: Vec<_> = findings.iter().filter(|found| found.severity == Severity::Error).collect();
    let of_steps = document.steps.iter().filter(|step| step.error.is_some()).count();
    let beside: Vec<_> = beside.into_iter().filter(|found| !is_of_a_step(found, document)).collect();
    let skipped = document.steps.iter().filter(|step| skipped(step).is_some()).count();
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let workspace = document.workspace.as_ref().map(|workspace| workspace.name.as_str()).unwrap_or_default();
    writer.create_element("testsuites").with_attribute(("name", "fabric-cli")).write_inner_content(|writer| {
        writer
            .create_element("testsuite")
            .with_attribute(("name", format!("{} {workspace}", document.command).trim()))
            .with_attribute(("tests", (document.steps.len() + beside.len()).to_string().as_str()))
            .with_attribute(("failures", (of_steps + beside.len()).to_string().as_str()))
            .with_attribute(("errors", "0"))
            .with_attribute(("skipped", skipped.to_string().as_str()))
            .with_attribute(("time", seconds(document.duration_ms).as_str()))
            .write_inner_content(|writer| {
                document.steps.iter().try_for_each(|step| of_step(writer, step))?;
                beside.iter().try_for_each(|found| of_finding(writer, found))
            })?;
        Ok(())
    })?;
    Ok(writer.into_inner())
}

/// A step that failed is a case of its own already.
fn is_of_a_step(finding: &Finding<'_>, document: &Document) -> bool {
    finding.place.is_none()
        && document
            .steps
            .iter()
            .filter_map(|step| step.error.as_ref())
            .any(|error| error.code == finding.code && finding.message.contains(error.message.as_str()))
}

fn of_step(writer: &mut Writer<Vec<u8>>, step: &StepReport) -> io::Result<()> {
    let name = format!("{} {}", finding::action(step.action), render::step_name(step));
    let case = writer
        .create_element("testcase")
        .with_attribute(("classname", step.item_type.as_deref().unwrap_or("workspace")))
        .with_attribute(("name", name.as_str()))
        .with_attribute(("time", seconds(step.duration_ms).as_str()));
    match (&step.error, skipped(step)) {
        (Some(error), _) => case.write_inner_content(|writer| failure(writer, &error.code, &error.message))?,
        (None, Some(why)) => case.write_inner_content(|writer| {
            writer.create_element("skipped").with_attribute(("message", why)).write_empty()?;
            Ok(())
        })?,
        (None, None) => case.write_empty()?,
    };
    Ok(())
}

fn of_finding(writer: &mut Writer<Vec<u8>>, finding: &Finding<'_>) -> io::Result<()> {
    let place = finding.place.map_or_else(|| finding.code.to_owned(), |place| format!("{} {place}", finding.code));
    let file = finding.place.map(|place| place.file.display().to_string());
    let mut case = writer
        .create_element("testcase")
        .with_attribute(("classname", "files"))
        .with_attribute(("name", place.as_str()));
    if let Some(file) = &file {
        case = case.with_attribute(("file", file.as_str()));
    }
    case.write_inner_content(|writer| failure(writer, finding.code, &finding.message))?;
    Ok(())
}

fn failure(writer: &mut Writer<Vec<u8>>, code: &str, message: &str) -> io::Result<()> {
    writer
        .create_element("failure")
        .with_attribute(("type", code))
        .with_attribute(("message", message))
        .write_text_content(BytesText::new(message))?;
    Ok(())
}

fn skipped(step: &StepReport) -> Option<&'static str> {
    match step.status {
        StepStatus::Skipped => Some("not started"),
        StepStatus::Planned => Some("planned"),
        StepStatus::Undone => Some("done and undone"),
        StepStatus::UndoFailed | StepStatus::Failed | StepStatus::Applied | StepStatus::Unchanged => None,
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{:.3}", std::time::Duration::from_millis(milliseconds).as_secs_f64())
}
