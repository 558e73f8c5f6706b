//! The project configuration, `project.config.json`.

use std::path::{Path, PathBuf};

use super::ProductRequest;
use super::keys::PROJECT_KEYS;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::document::{Document, Located, Reader, check_keys};

const FILE: &str = "project.config.json";

/// What a deployment needs of the project configuration.
pub(super) struct Project {
    pub(super) file: PathBuf,
    /// The project's root: naming standards and principals are found from here.
    pub(super) folder: PathBuf,
    pub(super) prefix: String,
    pub(super) organization: Option<String>,
    pub(super) workspace_pattern: Located<String>,
}

/// Reads the project configuration. `chosen` begins the paths of keys of the environment that is deployed.
pub(super) fn load(request: &ProductRequest<'_>, chosen: Option<&str>, around: &mut Diagnostics) -> Option<Project> {
    let file = match &request.project_config {
        Some(file) => file.clone(),
        None => match find(&request.config) {
            Some(file) => file,
            None => {
                around.push(
                    Diagnostic::error(
                        "project-config-missing",
                        format!("there is no `{FILE}` in this folder or above"),
                    )
                    .at(Place::file(&request.config))
                    .remedy(format!("add `{FILE}` to the folder that is the project's root")),
                );
                return None;
            }
        },
    };
    let (document, diagnostics) = Document::read(&file);
    around.extend(diagnostics);
    let document = document?;
    let reader = Reader::with_variables(&document, request.lookup_env);
    let of_another =
        |path: &str| path.starts_with("environments.") && !chosen.is_some_and(|prefix| path.starts_with(prefix));
    check_keys(&reader, &document.root, PROJECT_KEYS, &of_another);
    let project = read(&reader, &file);
    around.extend(reader.into_findings());
    project
}

fn read(reader: &Reader<'_>, file: &Path) -> Option<Project> {
    let root = reader.root()?;
    root.required_mapping("environments");
    let pattern = root.required_mapping("naming_patterns").and_then(|patterns| patterns.required_string("workspace"));
    let project = root.required_mapping("project")?;
    let name = project.required_string("name");
    let prefix = project.required_string("prefix");
    let organization = project.optional_string("organization").map(|text| text.value);
    name?;
    Some(Project {
        file: file.to_owned(),
        folder: file.parent().unwrap_or(Path::new("")).to_owned(),
        prefix: prefix?.value,
        organization,
        workspace_pattern: pattern?,
    })
}

/// The nearest project configuration: beside `config`, or in a folder above it.
fn find(config: &Path) -> Option<PathBuf> {
    let beside = config.parent().unwrap_or(Path::new(""));
    let nearest = beside.join(FILE);
    if nearest.is_file() {
        return Some(nearest);
    }
    let absolute = std::path::absolute(beside).ok()?;
    absolute.ancestors().map(|folder| folder.join(FILE)).find(|file| file.is_file())
}
