//! Azure DevOps: logging commands, as its documentation describes them.

use std::io;
use std::path::Path;

use fabric_deploy::diagnostic::Severity;

use super::finding::Finding;
use super::platform::below;
use super::report_file;
use crate::render;

/// `##vso[task.logissue type=error;sourcepath=…;linenumber=…;code=…]message`.
pub(super) fn annotation(finding: &Finding<'_>, root: Option<&Path>) -> String {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = format!("type={kind};");
    if let Some(place) = finding.place {
        properties.push_str(&format!("sourcepath={};", property(&below(root, &place.file))));
        properties.extend(place.line.map(|line| format!("linenumber={line};")));
        properties.extend(place.column.map(|column| format!("columnnumber={column};")));
    }
    format!("##vso[task.logissue {properties}code={};]{}", property(finding.code), data(&finding.message))
}

/// `##vso[task.setsecret]value`.
pub(super) fn mask(line: &str) -> String {
    format!("##vso[task.setsecret]{}", data(line))
}

/// Attaches a page to the run. One process writes one file, so that steps of one job do not overwrite each other.
pub(super) fn upload_summary(folder: &Path, page: &str) -> io::Result<()> {
    let file = std::path::absolute(folder.join(format!("fabric-cli-{}.md", std::process::id())))?;
    report_file::replace(&file, page.as_bytes())?;
    render::say_command(&format!("##vso[task.uploadsummary]{}", file.display()));
    Ok(())
}

/// Sets variables that later steps and jobs may read.
pub(super) fn set_variables(outputs: &[(&str, String)]) {
    for (name, value) in outputs {
        render::say_command(&format!("##vso[task.setvariable variable=fabric_{name};isOutput=true]{}", data(value)));
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use fabric_deploy::diagnostic::Place;

    use super::*;

    #[test]
    fn a_finding_stays_on_its_line_whatever_it_says() {
        let place = Place { file: "a;b].yml".into(), line: Some(3), column: None };
        let message = "100 % wrong\nsecond line".to_owned();
        let finding = Finding { severity: Severity::Warning, code: "bad-value", place: Some(&place), message };
        assert_eq!(
            annotation(&finding, None),
            "##vso[task.logissue type=warning;sourcepath=a%3Bb%5D.yml;linenumber=3;code=bad-value;]100 %AZP25 wrong%0Asecond line"
        );
    }
}
