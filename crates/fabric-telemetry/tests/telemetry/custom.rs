//! Events, metrics and operations of other teams.

use std::time::Duration;

use fabric_telemetry::{custom_event, custom_metric, custom_operation};
use serde_json::json;
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::{Receiver, insights, unregistered};

#[test]
fn one_line_each() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let failed: Result<(), String> = custom_operation!("import", file = "a.csv").within(|| {
            custom_event!("RowsRead", rows = 12, clean = true);
            Err("the file is empty".to_owned())
        });
        assert!(failed.is_err());
        custom_metric!("orders.value", 2, currency = "EUR");
        custom_metric!("orders.value", 3.5, currency = "EUR");
        custom_event!("Alone");
    });
    assert_eq!(telemetry.shutdown(Duration::from_secs(60)).lost(), 0);
    assert_eq!(unregistered(&telemetry), Vec::<String>::new());

    let [operation] = receiver.of_type("RemoteDependencyData").try_into().unwrap();
    let data = &operation["data"]["baseData"];
    assert_eq!((&data["name"], &data["success"], &data["type"]), (&json!("import"), &json!(false), &json!("InProc")));
    assert_eq!(data["properties"]["file"], "a.csv");
    assert_eq!(data["properties"]["exception.message"], "the file is empty");
    assert_eq!(data["properties"]["error.type"], "alloc::string::String");

    let [read, alone] = receiver.of_type("EventData").try_into().unwrap();
    assert_eq!(read["data"]["baseData"]["name"], "RowsRead");
    assert_eq!(read["data"]["baseData"]["properties"], json!({ "rows": "12", "clean": "true" }));
    assert_eq!(read["tags"]["ai.operation.parentId"], data["id"]);
    assert_eq!(read["tags"]["ai.operation.id"], operation["tags"]["ai.operation.id"]);
    assert_eq!(alone["tags"]["ai.operation.id"], json!(null));

    let [metric] = receiver.of_type("MetricData").try_into().unwrap();
    let point = &metric["data"]["baseData"]["metrics"][0];
    let expected =
        json!({ "name": "orders.value", "kind": "Aggregation", "value": 5.5, "count": 2, "min": 2.0, "max": 3.5 });
    assert_eq!((point, &metric["data"]["baseData"]["properties"]), (&expected, &json!({ "currency": "EUR" })));
}

#[tokio::test]
async fn an_operation_knows_how_its_future_ended() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(telemetry.layer()));
    let done: Result<u8, String> = custom_operation!("done").run(async { Ok(7) }).await;
    assert_eq!(done, Ok(7));
    let never = custom_operation!("dropped").run(std::future::pending::<Result<(), String>>());
    assert!(futures_are_pending(never).await);
    telemetry.shutdown(Duration::from_secs(60));
    let results: Vec<_> = receiver
        .of_type("RemoteDependencyData")
        .iter()
        .map(|envelope| envelope["data"]["baseData"]["properties"]["operation.result"].clone())
        .collect();
    assert_eq!(results, [json!("success"), json!("cancellation")]);
}

/// Polls once, then drops.
async fn futures_are_pending<F: Future>(future: F) -> bool {
    tokio::select! {
        biased;
        _ = future => false,
        () = std::future::ready(()) => true,
    }
}

#[test]
fn a_metric_with_too_many_series_is_folded() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        for order in 0..600 {
            custom_metric!("orders.value", 1, order = order);
        }
    });
    telemetry.shutdown(Duration::from_secs(60));
    let series = receiver.of_type("MetricData");
    assert_eq!(series.len(), 501);
    let folded: Vec<_> = series
        .iter()
        .map(|envelope| &envelope["data"]["baseData"])
        .filter(|data| data["properties"] == json!({ "otel.metric.overflow": "true" }))
        .map(|data| data["metrics"][0]["count"].clone())
        .collect();
    assert_eq!(folded, [json!(100)]);
}
