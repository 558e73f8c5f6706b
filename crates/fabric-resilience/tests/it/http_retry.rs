//! The retry layer on requests.

use std::sync::Arc;

use fabric_resilience::{
    AttemptLog, BreakerSettings, Clock, Deadline, GaveUp, ManualClock, Resilience, ResilienceBuilder, ResilienceError,
    RetrySettings, Stop,
};
use http::HeaderName;
use reqwest::Method;

use crate::support::{Fixed, Origin, Play, secs, status, throttled};

const URL: &str = "http://fabric.test/v1/items";

fn bare() -> (ResilienceBuilder, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::leaping());
    let builder = Resilience::builder().clock(clock.clone()).randomness(Arc::new(Fixed(0.0)));
    (builder, clock)
}

fn retrying() -> (Resilience, Arc<ManualClock>) {
    let (builder, clock) = bare();
    let request_id_header = Some(HeaderName::from_static("requestid"));
    (builder.retry(RetrySettings { request_id_header, ..RetrySettings::default() }).build(), clock)
}

fn log(response: &reqwest::Response) -> AttemptLog {
    response.extensions().get::<AttemptLog>().cloned().unwrap()
}

#[tokio::test]
async fn reads_are_retried_after_two_four_and_eight_seconds() {
    for failing in [408, 429, 500, 502, 503, 504] {
        let (resilience, clock) = retrying();
        let origin = Origin::new(clock, vec![status(failing); 4]);
        let response = origin.client(&resilience).get(URL).send().await.unwrap();
        assert_eq!(response.status(), failing);
        assert_eq!(origin.gaps(), [secs(2), secs(4), secs(8)], "{failing}");
        assert_eq!(log(&response).stop(), Some(Stop::NoRetriesLeft));
    }
}

#[tokio::test]
async fn every_attempt_is_on_record_in_the_response() {
    let (resilience, clock) = retrying();
    let named = Play::Answer(503, vec![("requestid", "a1".into())], "");
    let origin = Origin::new(clock, [named, throttled(30), status(200)]);
    let response = origin.client(&resilience).put(URL).body("x").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(origin.gaps(), [secs(2), secs(30)]);
    assert_eq!(
        log(&response).to_string(),
        "attempt 1: status 503, request a1; attempt 2 after 2.0s: status 429; attempt 3 after 30.0s: status 200; \
         succeeded"
    );
}

#[tokio::test]
async fn a_create_is_sent_once_whatever_comes_back() {
    for play in [status(408), throttled(1), status(500), status(503), Play::TimesOut] {
        let (resilience, clock) = retrying();
        let origin = Origin::new(clock, [play]);
        let result = origin.client(&resilience).post(URL).send().await;
        assert_eq!(origin.count(), 1);
        let log = match &result {
            Ok(response) => log(response),
            Err(error) => GaveUp::within(error).unwrap().attempts().clone(),
        };
        assert!(matches!(log.stop(), Some(Stop::UnknownOutcome | Stop::ThrottledAmbiguous)), "{log}");
    }
}

#[tokio::test]
async fn what_failed_for_good_is_not_retried() {
    for play in [status(400), status(403), status(404), status(409), Play::FailsLocally] {
        let (resilience, clock) = retrying();
        let origin = Origin::new(clock, [play]);
        let _ = origin.client(&resilience).get(URL).send().await;
        assert_eq!(origin.count(), 1);
    }
}

#[tokio::test]
async fn the_final_error_has_the_record_and_the_cause() {
    let (resilience, clock) = retrying();
    let origin = Origin::new(clock, vec![Play::TimesOut; 4]);
    let error = origin.client(&resilience).get(URL).send().await.unwrap_err();
    let gave_up = GaveUp::within(&error).unwrap();
    assert_eq!(gave_up.attempts().len(), 4);
    assert_eq!(ResilienceError::within(&error), Some(&ResilienceError::AttemptTimedOut { limit: secs(1) }));
    assert!(gave_up.cause().is_middleware());
    let shown = error.to_string();
    assert!(shown.starts_with("no answer to this attempt within 1s (attempt 1: no answer;"), "{shown}");
}

#[tokio::test]
async fn a_throttle_that_outlasts_the_deadline_is_returned_at_once() {
    let (builder, clock) = bare();
    let resilience = builder.total_deadline(secs(3_600)).retry(RetrySettings::default()).build();
    let origin = Origin::new(clock.clone(), [throttled(57)]);
    let start = clock.now();
    let deadline = Deadline::after(secs(12), &*clock);
    let request = origin.client(&resilience).get(URL).with_extension(deadline);
    // The leaping clock leaps to the end of every sleep that is polled, the deadline's own included: only an answer
    // that needs no wait at all gets through.
    let response = request.send().await.unwrap();
    assert_eq!((response.status().as_u16(), origin.count()), (429, 1));
    assert_eq!(clock.now(), start);
    assert_eq!(log(&response).stop(), Some(Stop::WaitPastDeadline { needed: secs(57), left: secs(12) }));
}

#[tokio::test]
async fn a_streaming_body_is_sent_once() {
    let (resilience, clock) = retrying();
    let origin = Origin::new(clock, [status(503)]);
    let body = reqwest::Body::wrap_stream(futures::stream::iter([Ok::<_, std::io::Error>("part")]));
    let response = origin.client(&resilience).put(URL).body(body).send().await.unwrap();
    assert_eq!((response.status().as_u16(), origin.count()), (503, 1));
    assert_eq!(log(&response).stop(), Some(Stop::BodyNotRepeatable));
}

#[tokio::test]
async fn an_open_breaker_is_waited_for_and_the_create_behind_it_is_sent_once() {
    let (builder, clock) = bare();
    let resilience = builder.retry(RetrySettings::default()).breaker(BreakerSettings::default()).build();
    let origin = Origin::new(clock, vec![status(500); 5]);
    let client = origin.client(&resilience);
    client.get(URL).send().await.unwrap();
    assert_eq!(origin.count(), 4);
    assert_eq!(client.post(URL).send().await.unwrap().status(), 500);
    assert_eq!(resilience.breakers().unwrap().get("fabric.test").counters().opened, 1);
    let response = client.request(Method::POST, URL).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(origin.count(), 6);
    assert_eq!(origin.gaps()[4], secs(60));
    assert_eq!(
        log(&response).to_string(),
        "attempt 1: turned away by the circuit breaker; attempt 2 after 60.0s: status 200; succeeded"
    );
}

#[tokio::test]
async fn without_the_layer_nothing_is_retried_and_nothing_is_wrapped() {
    let (builder, clock) = bare();
    let resilience = builder.build();
    assert!(resilience.layers().is_empty());
    assert!(resilience.breakers().is_none() && resilience.gate().is_none() && resilience.limit().is_none());
    let origin = Origin::new(clock, [status(503), Play::FailsLocally]);
    let client = origin.client(&resilience);
    assert_eq!(client.get(URL).send().await.unwrap().status(), 503);
    assert!(GaveUp::within(&client.get(URL).send().await.unwrap_err()).is_none());
    assert_eq!(origin.count(), 2);
}
