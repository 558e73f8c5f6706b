//! Values of the command line that replace those of the file, by the rules of fabric-cicd's `config_override`.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::document::{Document, Entry, Format, Key, Mark, Node, Value};

/// What the values are called in messages: they are in no file.
const SOURCE: &str = "--config-override";

/// The sections, each with whether single settings of it are replaced or the whole of it.
const SECTIONS: [(&str, bool); 5] =
    [("core", true), ("publish", true), ("unpublish", true), ("features", false), ("constants", false)];

/// Puts the values into the document.
///
/// A value that is a mapping which names the environment replaces that environment's value alone. Settings of `core` that
/// say what is deployed and where can be replaced, not added: the file must be able to stand alone.
pub(super) fn merge(document: &mut Document, text: &str, environment: Option<&str>) -> Diagnostics {
    let (overrides, mut diagnostics) = Document::parse(text, Path::new(SOURCE), Format::Json);
    let Some(overrides) = overrides else { return diagnostics };
    let mut wrong =
        |message: String| diagnostics.push(Diagnostic::error("bad-override", message).at(Place::file(SOURCE)));
    let (Value::Mapping(sections), Value::Mapping(root)) = (overrides.root.value, &mut document.root.value) else {
        wrong("give a JSON object with sections of the file".to_owned());
        return diagnostics;
    };
    for section in sections {
        let name = section.key.name.as_str();
        let Some((_, by_setting)) = SECTIONS.iter().find(|(known, _)| *known == name) else {
            let known = SECTIONS.map(|(known, _)| known).join("`, `");
            wrong(format!("`{name}` is no section; there are `{known}`"));
            continue;
        };
        let mark = root.iter().find(|entry| entry.key.name == name).map_or(document.root.mark, |entry| entry.key.mark);
        let section = marked(section, mark);
        match root.iter_mut().find(|entry| entry.key.name == section.key.name) {
            Some(entry) if *by_setting => match (&mut entry.node.value, section.node.value) {
                (Value::Mapping(settings), Value::Mapping(overriding)) => {
                    for setting in overriding {
                        replace(settings, setting, &section.key.name, environment, &mut wrong);
                    }
                }
                _ => wrong(format!("`{}` is a mapping of settings", section.key.name)),
            },
            Some(entry) => entry.node = section.node,
            None if section.key.name == "core" => {
                wrong("the file has no `core` whose values could be replaced".to_owned());
            }
            None => root.push(section),
        }
    }
    diagnostics
}

fn replace(
    settings: &mut Vec<Entry>,
    setting: Entry,
    section: &str,
    environment: Option<&str>,
    wrong: &mut dyn FnMut(String),
) {
    let own = environment.and_then(|environment| Some((environment, setting.node.get(environment)?.clone())));
    let name = setting.key.name.clone();
    let others_workspace = |name: &str| settings.iter().any(|entry| entry.key.name == name);
    let may_be_added = match (section, name.as_str()) {
        ("core", "repository_directory") => false,
        ("core", "workspace") => others_workspace("workspace_id"),
        ("core", "workspace_id") => others_workspace("workspace"),
        _ => true,
    };
    match settings.iter_mut().find(|entry| entry.key.name == name) {
        Some(entry) => match (own, &mut entry.node.value) {
            (Some((environment, value)), Value::Mapping(values)) => {
                match values.iter_mut().find(|entry| entry.key.name == environment) {
                    Some(entry) => entry.node = value,
                    None => {
                        values.push(Entry { key: Key { name: environment.to_owned(), mark: value.mark }, node: value });
                    }
                }
            }
            _ => entry.node = setting.node,
        },
        None if may_be_added => settings.push(setting),
        None => wrong(format!("`core.{name}` can be replaced, and the file does not have it")),
    }
}

/// The same values, placed where the file has the section: that is where a reader looks.
fn marked(entry: Entry, mark: Mark) -> Entry {
    Entry { key: Key { mark, ..entry.key }, node: marked_node(entry.node, mark) }
}

fn marked_node(node: Node, mark: Mark) -> Node {
    let value = match node.value {
        Value::Scalar(scalar) => Value::Scalar(scalar),
        Value::Sequence(nodes) => Value::Sequence(nodes.into_iter().map(|node| marked_node(node, mark)).collect()),
        Value::Mapping(entries) => Value::Mapping(entries.into_iter().map(|entry| marked(entry, mark)).collect()),
    };
    Node { value, mark }
}
