//! How the service rewrites the parts of a definition that it is given.
//!
//! What a caller reads back is not always what it sent; these are the changes that recordings of Microsoft's
//! fabric-cli show, per item type. Notebooks and everything not named here keep every byte.

use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value};

const PBISM_SCHEMA: &str =
    "https://developer.microsoft.com/json-schemas/fabric/item/semanticModel/definitionProperties/1.0.0/schema.json";
const PBIR_SCHEMA: &str =
    "https://developer.microsoft.com/json-schemas/fabric/item/report/definitionProperties/2.0.0/schema.json";

/// The content as the service stores it.
pub(crate) fn part(item_type: &str, path: &str, content: Vec<u8>) -> Vec<u8> {
    let is_json = path.ends_with(".json") || path.ends_with(".pbir") || path.ends_with(".pbism");
    let rewritten = match item_type {
        "MirroredDatabase" | "SparkJobDefinition" if is_json => {
            rewrite(&content, null_for_empty, |text| text.replace('\n', "\r\n"))
        }
        "Report" if path == "definition.pbir" => rewrite(&content, |value| with_schema(value, PBIR_SCHEMA), keep),
        "Report" if is_json => rewrite(&content, |value| value, keep),
        "SemanticModel" if path == "definition.pbism" => rewrite(&content, semantic_model_properties, keep),
        "SemanticModel" if path.ends_with("model.tmdl") => std::str::from_utf8(&content).ok().map(with_blank_line),
        "MountedDataFactory" if is_json && !content.ends_with(b"\n") => {
            let mut longer = content.clone();
            longer.push(b'\n');
            Some(longer)
        }
        _ => None,
    };
    rewritten.unwrap_or(content)
}

fn rewrite(content: &[u8], change: fn(Value) -> Value, finish: fn(String) -> String) -> Option<Vec<u8>> {
    // A byte order mark does not survive the service's own serialiser.
    let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
    let value = serde_json::from_slice(content).ok()?;
    Some(finish(pretty(&change(value))?).into_bytes())
}

fn keep(text: String) -> String {
    text
}

/// JSON indented by two blanks.
pub(crate) fn pretty(value: &Value) -> Option<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, PrettyFormatter::new())).ok()?;
    String::from_utf8(bytes).ok()
}

fn null_for_empty(value: Value) -> Value {
    match value {
        Value::String(text) if text.is_empty() => Value::Null,
        Value::Array(values) => Value::Array(values.into_iter().map(null_for_empty).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, null_for_empty(value))).collect())
        }
        other => other,
    }
}

fn with_schema(value: Value, schema: &str) -> Value {
    match value {
        Value::Object(fields) if !fields.contains_key("$schema") => {
            let mut longer = Map::new();
            longer.insert("$schema".to_owned(), Value::from(schema));
            longer.extend(fields);
            Value::Object(longer)
        }
        other => other,
    }
}

fn semantic_model_properties(value: Value) -> Value {
    let mut value = with_schema(value, PBISM_SCHEMA);
    if value["version"] == "4.0" {
        value["version"] = Value::from("4.2");
    }
    value
}

fn with_blank_line(text: &str) -> Vec<u8> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut longer = text.trim_end_matches(['\r', '\n']).to_owned();
    longer.push_str(end);
    longer.push_str(end);
    longer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(item_type: &str, path: &str, content: &str) -> String {
        String::from_utf8(part(item_type, path, content.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn each_type_changes_what_was_recorded() {
        let schema = |name: &str, rest: &str| format!("{{\n  \"$schema\": \"{name}\",\n{rest}\n}}");
        let cases = [
            ("Notebook", "notebook-content.py", "x = 1\r\n\n", "x = 1\r\n\n".to_owned()),
            ("DataPipeline", "pipeline-content.json", "{ \"a\":1}", "{ \"a\":1}".to_owned()),
            ("MirroredDatabase", "mirroring.json", r#"{"a":""}"#, "{\r\n  \"a\": null\r\n}".to_owned()),
            ("SparkJobDefinition", "SparkJobDefinitionV1.json", r#"{"a":[]}"#, "{\r\n  \"a\": []\r\n}".to_owned()),
            ("SparkJobDefinition", "Main/main.py", "print()", "print()".to_owned()),
            ("Report", "definition/report.json", r#"{"b":1,"a":2}"#, "{\n  \"b\": 1,\n  \"a\": 2\n}".to_owned()),
            ("Report", "definition.pbir", r#"{"version":"4.0"}"#, schema(PBIR_SCHEMA, "  \"version\": \"4.0\"")),
            (
                "SemanticModel",
                "definition.pbism",
                r#"{"version":"4.0"}"#,
                schema(PBISM_SCHEMA, "  \"version\": \"4.2\""),
            ),
            ("SemanticModel", "definition/model.tmdl", "model Model", "model Model\n\n".to_owned()),
            ("SemanticModel", "definition/model.tmdl", "model Model\r\n", "model Model\r\n\r\n".to_owned()),
            ("MountedDataFactory", "mountedDataFactory-content.json", "{}", "{}\n".to_owned()),
        ];
        for (item_type, path, sent, stored) in cases {
            assert_eq!(normalised(item_type, path, sent), stored, "{item_type} {path}");
            assert_eq!(normalised(item_type, path, &stored), stored, "{item_type} {path}, again");
        }
    }

    #[test]
    fn json_that_cannot_be_read_is_kept() {
        assert_eq!(normalised("Report", "report.json", "{nonsense"), "{nonsense");
    }
}
