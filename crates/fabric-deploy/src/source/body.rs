//! What of an item's directory is deployed, beside the text of its parts.

use super::tree::SourceItem;
use crate::desired::DesiredPart;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::parameter::layout::{self, Value};

/// The value set that is active where none has the environment's name.
const DEFAULT_VALUE_SET: &str = "Default value set";

/// What the create call of a shell carries: what `.platform` says, or that the lakehouse has schemas.
pub(super) fn creation_payload(item: &SourceItem) -> Option<serde_json::Value> {
    if item.platform.creation_payload.is_some() {
        return item.platform.creation_payload.clone();
    }
    let metadata = item.file("lakehouse.metadata.json")?.text()?;
    let has_schemas = layout::read_json(metadata).ok()?.member("defaultSchema").is_some();
    has_schemas.then(|| serde_json::json!({ "enableSchemas": true }))
}

/// Says which files of a shell are not deployed, so that nobody believes they were.
pub(super) fn warn_about_content(item: &SourceItem, diagnostics: &mut Diagnostics) {
    let key = &item.platform.key;
    let mut rest = Vec::new();
    for file in &item.files {
        match file.path.as_str() {
            "lakehouse.metadata.json" | "alm.settings.json" => {}
            "data-access-roles.json" if is_empty_json(file.text()) => {}
            "data-access-roles.json" => diagnostics.push(not_deployed(item, &file.path, "data access roles")),
            path => rest.push(path),
        }
    }
    if let [first, more @ ..] = rest.as_slice() {
        let files =
            if more.is_empty() { (*first).to_owned() } else { format!("{first} and {} more files", more.len()) };
        let message =
            format!("{files} of {key}: not deployed, only the name and description of a {} are", key.item_type);
        diagnostics.push(
            Diagnostic::warning("content-not-deployed", message)
                .at(Place::file(&item.path))
                .remedy("Deploy them with a tool for this item type."),
        );
    }
}

fn not_deployed(item: &SourceItem, file: &str, what: &str) -> Diagnostic {
    Diagnostic::warning("content-not-deployed", format!("the {what} of {} are not deployed yet", item.platform.key))
        .at(Place::file(item.path.join(file)))
        .remedy(format!("Create the {what} after the deployment."))
}

fn is_empty_json(text: Option<&str>) -> bool {
    let node = text.and_then(|text| layout::read_json(text).ok());
    node.is_some_and(|node| match node.value {
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    })
}

/// The value set of a variable library that `environment` makes active.
pub(super) fn active_value_set(environment: &str, settings: Option<&str>, parts: &[DesiredPart]) -> String {
    let ordered = settings.and_then(|text| layout::read_json(text).ok()).is_some_and(|settings| {
        settings.member("valueSetsOrder").is_some_and(|order| match &order.value.value {
            Value::Array(names) => names.iter().any(|name| name.as_str() == Some(environment)),
            _ => false,
        })
    });
    let file = format!("valueSets/{environment}.json");
    let named = ordered || parts.iter().any(|part| part.path == file);
    if named { environment.to_owned() } else { DEFAULT_VALUE_SET.to_owned() }
}
