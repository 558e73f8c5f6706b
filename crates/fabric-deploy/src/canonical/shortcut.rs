//! Whether a shortcut is what was asked for.

use serde_json::Value;

/// Whether `found`, as the service tells it, says all that `wanted` says. The service adds the target's kind and what
/// it knows besides, leaves out members of the Git format, writes ids in lower case and paths without slashes around.
pub(crate) fn shortcut_says(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted.iter().all(|(name, wanted)| {
            wanted.is_null()
                || matches!(name.as_str(), "type" | "artifactType")
                || found.get(name).is_some_and(|found| shortcut_says(wanted, found))
        }),
        (Value::String(wanted), Value::String(found)) => {
            let is_id = uuid::Uuid::try_parse(wanted).is_ok();
            wanted.trim_matches('/') == found.trim_matches('/') || is_id && wanted.eq_ignore_ascii_case(found)
        }
        _ => wanted == found,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shortcut_says;

    #[test]
    fn what_the_service_adds_and_rewrites_is_no_difference() {
        let id = "5B218778-E7A5-4D73-8187-F10824047715";
        let wanted = json!({"target": {"type": "OneLake", "oneLake":
            {"itemId": id, "path": "/Tables/a", "artifactType": "Lakehouse", "connectionId": null}}});
        let found = json!({"target": {"type": "oneLake", "oneLake":
            {"itemId": id.to_lowercase(), "path": "Tables/a", "workspaceId": id}}});
        assert!(shortcut_says(&wanted, &found));
    }

    #[test]
    fn another_target_is_a_difference() {
        let target = |path: &str| json!({"target": {"oneLake": {"path": path}}});
        assert!(!shortcut_says(&target("Tables/a"), &target("Tables/A")));
        let elsewhere = json!({"target": {"adlsGen2": {"subpath": "a"}}});
        assert!(!shortcut_says(&target("Tables/a"), &elsewhere));
    }
}
