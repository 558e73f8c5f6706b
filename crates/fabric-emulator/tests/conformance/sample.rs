//! A plausible request body for an operation, made from its published schema.

use serde_json::{Map, Value, json};

use crate::schema::Schemas;

/// Nothing published nests deeper; a cycle ends here.
const DEPTH: usize = 8;

/// The smallest body that has every required member.
pub(crate) fn body(schemas: &Schemas, schema: &Value) -> Value {
    instance(schemas, schema, "", DEPTH)
}

fn instance(schemas: &Schemas, schema: &Value, name: &str, depth: usize) -> Value {
    let named = schema.get("$ref").and_then(Value::as_str).unwrap_or_default();
    let schema = schemas.resolve(schema);
    if depth == 0 {
        return Value::Null;
    }
    match schema["type"].as_str() {
        Some("string") => text(name, named, schema),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        Some("array") => json!([instance(schemas, &schema["items"], name, depth - 1)]),
        _ => {
            let mut members = Map::new();
            fill(schemas, schema, &mut members, depth);
            Value::Object(members)
        }
    }
}

fn fill(schemas: &Schemas, schema: &Value, members: &mut Map<String, Value>, depth: usize) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let part = schemas.resolve(part);
        match part.get("if") {
            None if depth > 0 => fill(schemas, part, members, depth - 1),
            _ => {}
        }
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        let name = required.as_str().unwrap_or_default();
        let value = instance(schemas, &schema["properties"][name], name, depth - 1);
        members.entry(name).or_insert(value);
    }
    specialise(schemas, schema, members, depth);
}

/// Chooses the first variant of a schema that a discriminator splits.
fn specialise(schemas: &Schemas, schema: &Value, members: &mut Map<String, Value>, depth: usize) {
    let variants = schema["allOf"].as_array().into_iter().flatten();
    let Some(variant) = variants.chain([schema]).find(|part| part.get("if").is_some()) else {
        return;
    };
    for (name, rule) in variant["if"]["properties"].as_object().into_iter().flatten() {
        members.insert(name.clone(), rule["const"].clone());
    }
    if depth > 1 {
        let chosen = schemas.resolve(&variant["then"]);
        for part in chosen["allOf"].as_array().into_iter().flatten().chain([chosen]) {
            for required in part["required"].as_array().into_iter().flatten() {
                let name = required.as_str().unwrap_or_default();
                let value = instance(schemas, &part["properties"][name], name, depth - 2);
                members.entry(name).or_insert(value);
            }
        }
    }
}

fn text(name: &str, definition: &str, schema: &Value) -> Value {
    if definition.ends_with("ItemType") {
        return json!("Notebook");
    }
    if let Some(values) = schema["x-extensible-enum"].as_array() {
        return values[0].clone();
    }
    match (name, schema["format"].as_str()) {
        (_, Some("uuid")) => json!("00000000-0000-4000-8000-000000000001"),
        (_, Some("date-time")) => json!("2026-08-01T00:00:00Z"),
        ("payload", _) => json!("e30="),
        ("payloadType", _) => json!("InlineBase64"),
        ("role", _) => json!("Member"),
        ("mode", _) => json!("All"),
        _ => json!("Sample"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_members_are_filled_through_references_and_bases() {
        let schemas = Schemas::new(json!({"$defs": {
            "Base": {"required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}},
            "Item": {"allOf": [{"$ref": "#/$defs/Base"}], "required": ["parts"], "properties": {
                "parts": {"type": "array", "items": {"required": ["payload"], "properties": {"payload": {"type": "string"}}}},
                "note": {"type": "string"}}},
        }}));
        assert_eq!(
            body(&schemas, &json!({"$ref": "#/$defs/Item"})),
            json!({"id": "00000000-0000-4000-8000-000000000001", "parts": [{"payload": "e30="}]})
        );
    }

    #[test]
    fn a_split_schema_becomes_its_first_variant() {
        let schemas = Schemas::new(json!({"$defs": {
            "Git": {"required": ["kind"], "properties": {"kind": {"type": "string"}}, "allOf": [
                {"if": {"properties": {"kind": {"const": "AzureDevOps"}}}, "then": {"$ref": "#/$defs/AzureDevOps"}}]},
            "AzureDevOps": {"required": ["project"], "properties": {"project": {"type": "string"}}},
        }}));
        assert_eq!(
            body(&schemas, &json!({"$ref": "#/$defs/Git"})),
            json!({"kind": "AzureDevOps", "project": "Sample"})
        );
    }
}
