//! Values that a client recognises in an answer because it sent them, or because they were there.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::comparison::{Difference, Kind};

/// Members whose values callers rely on.
const NAMED: [&str; 16] = [
    "id",
    "type",
    "displayName",
    "description",
    "workspaceId",
    "folderId",
    "parentFolderId",
    "capacityId",
    "itemId",
    "role",
    "enabled",
    "privacyLevel",
    "connectivityType",
    "resourceId",
    "name",
    "path",
];

/// All texts in `value`, to be recognised later.
pub(crate) fn gather(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if !text.is_empty() => {
            into.insert(text.clone());
        }
        Value::Array(elements) => elements.iter().for_each(|element| gather(element, into)),
        Value::Object(members) => members.values().for_each(|member| gather(member, into)),
        _ => {}
    }
}

/// Where the recording repeats a value of `known` and the emulator answers with another.
/// A member that is absent altogether is the shape's business.
pub(crate) fn differences(recorded: &Value, emulated: &Value, known: &BTreeSet<String>) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(recorded, emulated, known, "", "", &mut found);
    found
}

fn compare(
    recorded: &Value,
    emulated: &Value,
    known: &BTreeSet<String>,
    name: &str,
    at: &str,
    found: &mut Vec<Difference>,
) {
    match (recorded, emulated) {
        (Value::Object(left), Value::Object(right)) => {
            for (name, value) in left {
                let inner = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                if let Some(other) = right.get(name) {
                    compare(value, other, known, name, &inner, found);
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (value, other) in left.iter().zip(right) {
                compare(value, other, known, name, &format!("{at}[]"), found);
            }
        }
        (Value::String(left), Value::String(right))
            if NAMED.contains(&name) && known.contains(left) && left != right =>
        {
            found.push(Difference::with(Kind::Echo, at, left, right));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_was_known_beforehand_must_come_back() {
        let mut known = BTreeSet::new();
        gather(&json!({"displayName": "sales", "tags": [{"name": "t"}]}), &mut known);
        let recorded = json!({"id": "fresh", "displayName": "sales", "value": [{"name": "t"}]});
        let good = json!({"id": "other", "displayName": "sales", "value": [{"name": "t"}]});
        assert!(differences(&recorded, &good, &known).is_empty());
        let bad = json!({"id": "other", "displayName": "Sales", "value": [{"name": "u"}]});
        let said: Vec<String> = differences(&recorded, &bad, &known).iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "value of `displayName`: expected sales, emulated Sales",
                "value of `value[].name`: expected t, emulated u",
            ]
        );
    }
}
