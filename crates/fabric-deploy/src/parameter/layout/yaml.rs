//! Reads one YAML document into a tree with byte offsets.

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::{Member, Node, Value};

/// Reads the only document of `text`; `None` if it is not valid YAML, holds several documents or has keys that are
/// not scalars.
pub(super) fn read(text: &str) -> Option<Node> {
    let mut events = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        match event {
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd | Event::StreamEnd => {}
            other => events.push((other, span)),
        }
    }
    let mut events = events.into_iter();
    let root = node(&mut events)?;
    events.next().is_none().then_some(root)
}

fn node<'a>(events: &mut impl Iterator<Item = (Event<'a>, Span)>) -> Option<Node> {
    let mut stack: Vec<Open> = Vec::new();
    loop {
        let (event, span) = events.next()?;
        let range = span.byte_range()?;
        let finished = match event {
            Event::Scalar(text, style, _, tag) => {
                let value = if tag.is_some() {
                    Value::Opaque
                } else if style == ScalarStyle::Plain {
                    plain(&text)
                } else {
                    Value::String(text.into_owned())
                };
                Some(Node { span: range, value })
            }
            Event::Alias(_) => Some(Node { span: range, value: Value::Opaque }),
            Event::SequenceStart(..) => {
                stack.push(Open { start: range.start, kind: Kind::Sequence(Vec::new()) });
                None
            }
            Event::MappingStart(..) => {
                stack.push(Open { start: range.start, kind: Kind::Mapping(Vec::new(), None) });
                None
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = stack.pop()?;
                let value = match open.kind {
                    Kind::Sequence(elements) => Value::Array(elements),
                    Kind::Mapping(members, _) => Value::Object(members),
                };
                Some(Node { span: open.start..range.end.max(open.start), value })
            }
            _ => None,
        };
        let Some(node) = finished else { continue };
        match stack.last_mut() {
            None => return Some(node),
            Some(Open { kind: Kind::Sequence(elements), .. }) => elements.push(node),
            Some(Open { kind: Kind::Mapping(members, key), .. }) => match key.take() {
                None => *key = Some(node),
                Some(name) => {
                    let name_span = name.span.clone();
                    members.push(Member { name: key_text(name)?, name_span, value: node });
                }
            },
        }
    }
}

struct Open {
    start: usize,
    kind: Kind,
}

enum Kind {
    Sequence(Vec<Node>),
    Mapping(Vec<Member>, Option<Node>),
}

fn key_text(key: Node) -> Option<String> {
    match key.value {
        Value::String(text) | Value::Number(text) => Some(text),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null => Some("null".to_owned()),
        Value::Array(_) | Value::Object(_) | Value::Opaque => None,
    }
}

/// A plain scalar, read as [`crate::document`] reads it: the words of YAML 1.1 for true and false stay text.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if serde_json::from_str::<serde_json::Number>(text).is_ok() => Value::Number(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}
