//! Reads a parameter file for one environment and reports everything that is wrong with it.

use std::collections::BTreeSet;
use std::path::Path;

use super::Parameters;
use super::bindings::{Bindings, read_bindings};
use super::entry::Entry;
use super::entry_reader::{EntryReader, Kind};
use super::value::SECRET;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Lookup, Node, Reader, Value};

/// What a parameter file is read for.
#[derive(Clone, Copy)]
pub struct ParameterRequest<'a> {
    /// The file.
    pub file: &'a Path,
    /// The folder that `file_path` conditions are relative to.
    pub source: &'a Path,
    /// The environment whose values apply.
    pub environment: &'a str,
    /// The display name of the workspace that is deployed, where it is given by name.
    pub workspace_name: Option<&'a str>,
    /// The value of an environment variable, for `$ENV:NAME`.
    pub lookup_env: Lookup<'a>,
}

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
}

/// Reads a parameter file and the templates that it extends. The entries are complete only if there is no error.
pub fn read(request: &ParameterRequest<'_>) -> (Parameters, Diagnostics) {
    let mut found = Found::default();
    let diagnostics = file(request, request.file, true, &mut found);
    (Parameters::new(found.entries, found.bindings), diagnostics.sorted())
}

fn file(request: &ParameterRequest<'_>, path: &Path, may_extend: bool, found: &mut Found) -> Diagnostics {
    let (document, mut diagnostics) = Document::read(path);
    let Some(document) = document else { return diagnostics };
    if document.root.is_null() {
        return diagnostics;
    }
    let reader = Reader::new(&document);
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
    diagnostics.extend(reader.into_findings());
    for template in templates {
        if may_extend {
            let path = path.parent().unwrap_or(Path::new("")).join(&template.value);
            diagnostics.extend(file(request, &path, false, found));
        } else {
            diagnostics.push(
                Diagnostic::error("parameter-nested-extend", "a template cannot extend another template")
                    .at(template.place)
                    .remedy("List every template in the parameter file itself."),
            );
        }
    }
    diagnostics
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
