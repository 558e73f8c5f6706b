//! From the configuration of another tool to the command line of this one, with what is different.

mod config_yml;
mod product;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fabric_deploy::diagnostic::{Diagnostic, Diagnostics, Place, Severity};
use fabric_deploy::document::{Document, Entry, Node, ScalarKind, Value};
use fabric_deploy::plan::{PlanInputs, Strategy};
use serde::Serialize;

use crate::environment::Environment;
use crate::inputs;

/// Something that this tool does in another way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Difference {
    /// Where the file says it.
    #[serde(flatten)]
    pub(crate) place: Place,
    /// What is different.
    pub(crate) what: String,
    /// What to do about it, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
}

/// The same deployment with this tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EquivalentCommand {
    /// The environment; `None` where the file knows none.
    pub(crate) environment: Option<String>,
    /// What to type in a POSIX shell.
    pub(crate) line: String,
}

/// What a configuration comes to here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Migration {
    /// The file.
    pub(crate) from: PathBuf,
    /// What it is.
    pub(crate) kind: &'static str,
    /// One command line for each environment.
    pub(crate) commands: Vec<EquivalentCommand>,
    /// What is different, in the order of the files.
    pub(crate) differences: Vec<Difference>,
}

/// What one kind of configuration has to tell by itself.
struct Told {
    kind: &'static str,
    environments: Vec<String>,
    /// What the command line needs besides the file and the environment.
    options: Vec<&'static str>,
    differences: Vec<Difference>,
}

/// Reads the file, and everything that it leads to, for each of its environments or for the one that is named. Errors are
/// all of them, at once.
pub(crate) fn of(file: &Path, environment: Option<&str>, variables: &Environment) -> Result<Migration, Diagnostics> {
    let (document, mut diagnostics) = Document::read(file);
    let Some(document) = document else { return Err(diagnostics) };
    let told = match (document.root.get("core"), document.root.get("product")) {
        (Some(_), None) => config_yml::tell(&document),
        (None, Some(_)) => product::tell(&document),
        _ => {
            let message = "it is neither a config.yml of fabric-cicd, which has `core`, nor a product configuration, which has \
                           `product`";
            diagnostics.push(
                Diagnostic::error("unknown-configuration", message)
                    .at(Place::file(file))
                    .remedy("name one of these files with --from"),
            );
            return Err(diagnostics);
        }
    };
    let environments: Vec<Option<String>> = match (environment, told.environments.is_empty()) {
        (Some(environment), _) => vec![Some(environment.to_owned())],
        (None, true) => vec![None],
        (None, false) => told.environments.iter().cloned().map(Some).collect(),
    };
    let mut differences: BTreeSet<Difference> = told.differences.into_iter().collect();
    for environment in &environments {
        let (_, found) = inputs::check(&as_deployed(file, environment.as_deref(), &told.options), variables, None);
        let warnings = found.iter().filter(|found| found.severity == Severity::Warning);
        differences.extend(warnings.map(|found| difference(file, found)));
        diagnostics.extend(found);
    }
    if diagnostics.has_errors() {
        return Err(diagnostics.sorted());
    }
    let line = |environment: &Option<String>| {
        let mut words = vec!["fabric-cli".to_owned(), "deploy".to_owned(), "--config".to_owned()];
        words.push(quoted(&file.to_string_lossy()));
        words.extend(environment.iter().flat_map(|name| ["--environment".to_owned(), quoted(name)]));
        words.extend(told.options.iter().map(|option| (*option).to_owned()));
        EquivalentCommand { environment: environment.clone(), line: words.join(" ") }
    };
    Ok(Migration {
        from: file.to_owned(),
        kind: told.kind,
        commands: environments.iter().map(line).collect(),
        differences: differences.into_iter().collect(),
    })
}

/// What the command line that is shown would read.
fn as_deployed(file: &Path, environment: Option<&str>, options: &[&str]) -> PlanInputs {
    PlanInputs {
        config: Some(file.to_owned()),
        config_override: None,
        source: None,
        workspace: None,
        parameters: None,
        environment: environment.map(str::to_owned),
        capacity: None,
        prune: options.contains(&"--prune"),
        prune_data: options.contains(&"--prune-data"),
        max_delete: 10,
        strategy: Strategy::Auto,
        selection: fabric_deploy::selection::SelectionInputs::default(),
    }
}

fn difference(file: &Path, found: &Diagnostic) -> Difference {
    let place = found.place.clone().unwrap_or_else(|| Place::file(file));
    Difference { place, what: found.message.clone(), remedy: found.remedy.clone() }
}

/// The entry of `key`.
fn entry<'d>(node: &'d Node, key: &str) -> Option<&'d Entry> {
    node.as_mapping()?.iter().find(|entry| entry.key.name == key)
}

/// Whether the value is this truth value.
fn is(node: &Node, value: bool) -> bool {
    matches!(&node.value, Value::Scalar(scalar) if scalar.kind == ScalarKind::Bool(value))
}

/// A text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-./:=+@%".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_word_is_quoted_where_the_shell_would_read_it_otherwise() {
        let cases = [("dev", "dev"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("", "''"), ("$HOME", "'$HOME'")];
        for (text, word) in cases {
            assert_eq!(quoted(text), word);
        }
    }
}
