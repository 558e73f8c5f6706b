//! The registry is closed: what refers to a name refers to one that is there.

use std::collections::HashSet;

use fabric_telemetry::registry::{self, ATTRIBUTES, Amount, EVENTS, Emitter, METRICS, SPANS};

/// The attributes that belong to the process, not to a span.
const RESOURCE: [&str; 6] = [
    "host.name",
    "service.name",
    "service.version",
    "telemetry.sdk.language",
    "telemetry.sdk.name",
    "telemetry.sdk.version",
];

fn used() -> Vec<&'static str> {
    let mut used: Vec<&str> = RESOURCE.to_vec();
    used.extend(SPANS.iter().flat_map(|span| span.constants.iter().map(|(name, _)| *name)));
    used.extend(SPANS.iter().flat_map(|span| span.fields.iter().map(|field| field.attribute)));
    used.extend(EVENTS.iter().flat_map(|event| event.fields.iter().map(|field| field.attribute)));
    used.extend(METRICS.iter().flat_map(|metric| metric.attributes.iter().copied()));
    used
}

#[test]
fn every_attribute_that_is_used_is_described_and_the_reverse() {
    let described: HashSet<_> = ATTRIBUTES.iter().map(|attribute| attribute.name).collect();
    let used: HashSet<_> = used().into_iter().collect();
    assert_eq!(described.symmetric_difference(&used).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(described.len(), ATTRIBUTES.len(), "a name is described twice");
}

#[test]
fn names_are_unique_and_within_the_limits_of_the_receivers() {
    let events: HashSet<_> = EVENTS.iter().map(|event| event.name).collect();
    let metrics: HashSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!((events.len(), metrics.len()), (EVENTS.len(), METRICS.len()));
    for name in events.iter().chain(&metrics).copied().chain(ATTRIBUTES.iter().map(|attribute| attribute.name)) {
        assert!(name.len() <= 150, "{name}");
        let is_fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
        assert!(name.chars().all(is_fine), "{name}");
    }
}

#[test]
fn names_of_spans_are_made_of_their_own_attributes() {
    for span in SPANS {
        let own: Vec<_> = span.fields.iter().map(|field| field.attribute).collect();
        let constants: Vec<_> = span.constants.iter().map(|(name, _)| *name).collect();
        for part in span.name.split('{').skip(1) {
            let attribute = part.split_once('}').expect("a pattern is closed").0;
            assert!(own.contains(&attribute) || constants.contains(&attribute), "{} of {}", attribute, span.name);
        }
        assert!(span.result.is_none_or(|result| own.contains(&result)));
    }
}

#[test]
fn metrics_are_counted_from_what_is_there() {
    for metric in METRICS {
        let fields: Vec<_> = match metric.emitter {
            Emitter::Spans(spans) => {
                let definition = |(target, source): &(&str, &str)| registry::span(target, source).expect(metric.name);
                spans.iter().flat_map(|span| definition(span).fields).map(|field| field.attribute).collect()
            }
            Emitter::Event(name) => {
                let event = EVENTS.iter().find(|event| event.name == name).expect(metric.name);
                event.fields.iter().map(|field| field.attribute).collect()
            }
            Emitter::Exporters => metric.attributes.to_vec(),
        };
        let amount = match metric.amount {
            Amount::Milliseconds(name) | Amount::State(name) | Amount::Value(name) => Some(name),
            _ => None,
        };
        for name in metric.attributes.iter().copied().chain(amount) {
            assert!(fields.contains(&name), "{name} of {}", metric.name);
        }
        assert_eq!(registry::metric(metric.name).map(|found| found.unit), Some(metric.unit));
    }
    assert!(registry::attribute("no.such.name").is_none());
}
