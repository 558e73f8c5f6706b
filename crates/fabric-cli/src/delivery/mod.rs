//! Where the result goes beside standard output: to the pipeline that runs this, and into report files.

mod azure_devops;
mod finding;
mod github;
mod junit;
mod markdown;
mod masks;
mod platform;
mod report_file;
mod sarif;

use std::io;

pub(crate) use masks::Masks;
pub(crate) use platform::{Ci, Platform};
pub(crate) use report_file::ReportFile;

use crate::arguments::GlobalArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Document};
use finding::Finding;

/// The pipeline that this process runs in, and the files that its caller asked for.
#[derive(Clone)]
pub(crate) struct Delivery {
    platform: Option<Platform>,
    reports: Vec<ReportFile>,
    masks: Masks,
}

impl Delivery {
    /// Finds the pipeline, and makes sure before anything is sent that each report file can be written.
    pub(crate) fn prepare(global: &GlobalArguments) -> Result<Self, Failure> {
        for report in &global.report {
            report.create().map_err(|error| Failure::Report { path: report.path().to_owned(), source: error })?;
        }
        let platform = Platform::of_process(global.ci);
        Ok(Self { masks: Masks::new(platform.as_ref()), platform, reports: global.report.clone() })
    }

    /// What tells the pipeline about secrets.
    pub(crate) fn masks(&self) -> &Masks {
        &self.masks
    }

    /// The pipeline, if this runs in one that is known.
    pub(crate) fn platform(&self) -> Option<&Platform> {
        self.platform.as_ref()
    }

    /// Tells the pipeline how the command ended, and writes the reports. What was asked for and cannot be written turns
    /// success into failure; it never hides what the command itself has to say.
    pub(crate) fn publish(&self, document: &Document, exit: Exit) -> Exit {
        let findings = Finding::all(document);
        let told = match &self.platform {
            Some(platform) => tell(platform, document, &findings, exit),
            None => Ok(()),
        };
        let written = self.reports.iter().map(|report| {
            let written = report.write(document, &findings);
            written.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", report.path().display())))
        });
        let mut exit = exit;
        for error in written.chain([told]).filter_map(Result::err) {
            render::say_error(&format_args!("a report could not be written: {error}"));
            if matches!(exit, Exit::Success | Exit::Changes) {
                exit = Exit::Failed;
            }
        }
        exit
    }
}

fn tell(platform: &Platform, document: &Document, findings: &[Finding<'_>], exit: Exit) -> io::Result<()> {
    for finding in findings {
        render::say_command(&platform.annotation(finding));
    }
    platform.add_summary(&markdown::page(document, findings))?;
    platform.set_outputs(&outputs(document, exit))
}

/// What later steps of a pipeline may want to know.
fn outputs(document: &Document, exit: Exit) -> Vec<(&'static str, String)> {
    let summary = &document.summary;
    let changes = summary.create + summary.update + summary.moved + summary.delete;
    let workspace = document.workspace.as_ref().and_then(|workspace| workspace.id);
    vec![
        ("status", document.status.name().to_owned()),
        ("exit_code", (exit as u8).to_string()),
        ("transaction_id", document.transaction_id.clone().unwrap_or_default()),
        ("workspace_id", workspace.map(|id| id.to_string()).unwrap_or_default()),
        ("changes", changes.to_string()),
        ("failed", summary.failed.to_string()),
    ]
}
