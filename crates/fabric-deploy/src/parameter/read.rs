//! Reads a parameter file for one environment and reports everything that is wrong with it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::Parameters;
use super::bindings::{Bindings, read_bindings};
use super::entry::Entry;
use super::entry_reader::{EntryReader, Kind};
use super::value::SECRET;
use crate::content::Reference;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Lookup, Node, Reader, Value};

/// Where parameters are written.
#[derive(Clone, Copy)]
pub enum WrittenIn<'a> {
    /// A file of their own.
    File(&'a Path),
    /// A section of another file: its root is the section, and its places are those of the file.
    Section(&'a Document),
}

/// What parameters are read for.
#[derive(Clone, Copy)]
pub struct ParameterRequest<'a> {
    /// Where they are written.
    pub from: WrittenIn<'a>,
    /// The folder that `file_path` conditions are relative to.
    pub source: &'a Path,
    /// The environment whose values apply.
    pub environment: &'a str,
    /// The value of an environment variable, for `$ENV:NAME`.
    pub lookup_env: Lookup<'a>,
    /// What the service says of the references that entries look for; `None` before it was asked.
    pub looked_up: LookedUp<'a>,
}

/// The values of references, as far as there are any; `None` where nobody asked for them.
pub type LookedUp<'a> = Option<&'a HashMap<Reference, String>>;

/// The lists whose entries change files.
const KINDS: [(&str, Kind); 3] = [
    ("find_replace", Kind::FindReplace),
    ("key_value_replace", Kind::KeyValueReplace),
    ("spark_pool", Kind::SparkPool),
];

/// What the parameter file and its templates say.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    bindings: Bindings,
    files: Vec<PathBuf>,
}

/// Reads parameters and the templates that they extend. The entries are complete only if there is no error.
pub fn read(request: &ParameterRequest<'_>) -> (Parameters, Diagnostics) {
    let mut found = Found::default();
    let diagnostics = match request.from {
        WrittenIn::File(path) => file(request, path, true, &mut found),
        WrittenIn::Section(section) => {
            let mut diagnostics = Diagnostics::new();
            warn_of_variables(section, &section.root, &mut diagnostics);
            diagnostics.extend(document(request, section, true, &mut found));
            diagnostics
        }
    };
    (Parameters::new(found.entries, found.bindings, found.files), diagnostics.sorted())
}

fn file(request: &ParameterRequest<'_>, path: &Path, may_extend: bool, found: &mut Found) -> Diagnostics {
    found.files.push(path.to_owned());
    let (read, mut diagnostics) = Document::read(path);
    if let Some(read) = read {
        diagnostics.extend(document(request, &read, may_extend, found));
    }
    diagnostics
}

fn document(request: &ParameterRequest<'_>, document: &Document, may_extend: bool, found: &mut Found) -> Diagnostics {
    if document.root.is_null() {
        return Diagnostics::new();
    }
    let reader = Reader::new(document);
    check_tree(&reader, &document.root, false);
    let mut templates = Vec::new();
    if let Some(root) = reader.root() {
        for (key, kind) in KINDS {
            for (index, node) in root.sequence(key).iter().enumerate() {
                let Some(mapping) = reader.mapping(node, &format!("{key}[{index}]")) else { continue };
                let entry = EntryReader { request, reader: &reader, mapping, mark: node.mark };
                found.entries.extend(entry.read(kind));
            }
        }
        read_bindings(request, &reader, &root, &mut found.bindings);
        templates = root.strings("extend");
        root.finish();
    }
    let mut diagnostics = reader.into_findings();
    for template in templates {
        let path = document.file.parent().unwrap_or(Path::new("")).join(&template.value);
        let finding = if !may_extend {
            Diagnostic::error("parameter-nested-extend", "a template cannot extend another template")
                .remedy("List every template in the parameter file itself.")
        } else if found.files.contains(&path) {
            Diagnostic::warning("parameter-template-repeated", format!("`{}` is already extended", template.value))
                .remedy("Remove one of the two: a template is read once.")
        } else if !path.is_file() {
            let message = format!("`extend` names {}, and there is no such file", path.display());
            Diagnostic::error("file-not-found", message).remedy("Paths of templates are relative to this file.")
        } else {
            diagnostics.extend(file(request, &path, false, found));
            continue;
        };
        diagnostics.push(finding.at(template.place));
    }
    diagnostics
}

/// A section keeps the rules of parameter files, though around it `${NAME}` is a variable.
fn warn_of_variables(section: &Document, node: &Node, diagnostics: &mut Diagnostics) {
    match &node.value {
        Value::Sequence(nodes) => nodes.iter().for_each(|node| warn_of_variables(section, node, diagnostics)),
        Value::Mapping(entries) => {
            entries.iter().for_each(|entry| warn_of_variables(section, &entry.node, diagnostics));
        }
        Value::Scalar(scalar) if scalar.text.replace(SECRET, "").contains("${") => diagnostics.push(
            Diagnostic::warning("variable-not-here", "`${` stands for itself here, as in a parameter file")
                .at(node.mark.place(&section.file))
                .remedy("Write `$ENV:NAME` for a variable of the environment."),
        ),
        Value::Scalar(_) => {}
    }
}

/// Findings that any place of the tree can cause: keys that differ in nothing but case, and secrets where none can be.
fn check_tree(reader: &Reader<'_>, node: &Node, is_put_in: bool) {
    match &node.value {
        Value::Sequence(nodes) => nodes.iter().for_each(|node| check_tree(reader, node, is_put_in)),
        Value::Mapping(entries) => {
            let mut seen = BTreeSet::new();
            for entry in entries {
                if !seen.insert(entry.key.name.to_lowercase()) {
                    let message = format!("`{}` is already given in another case", entry.key.name);
                    reader.report(
                        Diagnostic::error("duplicate-key", message)
                            .at(reader.place(entry.key.mark))
                            .remedy("Keep one of the two."),
                    );
                }
                check_tree(reader, &entry.node, is_put_in || entry.key.name == "replace_value");
            }
        }
        Value::Scalar(scalar) if !is_put_in && scalar.text.contains(SECRET) => reader.report(
            Diagnostic::error("secret-not-here", "a secret cannot be looked for, only put in")
                .at(reader.place(node.mark))
                .remedy("Write `${secret:name}` in a `replace_value`."),
        ),
        Value::Scalar(_) => {}
    }
}
