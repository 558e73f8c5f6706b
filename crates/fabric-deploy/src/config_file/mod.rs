//! The front door for fabric-cicd's `config.yml`: `core`, `publish`, `unpublish`, `features`, `constants`.
//!
//! Every value may be one for all environments or a mapping from environments to values. Everything that is wrong is
//! found at once, with its line. A key that this tool does not act on is named in a warning, with the reason.

mod by_environment;
mod features;
mod overrides;
mod read;
mod rules;

use std::path::{Path, PathBuf};

pub use features::Features;

use crate::desired::WorkspaceSelector;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::document::{Document, Node, Reader, Value};
use crate::parameter::SECRET;
use crate::selection::{Pattern, Selection};

/// What is to be read.
#[derive(Debug, Clone, Copy)]
pub struct ConfigRequest<'a> {
    /// The file.
    pub file: &'a Path,
    /// The environment; `None` allows no value that depends on one.
    pub environment: Option<&'a str>,
    /// Values that replace those of the file, as JSON: `{"core": {"workspace": {"dev": "Sales"}}}`.
    pub overrides: Option<&'a str>,
}

/// A `config.yml`, free of errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// The workspace.
    pub workspace: WorkspaceSelector,
    /// The folder in Git format.
    pub source: PathBuf,
    /// The parameter file. Where the file names none, none is read.
    pub parameters: Option<PathBuf>,
    /// What is deployed.
    pub publish: Selection,
    /// Shortcuts whose names match are left alone.
    pub excluded_shortcuts: Option<Pattern>,
    /// What may be deleted where that is asked for.
    pub unpublish: Selection,
    /// Whether fabric-cicd would delete items that the folder does not have.
    pub unpublishes: bool,
    /// What `features` turn on.
    pub features: Features,
    /// The rules behind `publish`.
    rules: Vec<rules::Rule>,
}

/// Whether a configuration is a `config.yml` of fabric-cicd, as its `core` tells, and not a product configuration.
pub fn is_config_file(file: &Path) -> bool {
    let (document, _) = Document::read(file);
    document.is_some_and(|document| document.root.get("core").is_some() && document.root.get("product").is_none())
}

/// Reads a `config.yml`. There is one if and only if no finding is an error.
pub fn load(request: &ConfigRequest<'_>) -> (Option<ConfigFile>, Diagnostics) {
    let (document, mut diagnostics) = Document::read(request.file);
    let Some(mut document) = document else { return (None, diagnostics) };
    if let Some(text) = request.overrides {
        diagnostics.extend(overrides::merge(&mut document, text, request.environment));
    }
    let reader = Reader::new(&document);
    refuse_secrets(&reader, &document.root);
    let config = reader.root().and_then(|root| read::read(&reader, root, request));
    diagnostics.extend(reader.into_findings());
    (config.filter(|_| !diagnostics.has_errors()), diagnostics.sorted())
}

/// Nothing of this file is put into a definition: every value says what is deployed and where, and is shown.
fn refuse_secrets(reader: &Reader<'_>, node: &Node) {
    match &node.value {
        Value::Sequence(nodes) => nodes.iter().for_each(|node| refuse_secrets(reader, node)),
        Value::Mapping(entries) => entries.iter().for_each(|entry| refuse_secrets(reader, &entry.node)),
        Value::Scalar(scalar) if scalar.text.contains(SECRET) => reader.report(
            Diagnostic::error(
                "secret-not-here",
                "this file cannot hold a secret: its values are shown in plans and on record",
            )
            .at(reader.place(node.mark))
            .remedy("put secrets into the parameter file, or into credential variables"),
        ),
        Value::Scalar(_) => {}
    }
}

/// A finding about a path that is not what it should be.
fn not_there(place: Place, key: &str, path: &Path, what: &str) -> Diagnostic {
    Diagnostic::error("path-not-found", format!("`{key}`: there is no {what} {}", path.display()))
        .at(place)
        .remedy("paths are relative to this file")
}
