//! `docs/telemetry.md`, written from the registry.

use std::fmt::Write;
use std::path::Path;

use fabric_telemetry::SpanKind;
use fabric_telemetry::registry::{
    ATTRIBUTES, Amount, Attribute, EVENTS, Emitter, Field, Instrument, METRICS, MetricDefinition, Origin, SPANS,
    SpanDefinition,
};

const HEAD: &str = "# Telemetry

Everything that `fabric-cli` says to Application Insights, to an OpenTelemetry receiver or to a file, with
`FEATURE_USE_TELEMETRY` on. This page is written from the registry in `crates/fabric-telemetry/src/registry` by `cargo xtask
codegen`; a name that is not here does not leave the process, and a test fails where one is emitted.

## Turning it on

`FEATURE_USE_TELEMETRY=on` and at least one of these; each that is set is exported to:

| variable | exports to |
|---|---|
| `APPLICATIONINSIGHTS_CONNECTION_STRING` | Application Insights (`v2.1/track`) |
| `APPINSIGHTS_INSTRUMENTATIONKEY` | the same, the old way: Microsoft ended the support of bare keys on 2025-03-31 |
| `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS` | an OpenTelemetry receiver, by OTLP over HTTP with JSON |
| `FABRIC_TELEMETRY_FILE` | a file of JSON lines |

None of them, or one that cannot be used, ends the command with exit code 7 before anything is sent. What goes wrong later
never fails a deployment: records that were lost are counted, and said at the end.

One command is one trace. It continues the trace that the environment variable `TRACEPARENT` names, and each request to
Fabric carries the `traceparent` of its own attempt; a call to Entra or a vault carries that of what it is made for. What
`TRACESTATE` and `BAGGAGE` say goes with it as it is, unless a known secret is in it. Everything is sampled, whatever the
flags of `TRACEPARENT` say.

## Where to find it

| here | Application Insights | OpenTelemetry | file |
|---|---|---|---|
| span of kind server | `requests` | span | `\"record\":\"span\"` |
| span of kind client | `dependencies`, type `HTTP` | span | `\"record\":\"span\"` |
| span of kind internal | `dependencies`, type `InProc` | span | `\"record\":\"span\"` |
| event | `customEvents` | log record with `event_name` | `\"record\":\"event\"` |
| the event `exception` | `exceptions` | log record with `event_name` | `\"record\":\"event\"` |
| metric | `customMetrics` | metric, delta | `\"record\":\"metric\"` |
| attribute | `customDimensions[\"name\"]` | attribute | `.attributes[\"name\"]` |
| trace, span, span around it | `operation_Id`, `id`, `operation_ParentId` | `trace_id`, `span_id`, `parent_span_id` | the same |

An attribute that does not apply is absent. Secrets are replaced by `[redacted]` before anything is handed to an exporter.
";

fn page() -> String {
    let mut page = String::from(HEAD);
    page.push_str("\n## Spans\n");
    for span in SPANS {
        write!(page, "\n### `{}`\n\n{} Emitted as `{}` of `{}`.\n\n", span.name, span.brief, span.source, span.target)
            .unwrap();
        writeln!(page, "Kind: {}.{}\n", kind(span), result(span)).unwrap();
        let constants = span.constants.iter().map(|(name, _)| *name);
        attributes(&mut page, constants.chain(span.fields.iter().map(|Field { attribute, .. }| *attribute)));
    }
    page.push_str("\n## Events\n");
    for event in EVENTS {
        write!(
            page,
            "\n### `{}`\n\n{} Emitted as `{}` of `{}`.\n\n",
            event.name, event.brief, event.source, event.target
        )
        .unwrap();
        attributes(&mut page, event.fields.iter().map(|Field { attribute, .. }| *attribute));
    }
    page.push_str(
        "\n## Metrics\n\n| name | unit | instrument | what | counted from | attributes |\n|---|---|---|---|---|---|\n",
    );
    for metric in METRICS {
        let names: Vec<_> = metric.attributes.iter().map(|name| format!("`{name}`")).collect();
        let instrument = match metric.instrument {
            Instrument::Counter => "counter",
            Instrument::Histogram => "histogram",
            Instrument::Gauge => "gauge",
        };
        let MetricDefinition { name, unit, brief, .. } = metric;
        writeln!(page, "| `{name}` | `{unit}` | {instrument} | {brief} | {} | {} |", from(metric), names.join(", "))
            .unwrap();
    }
    page.push_str("\n## Attributes\n\n| name | what | whose name |\n|---|---|---|\n");
    for Attribute { name, brief, origin } in ATTRIBUTES {
        let whose = match origin {
            Origin::OpenTelemetry => "OpenTelemetry",
            Origin::Own => "this project",
        };
        writeln!(page, "| `{name}` | {brief} | {whose} |").unwrap();
    }
    page
}

fn kind(span: &SpanDefinition) -> &'static str {
    match span.kind {
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Internal => "internal",
    }
}

fn result(span: &SpanDefinition) -> String {
    match span.result {
        Some(name) => format!(" It succeeded where `{name}` is `success` and there is no `error.type`."),
        None => " It succeeded where there is no `error.type`.".to_owned(),
    }
}

fn attributes(page: &mut String, names: impl Iterator<Item = &'static str>) {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => page.push_str("Attributes: none.\n"),
        names => writeln!(page, "Attributes: {}.", names.join(", ")).unwrap(),
    }
}

fn from(metric: &MetricDefinition) -> String {
    let what = match metric.emitter {
        Emitter::Spans(spans) => {
            let names: Vec<_> = spans.iter().map(|(target, source)| format!("span `{source}` of `{target}`")).collect();
            names.join(" and ")
        }
        Emitter::Event(event) => format!("event `{event}`"),
        Emitter::Exporters => "the exporters".to_owned(),
    };
    match metric.amount {
        Amount::One => what,
        Amount::Failure => format!("{what}, failed"),
        Amount::Duration => format!("duration of {what}"),
        Amount::Milliseconds(name) | Amount::State(name) | Amount::Value(name) => format!("`{name}` of {what}"),
    }
}

#[test]
fn the_telemetry_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/telemetry.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, page(), "{} is not up to date: run `cargo xtask codegen`", path.display());
}
