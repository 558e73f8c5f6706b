//! The shape of a JSON body (member names and types, not values), and how two shapes differ.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::comparison::{Difference, Kind};

/// A body without its values. `null` has no shape: it counts as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// Matches everything: a value that the recording masked, or elements of several types.
    Any,
    Scalar(&'static str),
    Object(BTreeMap<String, Shape>),
    /// The union of the elements' shapes; `None` for an empty list, which says nothing of them.
    List(Option<Box<Shape>>),
}

impl Shape {
    fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Self::Scalar("boolean"),
            Value::Number(_) => Self::Scalar("number"),
            Value::String(text) if text.starts_with("mock") => Self::Any,
            Value::String(_) => Self::Scalar("string"),
            Value::Object(members) => Self::Object(
                members.iter().filter_map(|(name, member)| Some((name.clone(), Self::of(member)?))).collect(),
            ),
            Value::Array(elements) => {
                Self::List(elements.iter().filter_map(Self::of).reduce(Self::union).map(Box::new))
            }
        })
    }

    fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Object(mut left), Self::Object(right)) => {
                for (name, shape) in right {
                    let merged = match left.remove(&name) {
                        Some(present) => present.union(shape),
                        None => shape,
                    };
                    left.insert(name, merged);
                }
                Self::Object(left)
            }
            (Self::List(Some(left)), Self::List(Some(right))) => Self::List(Some(Box::new(left.union(*right)))),
            (Self::List(known), Self::List(None)) | (Self::List(None), Self::List(known)) => Self::List(known),
            (left, right) if left == right => left,
            _ => Self::Any,
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Scalar(name) => name,
            Self::Object(_) => "object",
            Self::List(_) => "array",
        }
    }
}

/// Where the shape of `emulated` departs from that of `recorded`.
pub(crate) fn differences(recorded: &Value, emulated: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(Shape::of(recorded).as_ref(), Shape::of(emulated).as_ref(), "", &mut found);
    found
}

fn compare(recorded: Option<&Shape>, emulated: Option<&Shape>, at: &str, found: &mut Vec<Difference>) {
    match (recorded, emulated) {
        (None, None) | (Some(Shape::Any), Some(_)) | (Some(_), Some(Shape::Any)) => {}
        (Some(_), None) => found.push(Difference::new(Kind::Missing, at)),
        (None, Some(_)) => found.push(Difference::new(Kind::Extra, at)),
        (Some(Shape::Object(left)), Some(Shape::Object(right))) => {
            let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let inner = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                compare(left.get(name), right.get(name), &inner, found);
            }
        }
        (Some(Shape::List(None)), Some(Shape::List(_))) => {}
        (Some(Shape::List(left)), Some(Shape::List(right))) => {
            compare(left.as_deref(), right.as_deref(), &format!("{at}[]"), found);
        }
        (Some(left), Some(right)) if left == right => {}
        (Some(left), Some(right)) => found.push(Difference::with(Kind::Type, at, left.type_name(), right.type_name())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(recorded: &Value, emulated: &Value) -> Vec<String> {
        differences(recorded, emulated).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn values_do_not_matter_but_names_and_types_do() {
        let recorded = json!({"id": "1", "tags": [{"name": "a"}], "size": 1});
        assert!(said(&recorded, &json!({"id": "2", "tags": [{"name": "b"}, {"name": "c"}], "size": 0.5})).is_empty());
        assert_eq!(
            said(&recorded, &json!({"id": 2, "tags": [{"label": "b"}]})),
            [
                "type of `id`: recorded string, emulated number",
                "missing `size`",
                "extra `tags[].label`",
                "missing `tags[].name`",
            ]
        );
    }

    #[test]
    fn null_is_absent() {
        assert!(said(&json!({"error": null}), &json!({})).is_empty());
        assert!(said(&json!({}), &json!({"error": null})).is_empty());
        assert_eq!(said(&json!({"a": 1}), &json!({"a": null})), ["missing `a`"]);
    }

    #[test]
    fn an_empty_recorded_list_allows_any_elements_and_an_empty_emulated_one_is_a_gap() {
        assert!(said(&json!({"value": []}), &json!({"value": [1]})).is_empty());
        assert_eq!(said(&json!({"value": [1]}), &json!({"value": []})), ["missing `value[]`"]);
    }

    #[test]
    fn elements_are_compared_by_the_union_of_their_members() {
        let recorded = json!([{"a": 1}, {"b": 1}]);
        assert!(said(&recorded, &json!([{"a": 1, "b": 2}])).is_empty());
    }

    #[test]
    fn a_masked_value_matches_every_type_but_not_absence() {
        let recorded = json!({"credentialDetails": "mocked_credential_details"});
        assert!(said(&recorded, &json!({"credentialDetails": {"a": 1}})).is_empty());
        assert_eq!(said(&recorded, &json!({})), ["missing `credentialDetails`"]);
    }
}
