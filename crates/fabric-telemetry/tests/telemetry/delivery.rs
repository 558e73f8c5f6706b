//! Batches, refusals, throttles, and more than can be sent.

use std::sync::Arc;
use std::time::Duration;

use fabric_telemetry::{Tally, Telemetry, custom_event};
use serde_json::json;
use tokio::time::Instant;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::{KEY, Receiver, Reply, TokioClock, insights};

/// Telemetry whose time is the test's.
fn start(receiver: &Arc<Receiver>, capacity: usize) -> (Telemetry, DefaultGuard, tokio::task::JoinHandle<()>) {
    let (telemetry, pump) = insights(receiver).clock(TokioClock(Instant::now())).capacity(capacity).build();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(telemetry.layer()));
    (telemetry, guard, tokio::spawn(pump.run()))
}

fn tally(telemetry: &Telemetry) -> Tally {
    telemetry.delivery().0[0].1.clone()
}

fn events(receiver: &Receiver) -> usize {
    receiver.of_type("EventData").len()
}

#[tokio::test(start_paused = true)]
async fn a_record_waits_for_others_for_a_second() {
    let receiver = Receiver::replying([]);
    let (telemetry, _guard, _pump) = start(&receiver, 8192);
    for _ in 0..10 {
        custom_event!("E");
    }
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(receiver.posts().len(), 0);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!((receiver.posts().len(), events(&receiver)), (1, 10));
    assert_eq!(tally(&telemetry), Tally { delivered: 10, ..Tally::default() });
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_is_sent_at_once() {
    let receiver = Receiver::replying([]);
    let (_telemetry, _guard, _pump) = start(&receiver, 8192);
    for _ in 0..700 {
        custom_event!("E");
    }
    tokio::time::sleep(Duration::from_millis(1)).await;
    let sizes: Vec<_> = receiver.posts().iter().map(|(_, body)| body.lines().count()).collect();
    assert_eq!(sizes, [512, 188]);
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_accepted_in_part_only_the_rest_is_sent_again() {
    let partial = json!({ "itemsReceived": 3, "itemsAccepted": 1, "errors": [
        { "index": 1, "statusCode": 500, "message": "try later" }, { "index": 2, "statusCode": 400, "message": "bad" },
    ]});
    let receiver = Receiver::replying([Reply::Status(206, partial.to_string())]);
    let (telemetry, _guard, _pump) = start(&receiver, 8192);
    custom_event!("First");
    custom_event!("Second");
    custom_event!("Third");
    tokio::time::sleep(Duration::from_secs(5)).await;
    let names: Vec<_> =
        receiver.of_type("EventData").iter().map(|envelope| envelope["data"]["baseData"]["name"].clone()).collect();
    assert_eq!(names, ["First", "Second", "Third", "Second"]);
    let tally = tally(&telemetry);
    assert_eq!((tally.delivered, tally.rejected, tally.lost()), (2, 1, 1));
    assert_eq!(tally.last_error.as_deref(), Some("the ingestion answered 206: try later"));
}

#[tokio::test(start_paused = true)]
async fn waits_double_and_a_wait_that_is_asked_for_is_kept() {
    let replies = [Reply::Refuse, Reply::Refuse, Reply::Status(503, String::new()), Reply::RetryAfter(439, 60)];
    let receiver = Receiver::replying(replies);
    let (telemetry, _guard, _pump) = start(&receiver, 8192);
    custom_event!("E");
    let began = Instant::now();
    let mut times = Vec::new();
    while tally(&telemetry).delivered == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        if receiver.posts().len() > times.len() {
            times.push(began.elapsed().as_millis());
        }
    }
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (wait, expected) in waits.iter().zip([500, 1_000, 2_000, 60_000]) {
        assert!(wait.abs_diff(expected) <= 20, "{waits:?}");
    }
    assert_eq!(waits.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_oldest_are_dropped_and_counted() {
    let receiver = Receiver::replying([Reply::Refuse]);
    let (telemetry, _guard, pump) = start(&receiver, 100);
    for _ in 0..250 {
        custom_event!("Early");
    }
    for _ in 0..50 {
        custom_event!("Late");
    }
    assert_eq!(tally(&telemetry).dropped, 200);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let late = receiver.of_type("EventData").iter().filter(|event| event["data"]["baseData"]["name"] == "Late").count();
    // Once refused, once accepted.
    assert_eq!((late, tally(&telemetry).delivered), (100, 100));
    telemetry.begin_shutdown(Duration::from_secs(60));
    pump.await.unwrap();
    let [lost] = receiver.of_type("MetricData").try_into().unwrap();
    let data = &lost["data"]["baseData"];
    assert_eq!(
        (&data["metrics"][0]["name"], &data["metrics"][0]["value"]),
        (&json!("fabric.telemetry.lost"), &json!(200.0))
    );
    let expected =
        json!({ "fabric.telemetry.exporter": "application_insights", "fabric.telemetry.loss": "queue_full" });
    assert_eq!(data["properties"], expected);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_good_is_not_sent_again() {
    let receiver = Receiver::always(Reply::Status(400, String::new()));
    let (telemetry, _guard, _pump) = start(&receiver, 8192);
    custom_event!("E");
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!((receiver.posts().len(), tally(&telemetry).rejected), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn sums_are_handed_over_once_a_minute() {
    let receiver = Receiver::replying([]);
    let (_telemetry, _guard, _pump) = start(&receiver, 8192);
    for _ in 0..3 {
        fabric_telemetry::custom_metric!("m", 1);
        tokio::time::sleep(Duration::from_secs(61)).await;
    }
    assert_eq!(receiver.of_type("MetricData").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_is_asked_and_given_nothing_that_it_keeps() {
    let within = Duration::from_secs(1);
    let verdict = r#"{ "itemsReceived": 1, "itemsAccepted": 0,
        "errors": [{ "index": 0, "statusCode": 400, "message": "106: Field 'name' is missing" }] }"#;
    let receiver = Receiver::always(Reply::Status(400, verdict.to_owned()));
    let [probe] = insights(&receiver).probe(within).await.try_into().unwrap();
    assert_eq!((probe.exporter, probe.result), ("application_insights", Ok(())));
    assert_eq!(receiver.envelopes(), [json!({ "iKey": KEY })]);

    let [probe] = insights(&Receiver::always(Reply::Refuse)).probe(within).await.try_into().unwrap();
    assert_eq!(probe.result, Err("connection refused".to_owned()));
    let [probe] = insights(&Receiver::always(Reply::Hang)).probe(within).await.try_into().unwrap();
    assert_eq!((probe.latency, probe.result), (within, Err("no answer within 1000 ms".to_owned())));
}
