//! The other layers on requests, and all of them together, on tokio's paused clock.

use std::sync::Arc;

use fabric_resilience::{
    AttemptLog, BreakerScope, BreakerSettings, BreakerState, Call, Classify, Clock, ConcurrencySettings, GaveUp,
    Outcome, Resilience, ResilienceBuilder, ResilienceError, RetrySettings, Safety, SystemClock, ThrottleSettings,
    Verdict,
};
use futures::future::join_all;
use http::Extensions;
use reqwest::Request;

use crate::support::{Fixed, Origin, Play, millis, secs, status, throttled};

const URL: &str = "http://fabric.test/v1/items";

fn builder() -> ResilienceBuilder {
    Resilience::builder().randomness(Arc::new(Fixed(0.0)))
}

fn origin(script: impl IntoIterator<Item = Play>) -> Origin {
    Origin::new(Arc::new(SystemClock), script)
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_is_cut_off_and_tried_again() {
    let resilience = builder().retry(RetrySettings::default()).attempt_timeout(secs(10)).build();
    let origin = origin([Play::Hangs, status(200)]);
    let response = origin.client(&resilience).get(URL).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(origin.gaps(), [secs(12)]);
}

#[tokio::test(start_paused = true)]
async fn the_total_deadline_cuts_off_and_says_that_an_attempt_was_under_way() {
    let resilience = builder().total_deadline(secs(30)).retry(RetrySettings::default()).build();
    let origin = origin([status(503), Play::Hangs]);
    let start = SystemClock.now();
    let error = origin.client(&resilience).get(URL).send().await.unwrap_err();
    assert_eq!(SystemClock.now() - start, secs(30));
    let own = ResilienceError::within(&error).unwrap();
    assert_eq!(*own, ResilienceError::DeadlineExceeded { limit: secs(30), attempt_in_flight: true });
    let log = GaveUp::within(&error).unwrap().attempts();
    assert_eq!(log.to_string(), "attempt 1: status 503; attempt 2: cut off");
}

#[tokio::test(start_paused = true)]
async fn the_total_deadline_works_alone() {
    let resilience = builder().total_deadline(secs(30)).build();
    let error = origin([Play::Hangs]).client(&resilience).post(URL).send().await.unwrap_err();
    assert!(ResilienceError::within(&error).unwrap().was_sent());
    assert!(GaveUp::within(&error).is_none());
}

#[tokio::test(start_paused = true)]
async fn the_breaker_counts_server_errors_and_nothing_else() {
    let resilience = builder().breaker(BreakerSettings::default()).build();
    let harmless = [status(400), status(404), throttled(1), Play::FailsLocally, status(408)];
    let origin = origin(harmless.into_iter().cycle().take(50).chain(vec![status(500); 5]));
    let client = origin.client(&resilience);
    for _ in 0..50 {
        let _ = client.get(URL).send().await;
    }
    let breaker = resilience.breakers().unwrap().get("fabric.test");
    assert_eq!((breaker.state(), breaker.counters().failures), (BreakerState::Closed, 0));
    for _ in 0..5 {
        client.get(URL).send().await.unwrap();
    }
    assert_eq!(breaker.state(), BreakerState::Open);
    let error = client.get(URL).send().await.unwrap_err();
    assert!(!ResilienceError::within(&error).unwrap().was_sent());
    assert_eq!(origin.count(), 55);
    let elsewhere = client.get("http://other.test/").send().await.unwrap();
    assert_eq!(elsewhere.status(), 200);
    tokio::time::advance(secs(60)).await;
    for _ in 0..2 {
        assert_eq!(client.get(URL).send().await.unwrap().status(), 200);
    }
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_breakers_key_leaves_passwords_out() {
    let resilience = builder().breaker(BreakerSettings::default()).build();
    let client = origin([]).client(&resilience);
    client.get("http://user:secret@fabric.test:8080/x").send().await.unwrap();
    let names: Vec<String> = resilience.breakers().unwrap().all().iter().map(|b| b.name().to_owned()).collect();
    assert_eq!(names, ["fabric.test:8080"]);
}

/// Everything is a read; the class is the path; an error code in the body decides.
struct ByBody;

impl Classify for ByBody {
    fn call(&self, request: &Request, extensions: &Extensions) -> Call {
        let call = extensions.get::<Safety>().map_or(Call::new(Safety::Read), |safety| Call::new(*safety));
        call.in_class(request.url().path().to_owned())
    }

    fn verdict(&self, _: &Call, outcome: &Outcome<'_>, _: std::time::SystemTime) -> Verdict {
        match outcome {
            Outcome::Answer { body: Some(body), .. }
                if body.windows(18).any(|part| part == b"\"isRetriable\":true") =>
            {
                Verdict::Transient { retry_after: None }
            }
            Outcome::Answer { body: Some(_), .. } => Verdict::Permanent,
            Outcome::Answer { .. } => Verdict::Success,
            Outcome::Failed(_) => Verdict::Permanent,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_classifier_may_decide_by_the_body_and_the_caller_still_gets_it() {
    let resilience = builder().classify(ByBody).retry(RetrySettings::default()).read_bodies().build();
    let retriable = Play::Answer(409, vec![("x-kept", "yes".into())], r#"{"isRetriable":true}"#);
    let fatal = Play::Answer(503, Vec::new(), r#"{"isRetriable":false}"#);
    let origin = origin([retriable, fatal]);
    let response = origin.client(&resilience).get(URL).send().await.unwrap();
    assert_eq!((response.status().as_u16(), origin.count()), (503, 2));
    assert!(response.extensions().get::<AttemptLog>().is_some());
    assert_eq!(response.text().await.unwrap(), r#"{"isRetriable":false}"#);
}

#[tokio::test(start_paused = true)]
async fn reading_bodies_keeps_head_and_body() {
    let resilience = builder().read_bodies().build();
    let origin = origin([Play::Answer(404, vec![("x-kept", "yes".into())], "gone"), Play::FailsLocally]);
    let client = origin.client(&resilience);
    let response = client.get(URL).send().await.unwrap();
    assert_eq!(response.headers()["x-kept"], "yes");
    assert_eq!(response.text().await.unwrap(), "gone");
    assert!(client.get(URL).send().await.is_err());
    assert_eq!(client.get(URL).send().await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn one_throttle_parks_every_caller_of_the_class_and_no_other() {
    let resilience =
        builder().classify(ByPath).retry(RetrySettings::default()).throttle_gate(ThrottleSettings::default()).build();
    let origin = origin([throttled(30)]);
    let client = origin.client(&resilience);
    let start = SystemClock.now();
    let first = client.get("http://fabric.test/items").send();
    let others = async {
        tokio::time::sleep(millis(1)).await;
        join_all((0..20).map(|call| {
            let path = if call % 2 == 0 { "items" } else { "folders" };
            client.get(format!("http://fabric.test/{path}")).send()
        }))
        .await
    };
    let (first, others) = futures::join!(first, others);
    assert!(first.unwrap().status().is_success() && others.iter().all(|other| other.is_ok()));
    let asked = origin.asked();
    assert_eq!(asked.len(), 22);
    for (at, path) in asked.iter().skip(1) {
        let since = *at - start;
        if path == "/items" {
            assert!(since >= secs(31), "sent {since:?} after the throttle");
        } else {
            assert_eq!(since, millis(1));
        }
    }
}

struct ByPath;

impl Classify for ByPath {
    fn call(&self, request: &Request, _: &Extensions) -> Call {
        Call::new(Safety::of_method(request.method())).in_class(request.url().path().to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn the_gate_fails_a_caller_whose_turn_comes_after_its_deadline() {
    let resilience = builder()
        .total_deadline(secs(10))
        .retry(RetrySettings::default())
        .throttle_gate(ThrottleSettings::default())
        .build();
    let origin = origin([throttled(30)]);
    let client = origin.client(&resilience);
    assert_eq!(client.get(URL).send().await.unwrap().status(), 429);
    let error = client.get(URL).send().await.unwrap_err();
    assert!(matches!(ResilienceError::within(&error), Some(ResilienceError::ThrottledPastDeadline { .. })), "{error}");
    assert_eq!(origin.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waited_for_a_place_goes_back_to_a_gate_that_has_closed() {
    let resilience = builder()
        .retry(RetrySettings::default())
        .throttle_gate(ThrottleSettings::default())
        .concurrency(ConcurrencySettings { min: 1, start: 1, max: 1 })
        .build();
    let origin = origin([throttled(30)]).that_takes(millis(100));
    let client = origin.client(&resilience);
    let start = SystemClock.now();
    let answers = join_all((0..10).map(|_| client.get(URL).send())).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().status() == 200));
    assert!(origin.asked().iter().skip(1).all(|(at, _)| *at - start >= secs(31) + millis(100)));
    assert!(
        resilience
            .gate()
            .unwrap()
            .parked_until(&fabric_resilience::ThrottleKey {
                host: "fabric.test".into(),
                principal: String::new(),
                class: String::new(),
            })
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn the_concurrency_limit_halves_on_a_throttle() {
    let resilience = builder().concurrency(ConcurrencySettings { min: 1, start: 8, max: 8 }).build();
    let origin = origin([throttled(1), status(500), status(200)]);
    let client = origin.client(&resilience);
    for expected in [4, 4, 4] {
        let _ = client.get(URL).send().await;
        assert_eq!(resilience.limit().unwrap().limit(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_place_fails_at_its_deadline_unsent() {
    let resilience =
        builder().total_deadline(secs(5)).concurrency(ConcurrencySettings { min: 1, start: 1, max: 1 }).build();
    let origin = origin([Play::Hangs]);
    let client = origin.client(&resilience);
    let (first, second) = futures::join!(client.get(URL).send(), client.get(URL).send());
    assert!(ResilienceError::within(&first.unwrap_err()).unwrap().was_sent());
    assert_eq!(ResilienceError::within(&second.unwrap_err()), Some(&ResilienceError::NoPlaceInTime { limit: 1 }));
    assert_eq!(origin.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn classes_can_have_breakers_of_their_own() {
    let resilience = builder()
        .classify(ByPath)
        .breaker(BreakerSettings { failures: 1, ..BreakerSettings::default() })
        .breaker_scope(BreakerScope::HostAndClass)
        .breaker_capacity(4)
        .build();
    let client = origin([status(500)]).client(&resilience);
    client.get("http://fabric.test/items").send().await.unwrap();
    assert!(client.get("http://fabric.test/items").send().await.is_err());
    assert!(client.get("http://fabric.test/folders").send().await.is_ok());
    for class in 0..10 {
        client.get(format!("http://fabric.test/{class}")).send().await.unwrap();
    }
    assert_eq!(resilience.breakers().unwrap().all().len(), 4);
}

#[test]
fn the_layers_stand_in_their_order_however_they_are_asked_for() {
    let resilience = Resilience::builder()
        .attempt_timeout(secs(1))
        .breaker(BreakerSettings::default())
        .concurrency(ConcurrencySettings::default())
        .throttle_gate(ThrottleSettings::default())
        .retry(RetrySettings::default())
        .total_deadline(secs(1))
        .build();
    assert_eq!(resilience.layers().len(), 6);
}
