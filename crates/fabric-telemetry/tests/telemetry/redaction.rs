//! No secret leaves, whichever way it came in.

use std::time::Duration;

use fabric_telemetry::{
    OtlpSettings, Redactor, Resource, Telemetry, Transport, custom_event, custom_metric, register_secret,
};
use std::sync::Arc;
use tracing::subscriber::with_default;
use tracing::{Level, event, info_span};
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::{KEY, Receiver};

const CANARIES: [&str; 5] = [
    "Bearer Canary0123456789abcdef",
    "AccountName=a;AccountKey=Canary0123456789abcdef==;EndpointSuffix=core.windows.net",
    "https://a.blob.core.windows.net/c?sv=1&sig=Canary0123456789abcdef%3D",
    "client_id=1&client_secret=Canary0123456789abcdef",
    "the value Canary0123456789abcdef of a secret that the process knows",
];

#[test]
fn canaries_reach_no_exporter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/telemetry.jsonl");
    let receiver = Receiver::replying([]);
    let transport = || Arc::clone(&receiver) as Arc<dyn Transport>;
    let redactor = Redactor::new().unwrap();
    let resource = Resource { service_name: "t".into(), service_version: "1".into(), host_name: "h".into() };
    let connection = fabric_telemetry::ConnectionString::of_instrumentation_key(KEY).unwrap();
    let telemetry = Telemetry::builder(resource, redactor)
        .application_insights(&connection, transport())
        .otlp(OtlpSettings::parse("http://localhost:4318", "", None).unwrap(), transport())
        .file(&path)
        .unwrap()
        .start()
        .unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        register_secret("Canary0123456789abcdef");
        for canary in CANARIES {
            let span = info_span!(target: "fabric_txn", "apply", step = canary, error = tracing::field::Empty);
            span.record("error", canary);
            let _entered = span.enter();
            event!(name: "transaction.rollback", target: "fabric_txn", Level::WARN, reason = %canary);
            custom_event!("Said", what = ?canary);
            custom_metric!("measured", 1, by = canary);
        }
    });
    let delivery = telemetry.shutdown(Duration::from_secs(60));
    assert_eq!(delivery.lost(), 0, "{delivery:?}");
    let file = std::fs::read_to_string(path).unwrap();
    let everything: String = receiver.posts().into_iter().map(|(_, body)| body).chain([file]).collect();
    assert!(!everything.contains("Canary"), "{everything}");
    assert!(everything.matches("[redacted]").count() > 3 * CANARIES.len());
}
