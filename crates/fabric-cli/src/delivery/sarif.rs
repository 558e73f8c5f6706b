//! A SARIF 2.1.0 log, as code scanning reads it: what is wrong with the files at its line, what failed, what drifted.

use std::collections::BTreeSet;

use fabric_deploy::diagnostic::Severity;
use serde_json::{Value, json};

use super::finding::Finding;
use super::platform::below;

/// The log of one run.
pub(super) fn log(findings: &[Finding<'_>]) -> Value {
    let rules: BTreeSet<_> = findings.iter().map(|finding| finding.code).collect();
    let rules: Vec<_> = rules.into_iter().map(|code| json!({ "id": code })).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "fabric-cli",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(finding: &Finding<'_>) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut result = json!({
        "ruleId": finding.code,
        "level": level,
        "message": { "text": finding.message },
    });
    if let Some(place) = finding.place {
        let here = std::env::current_dir().ok();
        let mut location = json!({ "artifactLocation": { "uri": uri(&below(here.as_deref(), &place.file)) } });
        if let Some(line) = place.line {
            location["region"] = match place.column {
                Some(column) => json!({ "startLine": line, "startColumn": column }),
                None => json!({ "startLine": line }),
            };
        }
        result["locations"] = json!([{ "physicalLocation": location }]);
    }
    result
}

/// A relative reference as RFC 3986 wants it.
fn uri(path: &str) -> String {
    path.replace('%', "%25")
        .replace(' ', "%20")
        .replace('#', "%23")
        .replace('?', "%3F")
        .replace('[', "%5B")
        .replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use fabric_deploy::diagnostic::Place;

    use super::*;

    #[test]
    fn a_finding_has_its_rule_and_its_line() {
        let place = Place::line("workspace/My Notebook.Notebook/.platform", 4);
        let finding =
            Finding { severity: Severity::Error, code: "bad-platform", place: Some(&place), message: "no type".into() };
        let log = log(&[finding]);
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"], json!([{ "id": "bad-platform" }]));
        let location = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "workspace/My%20Notebook.Notebook/.platform");
        assert_eq!(location["region"], json!({ "startLine": 4 }));
    }
}
