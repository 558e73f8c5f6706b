//! The environment of a product configuration that is deployed.

use uuid::Uuid;

use super::folders;
use crate::desired::FolderPath;
use crate::diagnostic::Diagnostic;
use crate::document::{Entry, MappingReader, Reader, nearest};

/// One environment.
pub(super) struct Environment {
    pub(super) name: String,
    /// What messages call it, where that is said.
    pub(super) label: Option<String>,
    pub(super) description: Option<String>,
    pub(super) capacity_id: Option<Uuid>,
    pub(super) folders: Vec<FolderPath>,
}

/// The environment that was asked for, or the only one that is enabled.
pub(super) fn choose(reader: &Reader<'_>, root: &MappingReader<'_, '_>, wanted: Option<&str>) -> Option<Environment> {
    let section = root.required_mapping("environments")?;
    let mut enabled = Vec::new();
    let mut chosen = None;
    for entry in section.entries() {
        if entry.node.is_null() {
            enabled.push(entry);
        } else if let Some(environment) = reader.mapping(&entry.node, &section.path_of(&entry.key.name))
            && environment.optional_bool("enabled").is_none_or(|flag| flag.value)
        {
            enabled.push(entry);
        }
        if wanted == Some(entry.key.name.as_str()) {
            chosen = Some(entry);
        }
    }
    let entry = match (wanted, chosen) {
        (Some(_), Some(entry)) => {
            if !enabled.iter().any(|other| other.key.name == entry.key.name) && entry.node.as_mapping().is_some() {
                let message = format!("the environment `{}` is not enabled", entry.key.name);
                reader.report(
                    Diagnostic::error("environment-disabled", message)
                        .at(reader.place(entry.key.mark))
                        .remedy(format!("set `environments.{}.enabled: true`", entry.key.name)),
                );
            }
            entry
        }
        (Some(wanted), None) => {
            let names = || section.entries().iter().map(|entry| entry.key.name.as_str());
            let mut finding = Diagnostic::error("unknown-environment", format!("there is no environment `{wanted}`"))
                .at(section.place());
            finding.remedy = Some(match nearest(wanted, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("choose one of `{}`", names().collect::<Vec<_>>().join("`, `")),
            });
            reader.report(finding);
            return None;
        }
        (None, _) => match enabled.as_slice() {
            [only] => only,
            several => {
                let names: Vec<_> = several.iter().map(|entry| format!("`{}`", entry.key.name)).collect();
                let message = match names.as_slice() {
                    [] => "no environment is enabled".to_owned(),
                    _ => format!("several environments are enabled: {}", names.join(", ")),
                };
                reader.report(
                    Diagnostic::error("environment-not-chosen", message)
                        .at(section.place())
                        .remedy("name the environment with `--environment`"),
                );
                return None;
            }
        },
    };
    read(reader, &section, entry)
}

fn read<'d>(reader: &Reader<'d>, section: &MappingReader<'_, 'd>, entry: &'d Entry) -> Option<Environment> {
    let name = entry.key.name.clone();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(is_word) {
        let message = format!("`{name}` cannot be the name of an environment");
        reader.report(
            Diagnostic::error("invalid-environment", message)
                .at(reader.place(entry.key.mark))
                .remedy("use letters, digits, `-` and `_`"),
        );
        return None;
    }
    let mut environment = Environment { name, label: None, description: None, capacity_id: None, folders: Vec::new() };
    if entry.node.is_null() {
        return Some(environment);
    }
    let keys = reader.mapping(&entry.node, &section.path_of(&entry.key.name))?;
    environment.label = keys.optional_string("name").map(|text| text.value);
    environment.description = keys.optional_string("description").map(|text| text.value);
    environment.capacity_id = keys.optional_string("capacity_id").and_then(|written| {
        let id = Uuid::try_parse(&written.value).ok();
        if id.is_none() {
            let message = format!("`{}` is not a GUID", keys.path_of("capacity_id"));
            reader.report(Diagnostic::error("invalid-guid", message).at(written.place));
        }
        id
    });
    environment.folders = folders::read(reader, &keys);
    Some(environment)
}
