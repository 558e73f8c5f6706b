//! Puts new values into a JSON or YAML text and leaves every other byte as it is.

use super::layout::{Node, Notation, Value};

/// The text cannot take the new value at this byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CannotReplace {
    pub(crate) offset: usize,
}

/// Which quotes a YAML string gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// Those of the scalar that it replaces, or none where none are needed.
    AsBefore,
    /// Double ones, in which every character can be written: what stands in the text is not yet what will be sent.
    Double,
}

/// `text` with `value` in the place of every one of `nodes`, which are sorted by where they begin. A node inside
/// another one that is replaced goes with it.
pub(crate) fn replace(
    text: &str,
    notation: Notation,
    nodes: &[&Node],
    value: &serde_json::Value,
    quotes: Quotes,
) -> Result<String, CannotReplace> {
    let mut edited = String::with_capacity(text.len() + nodes.len() * 40);
    let mut end = 0;
    for node in nodes {
        if node.span.start < end {
            continue;
        }
        let refused = CannotReplace { offset: node.span.start };
        let old = text.get(node.span.clone()).ok_or(refused)?;
        edited.push_str(text.get(end..node.span.start).ok_or(refused)?);
        match notation {
            Notation::Json => edited.push_str(&value.to_string()),
            Notation::Yaml => edited.push_str(&yaml(old, &node.value, value, quotes).ok_or(refused)?),
        }
        end = node.span.end;
    }
    edited.push_str(text.get(end..).unwrap_or_default());
    Ok(edited)
}

/// A YAML scalar on one line, in the quotes of the one that it replaces. Block scalars, empty values and collections
/// are not replaced: what they span depends on the lines around them.
fn yaml(old: &str, old_value: &Value, new: &serde_json::Value, quotes: Quotes) -> Option<String> {
    if old.is_empty() || old.contains('\n') || matches!(old_value, Value::Array(_) | Value::Object(_) | Value::Opaque) {
        return None;
    }
    let (serde_json::Value::String(text), Quotes::AsBefore) = (new, quotes) else {
        return Some(new.to_string());
    };
    let is_printable = !text.chars().any(char::is_control);
    if old.starts_with('\'') && is_printable {
        return Some(format!("'{}'", text.replace('\'', "''")));
    }
    let is_plain = !old.starts_with('"')
        && text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/')
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_./".contains(character))
        && matches!(super::layout::read_yaml(text), Some(Node { value: Value::String(_), .. }));
    Some(if is_plain { text.clone() } else { new.to_string() })
}
