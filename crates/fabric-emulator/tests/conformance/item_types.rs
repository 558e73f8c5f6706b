//! From a typed collection of the path to the item type it holds.

use serde_json::Value;

use crate::schema::Schemas;

/// The type of the items under `collection` (`notebooks` holds `Notebook`), in any case of letters.
pub(crate) fn held_by(schemas: &Schemas, collection: &str) -> Option<String> {
    let plural = collection.to_lowercase();
    let singular = if let Some(stem) = plural.strip_suffix("ies") {
        format!("{stem}y")
    } else if let Some(stem) = plural.strip_suffix("xes") {
        format!("{stem}x")
    } else {
        plural.strip_suffix('s')?.to_owned()
    };
    published(schemas).into_iter().find(|name| name.to_lowercase() == singular)
}

/// Every item type that the documents name.
pub(crate) fn published(schemas: &Schemas) -> Vec<String> {
    let item_type = serde_json::json!({"$ref": "#/$defs/common.ItemType"});
    schemas.resolve(&item_type)["x-extensible-enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plurals_lead_to_types() {
        let schemas = Schemas::new(json!({"$defs": {"common.ItemType": {"x-extensible-enum":
            ["Notebook", "VariableLibrary", "Reflex", "KQLDatabase", "Lakehouse"]}}}));
        let held = |collection| held_by(&schemas, collection);
        assert_eq!(held("notebooks").as_deref(), Some("Notebook"));
        assert_eq!(held("variablelibraries").as_deref(), Some("VariableLibrary"));
        assert_eq!(held("reflexes").as_deref(), Some("Reflex"));
        assert_eq!(held("kqlDatabases").as_deref(), Some("KQLDatabase"));
        assert_eq!(held("lakehouses").as_deref(), Some("Lakehouse"));
        assert_eq!(held("folders"), None);
    }
}
