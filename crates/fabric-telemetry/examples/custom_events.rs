//! Another team's program: its own events, metrics and operations in Application Insights.
//!
//! `APPLICATIONINSIGHTS_CONNECTION_STRING='InstrumentationKey=…;IngestionEndpoint=…' cargo run -p fabric-telemetry --example
//! custom_events`

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "an example is a program of its own")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use fabric_telemetry::{
    ConnectionString, HttpTransport, Redactor, Resource, Telemetry, custom_event, custom_metric, custom_operation,
};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> Result<(), Box<dyn Error>> {
    let connection = ConnectionString::parse(&std::env::var("APPLICATIONINSIGHTS_CONNECTION_STRING")?)?;
    let program = Resource {
        service_name: "orders".to_owned(),
        service_version: env!("CARGO_PKG_VERSION").to_owned(),
        host_name: std::env::var("HOSTNAME").unwrap_or_else(|_| "unknown".to_owned()),
    };
    let redactor = Redactor::new().ok_or("there is no redaction")?;
    let telemetry = Telemetry::builder(program, redactor)
        .application_insights(&connection, Arc::new(HttpTransport::new()?))
        .start()?;
    tracing_subscriber::registry().with(telemetry.layer()).init();

    // One line each. What is called within an operation belongs to it.
    let orders: Result<u32, String> = custom_operation!("import orders", source = "shop").within(|| {
        custom_event!("OrderShipped", order = 4711, carrier = "post");
        custom_metric!("orders.value", 12.5, currency = "EUR");
        Ok(1)
    });

    let delivery = telemetry.shutdown(Duration::from_secs(2));
    println!("{orders:?}, lost: {}", delivery.lost());
    for (exporter, tally) in delivery.0 {
        println!("{exporter}: {} delivered, last error: {:?}", tally.delivered, tally.last_error);
    }
    Ok(())
}
