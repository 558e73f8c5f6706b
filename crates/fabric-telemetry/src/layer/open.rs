//! A span that has not ended.

use super::callsite::SpanCallsite;
use crate::custom;
use crate::model::{Attributes, Span, SpanContext, SpanId, SpanKind, UnixNanos, Value};

/// How a span ended that never said how: its work was dropped before it was done.
const CANCELLED: &str = "cancellation";

pub(super) struct Open {
    pub(super) callsite: SpanCallsite,
    pub(super) context: SpanContext,
    pub(super) attributes: Attributes,
    parent: Option<SpanId>,
    remote_parent: bool,
    start: UnixNanos,
}

impl Open {
    pub(super) fn new(
        callsite: SpanCallsite,
        context: SpanContext,
        parent: Option<SpanId>,
        remote: bool,
        start: UnixNanos,
    ) -> Self {
        let mut attributes = Attributes::new();
        if let SpanCallsite::Registered(definition) = callsite {
            for (name, value) in definition.constants {
                attributes.set(name, Value::Text((*value).to_owned()));
            }
        }
        Self { callsite, context, attributes, parent, remote_parent: remote && parent.is_some(), start }
    }

    pub(super) fn finish(self, now: UnixNanos) -> Span {
        let Self { callsite, context, mut attributes, parent, remote_parent, start } = self;
        let (pattern, kind, result) = match callsite {
            SpanCallsite::Registered(definition) => (definition.name, definition.kind, definition.result),
            SpanCallsite::Custom(name) => (name, SpanKind::Internal, Some(custom::RESULT)),
        };
        if let Some(result) = result
            && attributes.get(result).is_none()
        {
            attributes.set(result, Value::Text(CANCELLED.to_owned()));
        }
        let is_good = |name| matches!(attributes.text(name), Some("success" | "skip"));
        let succeeded = attributes.get("error.type").is_none() && result.is_none_or(is_good);
        let name = filled(pattern, &attributes);
        Span { context, parent, remote_parent, name, kind, start, end: now.max(start), succeeded, attributes }
    }
}

/// The pattern with the values of the attributes that it names.
fn filled(pattern: &str, attributes: &Attributes) -> String {
    let mut name = String::with_capacity(pattern.len() + 24);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        name.push_str(before);
        let (attribute, after) = after.split_once('}').unwrap_or((after, ""));
        match attributes.get(attribute) {
            Some(Value::Text(text)) => name.push_str(text),
            Some(value) => name.push_str(&value.to_string()),
            None => name.push('?'),
        }
        rest = after;
    }
    name.push_str(rest);
    name
}
