//! What the registry says about a place in the code that emits something.

use tracing::Metadata;

use crate::custom;
use crate::registry::{self, EventDefinition, SpanDefinition};

/// The field of a custom metric that carries its value.
pub(super) const VALUE: &str = "value";

/// Targets that begin so belong to this project: what they name must be in the registry.
const OURS: &str = "fabric_";

/// Whether it is exported.
pub(super) fn is_known(metadata: &Metadata<'_>) -> bool {
    match metadata.target() {
        custom::TARGET => true,
        custom::METRIC_TARGET => metadata.is_event(),
        target if metadata.is_span() => registry::span(target_root(target), metadata.name()).is_some(),
        target => registry::event(target_root(target), metadata.name()).is_some(),
    }
}

/// Whether it has a name of its own, and it is one of ours. Log lines have none: `tracing` names them by their place.
pub(super) fn should_be_known(metadata: &Metadata<'_>) -> bool {
    let is_named = metadata.is_span() || !metadata.name().starts_with("event ");
    is_named && metadata.target().starts_with(OURS)
}

/// A target without the module: `fabric_txn::execute::forward` is `fabric_txn`.
fn target_root(target: &str) -> &str {
    target.split_once("::").map_or(target, |(root, _)| root)
}

/// Where a span is emitted.
#[derive(Debug, Clone, Copy)]
pub(super) enum SpanCallsite {
    Registered(&'static SpanDefinition),
    /// Of somebody else, under this name.
    Custom(&'static str),
}

impl SpanCallsite {
    pub(super) fn of(metadata: &'static Metadata<'static>) -> Option<Self> {
        match metadata.target() {
            custom::TARGET => Some(Self::Custom(metadata.name())),
            target => registry::span(target_root(target), metadata.name()).map(Self::Registered),
        }
    }

    /// Its target and name in the code.
    pub(super) fn emitted(&self) -> (&'static str, &'static str) {
        match self {
            Self::Registered(definition) => (definition.target, definition.source),
            Self::Custom(name) => (custom::TARGET, name),
        }
    }
}

/// Where an event is emitted.
#[derive(Debug, Clone, Copy)]
pub(super) enum EventCallsite {
    Registered(&'static EventDefinition),
    /// Of somebody else, under this name.
    Custom(&'static str),
    /// A measurement of somebody else's metric.
    Metric(&'static str),
}

impl EventCallsite {
    pub(super) fn of(metadata: &'static Metadata<'static>) -> Option<Self> {
        match metadata.target() {
            custom::TARGET => Some(Self::Custom(metadata.name())),
            custom::METRIC_TARGET => Some(Self::Metric(metadata.name())),
            target => registry::event(target_root(target), metadata.name()).map(Self::Registered),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Registered(definition) => definition.name,
            Self::Custom(name) | Self::Metric(name) => name,
        }
    }
}

/// What a field is called outside.
pub(super) trait Naming {
    /// `None` where the registry does not have it.
    fn attribute(&self, source: &'static str) -> Option<&'static str>;
    /// What the field belongs to, for whoever mends the registry.
    fn owner(&self) -> String;
}

fn among(fields: &[registry::Field], source: &str) -> Option<&'static str> {
    fields.iter().find(|field| field.source == source).map(|field| field.attribute)
}

impl Naming for SpanCallsite {
    fn attribute(&self, source: &'static str) -> Option<&'static str> {
        match self {
            Self::Registered(definition) => among(definition.fields, source),
            Self::Custom(_) => Some(source),
        }
    }

    fn owner(&self) -> String {
        let (target, name) = self.emitted();
        format!("span `{name}` of {target}")
    }
}

impl Naming for EventCallsite {
    fn attribute(&self, source: &'static str) -> Option<&'static str> {
        match self {
            Self::Registered(definition) => among(definition.fields, source),
            Self::Custom(_) | Self::Metric(_) => Some(source),
        }
    }

    fn owner(&self) -> String {
        format!("event `{}`", self.name())
    }
}
