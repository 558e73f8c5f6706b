//! The queries, alerts and dashboards of `docs/observability` name only what the registry has.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use fabric_telemetry::registry::{self, ATTRIBUTES, EVENTS, Instrument, METRICS};
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/observability")
}

fn document(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

/// Every text in a document under this name.
fn texts(value: &Value, name: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if key == name => found.push(text.clone()),
                    other => texts(other, name, found),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| texts(element, name, found)),
        _ => {}
    }
}

fn queries_of(document: &Value, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    texts(document, name, &mut found);
    found
}

/// What stands between `before` and the next quotation mark, each time.
fn quoted<'a>(query: &'a str, before: &str) -> Vec<&'a str> {
    query.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Checks one query of Application Insights, and gives the names that it uses.
#[track_caller]
fn check(query: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for name in quoted(query, "customDimensions[\"") {
        assert!(registry::attribute(name).is_some(), "no attribute is called {name}:\n{query}");
        used.insert(name.to_owned());
    }
    for name in quoted(query, "| where name == \"") {
        let known = EVENTS.iter().any(|event| event.name == name) || registry::metric(name).is_some();
        assert!(known, "no event or metric is called {name}:\n{query}");
        used.insert(name.to_owned());
    }
    assert!(!used.is_empty(), "a query without a name of the registry:\n{query}");
    used
}

#[test]
fn every_query_names_what_the_registry_has() {
    let mut used = BTreeSet::new();
    let mut files: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder().join("queries")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let (comment, query) = text.split_once('\n').unwrap();
        assert!(comment.starts_with("// "), "a query says first what it tells: {comment}");
        used.extend(check(query));
        files.push(query.trim_end().to_owned());
    }
    for wanted in [
        "deployment.finished",
        "fabric.retry",
        "fabric.throttle.parked",
        "fabric.breaker.transition",
        "fabric.rollback.started",
        "error.type",
    ] {
        assert!(used.contains(wanted), "no query is about {wanted}");
    }
    let workbook: BTreeSet<String> = queries_of(&document("workbook.json"), "query").into_iter().collect();
    assert_eq!(workbook, files.into_iter().collect(), "the workbook holds the queries of the folder");
    let alerts = queries_of(&document("alerts.json"), "query");
    assert!(alerts.len() >= 5);
    alerts.iter().for_each(|query| drop(check(query)));
}

/// What Prometheus calls a metric that came by OTLP, with the series of a histogram.
fn prometheus() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for metric in METRICS {
        let base = metric.name.replace('.', "_");
        let unit = match metric.unit {
            "s" => "_seconds",
            "1" if metric.instrument == Instrument::Gauge => "_ratio",
            _ => "",
        };
        match metric.instrument {
            Instrument::Counter => drop(names.insert(format!("{base}{unit}_total"))),
            Instrument::Gauge => drop(names.insert(format!("{base}{unit}"))),
            Instrument::Histogram => {
                names.extend(["_bucket", "_sum", "_count"].map(|series| format!("{base}{unit}{series}")));
            }
        }
    }
    names
}

#[test]
fn grafana_names_what_prometheus_makes_of_the_registry() {
    let attributes: BTreeSet<String> = ATTRIBUTES.iter().map(|attribute| attribute.name.replace('.', "_")).collect();
    let metrics = prometheus();
    let dashboard = document("grafana.json");
    let expressions = queries_of(&dashboard, "expr");
    assert!(expressions.len() >= 10);
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    for expression in &expressions {
        let words: Vec<&str> =
            expression.split(|character| !is_name(character)).filter(|word| word.contains('_')).collect();
        let own = words.iter().filter(|word| !word.starts_with("__") && **word != "histogram_quantile");
        for word in own {
            assert!(metrics.contains(*word) || attributes.contains(*word), "{word} in {expression}");
        }
        assert!(words.iter().any(|word| metrics.contains(*word)), "no metric in {expression}");
    }
    for legend in queries_of(&dashboard, "legendFormat") {
        for name in legend.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()) {
            assert!(attributes.contains(name), "{name} in {legend}");
        }
    }
}
