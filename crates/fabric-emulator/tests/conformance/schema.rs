//! Validates bodies against the published JSON Schema bundle, with the service's own laxness.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jsonschema::{Registry, Validator};
use serde_json::{Map, Value, json};

use crate::catalogue::Operation;

const BUNDLE: &str = "urn:fabric:schemas";

/// The schema bundle. Validators are built on first use, one for each schema and thread.
pub(crate) struct Schemas {
    bundle: Value,
    registry: OnceLock<Registry<'static>>,
    /// Tells the validators of the two kinds apart.
    key: &'static str,
}

thread_local! {
    static BUILT: RefCell<HashMap<String, Arc<Validator>>> = RefCell::new(HashMap::new());
}

impl Schemas {
    /// Schemas as a client must read them: names that an enumeration lacks are allowed.
    pub(crate) fn new(bundle: Value) -> Self {
        Self { bundle, registry: OnceLock::new(), key: "open" }
    }

    /// Schemas as a server must keep them: only the names that are published today.
    pub(crate) fn closed(bundle: &Value) -> Self {
        Self { bundle: with_closed_enumerations(bundle), registry: OnceLock::new(), key: "closed" }
    }

    /// The definition that a `{"$ref": "#/$defs/…"}` names, or the schema itself.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.bundle.pointer(reference.trim_start_matches('#')).unwrap_or(schema),
            None => schema,
        }
    }

    /// What is wrong with `body`; nothing where it conforms. `null` members count as absent, and
    /// formats are not checked: the real service sends both nulls and date-times without an offset.
    pub(crate) fn faults(&self, schema: &Value, body: &Value) -> Vec<String> {
        let validator = self.validator(schema);
        let pruned = without_nulls(body);
        validator.iter_errors(&pruned).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// What is wrong with an answer to any of `candidates` (variants of one path).
    pub(crate) fn response_faults(&self, candidates: &[&Operation], status: u16, body: &Value) -> Vec<String> {
        let mut all = Vec::new();
        for operation in candidates {
            let faults = self.operation_faults(operation, status, body);
            if faults.is_empty() {
                return faults;
            }
            all.extend(faults);
        }
        if candidates.is_empty() {
            all.push("no published operation has this path".to_owned());
        }
        all
    }

    fn operation_faults(&self, operation: &Operation, status: u16, body: &Value) -> Vec<String> {
        match operation.response(status) {
            None => vec![format!("status {status} is not published for {}", operation.name)],
            Some(Value::Null) if body.is_null() => Vec::new(),
            // An operation's result is whatever its starter would have answered; the starter's
            // schema is applied where the result is read.
            Some(Value::Null) if operation.path.ends_with("/operations/{operationId}/result") => Vec::new(),
            Some(Value::Null) => vec![format!("{} publishes no body for {status}", operation.name)],
            Some(schema) => self.faults(schema, body),
        }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let key = format!("{} {schema}", self.key);
        BUILT.with_borrow_mut(|built| {
            built
                .entry(key)
                .or_insert_with(|| {
                    let registry = self
                        .registry
                        .get_or_init(|| Registry::new().add(BUNDLE, self.bundle.clone()).unwrap().prepare().unwrap());
                    let validator = jsonschema::options()
                        .with_registry(registry)
                        .should_validate_formats(false)
                        .build(&rebased(schema))
                        .unwrap();
                    Arc::new(validator)
                })
                .clone()
        })
    }
}

fn with_closed_enumerations(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match name.as_str() {
                "x-extensible-enum" => ("enum".to_owned(), value.clone()),
                _ => (name.clone(), with_closed_enumerations(value)),
            })
            .collect(),
        Value::Array(elements) => elements.iter().map(with_closed_enumerations).collect(),
        other => other.clone(),
    }
}

/// `schema` with its references pointing into the bundle.
fn rebased(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match value {
                Value::String(reference) if name == "$ref" => (name.clone(), json!(format!("{BUNDLE}{reference}"))),
                other => (name.clone(), rebased(other)),
            })
            .collect(),
        Value::Array(elements) => elements.iter().map(rebased).collect(),
        other => other.clone(),
    }
}

/// `value` without its null members.
pub(crate) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name.clone(), without_nulls(member)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(elements) => elements.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemas() -> Schemas {
        Schemas::new(json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": {
                "Item": {"type": "object", "required": ["id"], "properties": {
                    "id": {"type": "string"}, "tag": {"$ref": "#/$defs/Tag"},
                    "at": {"type": "string", "format": "date-time"}}},
                "Tag": {"type": "object", "required": ["name"]},
            }
        }))
    }

    #[test]
    fn a_reference_inside_the_bundle_is_followed() {
        let item = json!({"$ref": "#/$defs/Item"});
        assert!(schemas().faults(&item, &json!({"id": "1", "tag": {"name": "a"}})).is_empty());
        assert_eq!(schemas().faults(&item, &json!({"id": "1", "tag": {}})).len(), 1);
    }

    #[test]
    fn null_is_absent_and_formats_are_free() {
        let item = json!({"$ref": "#/$defs/Item"});
        let lax = json!({"id": "1", "tag": null, "at": "2026-07-20T10:22:18.85"});
        assert!(schemas().faults(&item, &lax).is_empty());
        assert_eq!(schemas().faults(&item, &json!({"id": null})).len(), 1);
    }

    #[test]
    fn only_closed_schemas_refuse_unknown_names() {
        let bundle = json!({"$defs": {"Role": {"type": "string", "x-extensible-enum": ["Admin"]}}});
        let role = json!({"$ref": "#/$defs/Role"});
        assert!(Schemas::new(bundle.clone()).faults(&role, &json!("Owner")).is_empty());
        assert_eq!(Schemas::closed(&bundle).faults(&role, &json!("Owner")).len(), 1);
    }

    #[test]
    fn an_inline_schema_may_point_into_the_bundle() {
        let list = json!({"type": "array", "items": {"$ref": "#/$defs/Tag"}});
        assert_eq!(schemas().faults(&list, &json!([{"name": "a"}, {}])).len(), 1);
    }
}
