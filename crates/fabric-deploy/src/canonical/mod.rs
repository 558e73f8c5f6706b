//! Whether two versions of a definition part mean the same.
//!
//! A definition does not come back from Fabric as it was sent: JSON is indented anew, line ends change, defaults are
//! written out. Comparing bytes would find changes where nobody made any, so parts are compared by meaning: JSON by
//! value, text without regard to line ends and trailing blanks, everything else byte for byte. What the service is
//! known to rewrite per item type is in `rewrites.rs`.

mod diff;
mod rewrites;
mod shortcut;

use std::borrow::Cow;

use serde_json::Value;

pub(crate) use diff::unified_diff;
pub(crate) use rewrites::added_by_server;
pub(crate) use shortcut::shortcut_says;

/// How a part is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// By value.
    Json,
    /// Line by line, without trailing blanks.
    Text,
    /// Byte for byte.
    Binary,
}

/// How the part at `path` with these bytes is compared.
pub(crate) fn kind_of(path: &str, bytes: &[u8]) -> PartKind {
    if text(bytes).is_none() {
        return PartKind::Binary;
    }
    if is_json(path) { PartKind::Json } else { PartKind::Text }
}

fn is_json(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
    matches!(extension, "json" | "ipynb" | "pbir" | "pbism" | "platform")
}

/// Whether `desired` and `actual` mean the same as the part at `path` of an item of `item_type`.
pub(crate) fn same(item_type: &str, path: &str, desired: &[u8], actual: &[u8]) -> bool {
    if desired == actual {
        return true;
    }
    match (text(desired), text(actual)) {
        (Some(desired), Some(actual)) if is_json(path) => same_json(item_type, path, desired, actual),
        (Some(desired), Some(actual)) => same_text(desired, actual),
        _ => false,
    }
}

fn same_json(item_type: &str, path: &str, desired: &str, actual: &str) -> bool {
    let (Ok(mut desired_value), Ok(mut actual_value)) =
        (serde_json::from_str::<Value>(desired), serde_json::from_str::<Value>(actual))
    else {
        return same_text(desired, actual);
    };
    rewrites::undo(item_type, path, &mut desired_value, &mut actual_value);
    same_value(&desired_value, &actual_value)
}

fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_value(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same_value(value, other)))
        }
        _ => left == right,
    }
}

fn same_text(left: &str, right: &str) -> bool {
    text_lines(left).eq(text_lines(right))
}

fn text_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text.trim_ascii_end());
    std::iter::from_fn(move || {
        let text = rest?;
        // Files have tens of kilobytes, and the standard library looks for a byte eight at a time.
        let (line, after) = match memchr::memchr(b'\n', text.as_bytes()) {
            Some(end) => (text.get(..end)?, text.get(end + 1..)),
            None => (text, None),
        };
        rest = after;
        Some(line.trim_ascii_end())
    })
}

/// The bytes as text, if they are.
fn text(bytes: &[u8]) -> Option<&str> {
    if memchr::memchr(0, bytes).is_some() {
        return None;
    }
    std::str::from_utf8(bytes).ok()
}

/// The part as text that a person can compare, JSON indented; `None` for binary parts.
fn readable<'b>(path: &str, bytes: &'b [u8]) -> Option<Cow<'b, str>> {
    let text = text(bytes)?;
    let indented = || serde_json::to_string_pretty(&serde_json::from_str::<Value>(text).ok()?).ok();
    let indented = if is_json(path) { indented() } else { None };
    Some(indented.map_or(Cow::Borrowed(text), Cow::Owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meaning_decides() {
        let cases: &[(&str, &str, &str, &str, bool)] = &[
            ("Notebook", "notebook-content.py", "a\nb", "a\r\nb\r\n", true),
            ("Notebook", "notebook-content.py", "a  \nb", "a\nb", true),
            ("Notebook", "notebook-content.py", "  a\nb", "a\nb", false),
            ("Notebook", "notebook-content.py", "a\n\nb", "a\nb", false),
            ("DataPipeline", "pipeline-content.json", r#"{"a":1,"b":2}"#, "{\r\n  \"b\": 2.0, \"a\": 1}", true),
            ("DataPipeline", "pipeline-content.json", r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false),
            ("DataPipeline", "pipeline-content.json", r#"{"a":""}"#, r#"{"a":null}"#, false),
            ("SparkJobDefinition", "SparkJobDefinitionV1.json", r#"{"a":""}"#, r#"{"a":null}"#, true),
            ("SemanticModel", "definition/model.tmdl", "model Model\n", "model Model\n\n\n", true),
            ("SemanticModel", "definition.pbism", r#"{"version":"4.0"}"#, r#"{"$schema":"s","version":"4.2"}"#, true),
            ("SemanticModel", "definition.pbism", r#"{"version":"4.2"}"#, r#"{"version":"4.0"}"#, false),
            ("Report", "definition.pbir", "not json", "not json\n", true),
        ];
        for (item_type, path, left, right, expected) in cases {
            assert_eq!(
                same(item_type, path, left.as_bytes(), right.as_bytes()),
                *expected,
                "{item_type} {path}: {left:?} against {right:?}"
            );
        }
    }

    #[test]
    fn binary_parts_are_compared_byte_for_byte() {
        assert!(same("Environment", "Libraries/a.whl", b"\0a", b"\0a"));
        assert!(!same("Environment", "Libraries/a.whl", b"\0a\n", b"\0a"));
    }
}
