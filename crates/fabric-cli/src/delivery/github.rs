//! GitHub Actions: workflow commands and output files, as its documentation of workflow commands describes them.

use std::fmt::Write;
use std::path::Path;

use fabric_deploy::diagnostic::Severity;

use super::finding::Finding;
use super::platform::below;

/// `::error file=…,line=…,title=…::message`.
pub(super) fn annotation(finding: &Finding<'_>, root: Option<&Path>) -> String {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    if let Some(place) = finding.place {
        properties.push(format!("file={}", property(&below(root, &place.file))));
        properties.extend(place.line.map(|line| format!("line={line}")));
        properties.extend(place.column.map(|column| format!("col={column}")));
    }
    properties.push(format!("title={}", property(finding.code)));
    format!("::{kind} {}::{}", properties.join(","), data(&finding.message))
}

/// `::add-mask::value`.
pub(super) fn mask(line: &str) -> String {
    format!("::add-mask::{}", data(line))
}

/// `NAME=value` lines; no value has a line end.
pub(super) fn outputs(outputs: &[(&str, String)]) -> String {
    outputs.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{name}={value}");
        text
    })
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use fabric_deploy::diagnostic::Place;

    use super::*;

    #[test]
    fn a_finding_stays_on_its_line_whatever_it_says() {
        let place = Place { file: "odd, name:1.yml".into(), line: Some(3), column: Some(9) };
        let message = "100 % wrong\nsecond line".to_owned();
        let finding = Finding { severity: Severity::Error, code: "bad-value", place: Some(&place), message };
        assert_eq!(
            annotation(&finding, None),
            "::error file=odd%2C name%3A1.yml,line=3,col=9,title=bad-value::100 %25 wrong%0Asecond line"
        );
    }
}
