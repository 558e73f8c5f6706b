//! What it costs to emit, with telemetry on and off. Nothing is sent: what is measured is the time that the program that
//! emits loses, with a queue that is full, so that each record also drops the oldest.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use std::hint::black_box;
use std::sync::Arc;

use async_trait::async_trait;
use criterion::{Criterion, criterion_group, criterion_main};
use fabric_telemetry::{
    Answer, ConnectionString, Post, Pump, Redactor, Resource, Telemetry, Transport, TransportError, custom_metric,
};
use tracing::field::Empty;
use tracing::subscriber::with_default;
use tracing::{Level, event, info_span};
use tracing_subscriber::layer::SubscriberExt;

/// Never asked: nobody pumps.
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn post(&self, _: Post) -> Result<Answer, TransportError> {
        Ok(Answer { status: 200, retry_after: None, body: Vec::new() })
    }
}

fn telemetry() -> (Telemetry, Pump) {
    let resource = Resource { service_name: "s".into(), service_version: "1".into(), host_name: "h".into() };
    let key = "11111111-2222-4333-8444-555555555555";
    let connection = ConnectionString::of_instrumentation_key(key).unwrap();
    Telemetry::builder(resource, Redactor::new().unwrap()).application_insights(&connection, Arc::new(Nowhere)).build()
}

/// One HTTP attempt with everything that a call to Fabric says.
fn attempt() {
    let span = info_span!(
        target: "fabric_cli", "attempt",
        "error.type" = Empty,
        "fabric.api.class" = black_box("items"),
        "fabric.operation.name" = "Items_ListItems",
        "fabric.request.id" = Empty,
        "http.request.method" = "GET",
        "http.response.status_code" = Empty,
        "server.address" = "api.fabric.microsoft.com",
        "server.port" = 443_u16,
        "url.full" = "https://api.fabric.microsoft.com/v1/workspaces/00000000-0000-0000-0000-000000000000/items",
        "url.template" = "/v1/workspaces/{workspaceId}/items",
    );
    black_box(fabric_telemetry::context_of(&span));
    span.record("http.response.status_code", 200_u16);
    span.record("fabric.request.id", "00000000-0000-0000-0000-000000000000");
}

fn retry() {
    event!(
        name: "resilience.retry", target: "fabric_resilience", Level::WARN, attempt = black_box(1_u32),
        wait_ms = 2_000_u64, throttled = true, class = "items"
    );
}

fn measure() {
    custom_metric!("orders.value", black_box(12.5), currency = "EUR");
}

fn emit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("telemetry");
    for (name, work) in [("attempt", attempt as fn()), ("event", retry), ("metric", measure)] {
        group.bench_function(format!("{name}, off"), |bencher| bencher.iter(work));
    }
    let (telemetry, _pump) = telemetry();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        for (name, work) in [("attempt", attempt as fn()), ("event", retry), ("metric", measure)] {
            (0..10_000).for_each(|_| work());
            group.bench_function(format!("{name}, on"), |bencher| bencher.iter(work));
        }
    });
    group.finish();
}

criterion_group!(benches, emit);
criterion_main!(benches);
