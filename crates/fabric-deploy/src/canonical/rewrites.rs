//! What the service is known to rewrite in the definitions it is given, per item type.
//!
//! Each rule was read off recorded round trips (Microsoft's Fabric CLI cassettes, 2025–2026): what was sent, and what
//! `getDefinition` gave back.

use serde_json::Value;

/// Removes from both values what the service's rewriting makes differ.
pub(super) fn undo(item_type: &str, path: &str, desired: &mut Value, actual: &mut Value) {
    if let (Some(desired), Some(actual)) = (desired.as_object_mut(), actual.as_object_mut()) {
        if !desired.contains_key("$schema") {
            actual.shift_remove("$schema");
        }
        match (item_type, path) {
            ("SemanticModel", "definition.pbism") => forgive_version_upgrade(desired, actual),
            ("Report", "definition.pbir") => {
                canonical_connection(desired);
                canonical_connection(actual);
            }
            _ => {}
        }
    }
    if matches!(item_type, "SparkJobDefinition" | "MirroredDatabase") {
        drop_empty_members(desired);
        drop_empty_members(actual);
    }
}

/// Whether the service adds the part at `path` to an item of `item_type` that was sent without it.
pub(crate) fn added_by_server(item_type: &str, path: &str) -> bool {
    matches!(
        (item_type, path),
        ("Environment", "Setting/Sparkcompute.yml")
            | ("Eventhouse", "EventhouseProperties.json")
            | ("Lakehouse", "lakehouse.metadata.json" | "alm.settings.json" | "shortcuts.metadata.json")
    ) || (item_type == "Report" && path.starts_with("StaticResources/SharedResources/"))
}

type Members = serde_json::Map<String, Value>;

/// The service raises the minor version: 4.0 comes back as 4.2.
fn forgive_version_upgrade(desired: &Members, actual: &mut Members) {
    let parse = |members: &Members| -> Option<(u32, u32)> {
        let (major, minor) = members.get("version")?.as_str()?.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    let (Some((desired_major, desired_minor)), Some((actual_major, actual_minor))) = (parse(desired), parse(actual))
    else {
        return;
    };
    let upgraded = desired_major == actual_major && desired_minor <= actual_minor;
    if let Some(version) = desired.get("version").filter(|_| upgraded) {
        actual.insert("version".to_owned(), version.clone());
    }
}

/// A report's connection string comes back with another scheme and letter case; what it says is which model it is
/// bound to. So only the model's id is kept of `byConnection`.
fn canonical_connection(report: &mut Members) {
    let Some(connection) = report
        .get_mut("datasetReference")
        .and_then(|reference| reference.get_mut("byConnection"))
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    let model = connection
        .get("connectionString")
        .and_then(Value::as_str)
        .and_then(model_id)
        .or_else(|| connection.get("pbiModelDatabaseName").and_then(Value::as_str).map(str::to_ascii_lowercase));
    if let Some(model) = model {
        connection.clear();
        connection.insert("semanticModelId".to_owned(), Value::String(model));
    }
}

fn model_id(connection_string: &str) -> Option<String> {
    connection_string.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case("semanticmodelid").then(|| value.trim().to_ascii_lowercase())
    })
}

/// `""` comes back as `null`, and `null` may come back as nothing.
fn drop_empty_members(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null() && member.as_str() != Some(""));
            members.values_mut().for_each(drop_empty_members);
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_empty_members),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::same;

    #[test]
    fn a_report_is_the_same_when_it_is_bound_to_the_same_model() {
        let sent =
            br#"{"version":"4.0","datasetReference":{"byConnection":{"connectionString":"semanticmodelid=0AB0"}}}"#;
        let back = br#"{"$schema":"s","version":"4.0","datasetReference":{"byConnection":{"connectionString":"Data Source=powerbi://api.powerbi.com/v1.0/myorg/w;initial catalog=m;integrated security=ClaimsToken;semanticmodelid=0ab0"}}}"#;
        let other =
            br#"{"version":"4.0","datasetReference":{"byConnection":{"connectionString":"semanticmodelid=ffff"}}}"#;
        assert!(same("Report", "definition.pbir", sent, back));
        assert!(!same("Report", "definition.pbir", sent, other));
    }
}
