//! The end of the process: nothing is lost that could be sent, and nobody waits longer than promised.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use fabric_telemetry::{Telemetry, custom_event, custom_operation};
use tokio::time::Instant;
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::{Receiver, Reply, TokioClock, insights};

const GRACE: Duration = Duration::from_secs(2);

/// More than any machine needs: what is promised here is that nothing is lost, not how long that takes.
const AMPLE: Duration = Duration::from_secs(600);

/// Emits in a process of its own, as far as telemetry knows: its thread starts and ends with it.
fn one_run(receiver: &Arc<Receiver>, events: usize) -> Telemetry {
    let telemetry = insights(receiver).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        for number in 0..events {
            custom_event!("E", number = number);
        }
    });
    telemetry
}

/// 50 runs; `FABRIC_TELEMETRY_RUNS=1000` is the long form.
#[test]
fn nothing_is_lost_at_the_end() {
    let runs = std::env::var("FABRIC_TELEMETRY_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(50);
    for run in 0..runs {
        let receiver = Receiver::replying([]);
        let events = run % 7 * 250;
        let delivery = one_run(&receiver, events).shutdown(AMPLE);
        assert_eq!((delivery.lost(), receiver.envelopes().len()), (0, events), "run {run}: {delivery:?}");
    }
}

#[test]
fn a_panic_loses_nothing() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
            let _: Result<(), String> = custom_operation!("breaks").within(|| panic!("on purpose"));
        });
    }));
    assert!(panicked.is_err());
    assert_eq!(telemetry.shutdown(AMPLE).lost(), 0);
    let [broken] = receiver.of_type("RemoteDependencyData").try_into().unwrap();
    assert_eq!(broken["data"]["baseData"]["properties"]["operation.result"], "cancellation");
}

/// How long the exporters take to end in virtual time, and what they lost.
async fn time_to_end(reply: Reply) -> (Duration, u64) {
    let receiver = Receiver::always(reply);
    let (telemetry, pump) = insights(&receiver).clock(TokioClock(Instant::now())).build();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(telemetry.layer()));
    let pump = tokio::spawn(pump.run());
    for _ in 0..3 {
        custom_event!("E");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let began = Instant::now();
    telemetry.begin_shutdown(GRACE);
    pump.await.unwrap();
    (began.elapsed(), telemetry.delivery().lost())
}

#[tokio::test(start_paused = true)]
async fn an_ingestion_that_hangs_refuses_or_throttles_is_not_waited_for() {
    let throttled = Reply::RetryAfter(429, 3_600);
    for reply in [Reply::Hang, Reply::Refuse, Reply::Status(503, String::new()), throttled] {
        let (took, lost) = time_to_end(reply.clone()).await;
        assert!(took <= GRACE, "{reply:?} took {took:?}");
        assert_eq!(lost, 3, "{reply:?}");
    }
}

#[test]
fn a_hang_is_not_waited_for_on_the_real_clock_either() {
    let receiver = Receiver::always(Reply::Hang);
    let telemetry = one_run(&receiver, 1);
    let grace = Duration::from_millis(150);
    let began = std::time::Instant::now();
    assert_eq!(telemetry.shutdown(grace).lost(), 1);
    assert!(began.elapsed() < grace + Duration::from_secs(1));
    // A second end has nothing more to say.
    assert_eq!(telemetry.shutdown(grace).lost(), 1);
}

#[test]
fn the_end_without_anything_to_say_is_at_once() {
    let receiver = Receiver::always(Reply::Hang);
    let telemetry = one_run(&receiver, 0);
    assert_eq!(telemetry.shutdown(Duration::from_secs(3_600)).lost(), 0);
    assert_eq!(receiver.posts().len(), 0);
}
