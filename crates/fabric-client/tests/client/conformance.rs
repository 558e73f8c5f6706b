//! Microsoft's published routes and schemas, and real exchanges.

use std::io::Read;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

fn open(name: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance");
    let Ok(file) = std::fs::File::open(folder.join(name)) else {
        eprintln!("SKIPPED: {} is absent, so nothing is held against it", folder.join(name).display());
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    Some(text)
}

/// The published operations.
pub(crate) fn routes() -> Option<Vec<Value>> {
    Some(serde_json::from_str(&open("routes.open_lenient.json.gz")?).unwrap())
}

/// The recorded exchanges.
pub(crate) fn exchanges() -> Option<Vec<Value>> {
    Some(open("exchanges.jsonl.gz")?.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The published schemas, closed: an unknown member is an error, wherever the schema names its members.
pub(crate) struct Schemas(Map<String, Value>);

impl Schemas {
    pub(crate) fn open() -> Option<Self> {
        let mut bundle: Value = serde_json::from_str(&open("schemas.open_lenient.json.gz")?).unwrap();
        let Value::Object(mut definitions) = bundle["$defs"].take() else { panic!("a bundle has $defs") };
        let mut composed = Vec::new();
        definitions.values().for_each(|schema| collect_composed(schema, &mut composed));
        for (name, schema) in &mut definitions {
            let is_composed = composed.iter().any(|reference| reference.strip_prefix("#/$defs/") == Some(name));
            close(schema, is_composed);
        }
        Some(Self(definitions))
    }

    /// What is wrong with `body`, as what `reference` says.
    pub(crate) fn errors(&self, reference: &str, body: &Value) -> Vec<String> {
        let schema = json!({"$ref": reference, "$defs": self.reachable(reference)});
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

impl Schemas {
    /// The definitions that `reference` needs: compiling all 1 429 for each body would take seconds.
    fn reachable(&self, reference: &str) -> Map<String, Value> {
        let mut found = Map::new();
        let mut open = vec![reference.to_owned()];
        while let Some(reference) = open.pop() {
            let name = reference.strip_prefix("#/$defs/").unwrap();
            if !found.contains_key(name) {
                collect_references(&self.0[name], &mut open);
                found.insert(name.to_owned(), self.0[name].clone());
            }
        }
        found
    }
}

fn collect_references(schema: &Value, references: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect_references(member, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_references(value, references)),
        _ => {}
    }
}

/// The schemas that others build on: closing them would forbid what the others add.
fn collect_composed(schema: &Value, composed: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                let parts = match (name.as_str(), member) {
                    ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.as_slice(),
                    ("then" | "else", part) => std::slice::from_ref(part),
                    _ => &[],
                };
                let references = parts.iter().filter_map(|part| part["$ref"].as_str());
                composed.extend(references.map(str::to_owned));
                collect_composed(member, composed);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_composed(value, composed)),
        _ => {}
    }
}

fn close(schema: &mut Value, is_composed: bool) {
    let Value::Object(members) = schema else { return };
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.values_mut().for_each(|property| close(property, false));
    }
    if let Some(items) = members.get_mut("items") {
        close(items, false);
    }
    if !is_composed && (members.contains_key("properties") || members.contains_key("allOf")) {
        members.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
    }
}

#[test]
fn closed_schemas_refuse_unknown_members() {
    let Some(schemas) = Schemas::open() else { return };
    let item = "#/$defs/platform.platform.CreateItemRequest";
    assert_eq!(schemas.errors(item, &json!({"displayName": "a", "type": "Notebook"})), [""; 0]);
    assert_eq!(schemas.errors(item, &json!({"displayName": "a", "type": "Notebook", "folder": "b"})).len(), 1);
    assert_eq!(schemas.errors(item, &json!({"type": "Notebook"})).len(), 1);
    assert_eq!(schemas.errors(item, &json!({"displayName": "a", "type": "Notebook", "folderId": null})).len(), 1);
}
