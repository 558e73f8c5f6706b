//! Checks the pipelines that this repository offers by the schemas that their platforms publish.

use std::path::PathBuf;
use std::process::Command;

use anyhow::ensure;

use crate::process::run;
use crate::python;
use crate::stage::Outcome;
use crate::workspace::Workspace;

/// The package that carries the schemas, and its version.
const PACKAGE: &str = "check-jsonschema==0.39.0";

/// Which files are checked by which of its schemas. Microsoft's schema holds patterns that are no Unicode expressions.
const FILES: [(&str, &[&str]); 3] = [
    ("vendor.github-workflows", &["docs/pipelines/github"]),
    ("vendor.github-actions", &["action.yml"]),
    ("vendor.azure-pipelines", &["docs/pipelines/azure-devops", "azure-pipelines"]),
];

/// Checks every file.
///
/// # Errors
/// A file does not fit its schema, or a folder has no files.
pub(crate) fn run_all(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let folder = workspace.tools().join("check-jsonschema");
    let python = match python::environment(&folder, &[PACKAGE], "check_jsonschema") {
        Ok(python) => python,
        Err(error) => {
            eprintln!("SKIPPED: the pipelines are not checked by their schemas: {error:#}");
            return Ok(Outcome::PassedBut("the pipelines were not checked by their schemas".to_owned()));
        }
    };
    for (schema, places) in FILES {
        let mut check = Command::new(&python);
        check.args(["-m", "check_jsonschema", "--regex-variant", "nonunicode", "--builtin-schema", schema]);
        for place in places {
            check.args(files(workspace.root().join(place))?);
        }
        run(&mut check)?;
    }
    Ok(Outcome::Passed)
}

fn files(place: PathBuf) -> anyhow::Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place]);
    }
    let entries = std::fs::read_dir(&place)?.collect::<Result<Vec<_>, _>>()?;
    let files: Vec<_> = entries
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    ensure!(!files.is_empty(), "{} holds no pipeline", place.display());
    Ok(files)
}
