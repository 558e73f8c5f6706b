//! The default classification, as tables.

use std::time::{Duration, SystemTime};

use fabric_resilience::{ByStatus, Call, Classify, Health, Outcome, ResilienceError, Safety, Verdict};
use http::{HeaderMap, Method, StatusCode};
use reqwest_middleware::Error;

use crate::support::secs;

fn answer(status: u16, headers: &HeaderMap) -> Outcome<'_> {
    Outcome::Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: None }
}

fn verdict(safety: Safety, outcome: &Outcome<'_>) -> Verdict {
    ByStatus.verdict(&Call::new(safety), outcome, SystemTime::UNIX_EPOCH)
}

#[test]
fn methods_have_the_safety_that_rfc_9110_gives_them() {
    for (method, safety) in [
        (Method::GET, Safety::Read),
        (Method::HEAD, Safety::Read),
        (Method::OPTIONS, Safety::Read),
        (Method::TRACE, Safety::Read),
        (Method::PUT, Safety::Idempotent),
        (Method::DELETE, Safety::Idempotent),
        (Method::POST, Safety::Ambiguous),
        (Method::PATCH, Safety::Ambiguous),
    ] {
        assert_eq!(Safety::of_method(&method), safety, "{method}");
    }
    let request = reqwest::Request::new(Method::POST, "http://localhost/".parse().unwrap());
    assert_eq!(ByStatus.call(&request, &http::Extensions::new()), Call::new(Safety::Ambiguous));
}

#[test]
fn statuses() {
    let none = HeaderMap::new();
    let transient = Verdict::Transient { retry_after: None };
    let throttled = Verdict::Throttled { retry_after: None };
    for (status, read, ambiguous, health) in [
        (200, Verdict::Success, Verdict::Success, Health::Up),
        (202, Verdict::Success, Verdict::Success, Health::Up),
        (304, Verdict::Success, Verdict::Success, Health::Up),
        (400, Verdict::Permanent, Verdict::Permanent, Health::Up),
        (401, Verdict::Permanent, Verdict::Permanent, Health::Up),
        (404, Verdict::Permanent, Verdict::Permanent, Health::Up),
        (408, transient, Verdict::UnknownOutcome, Health::NoVerdict),
        (409, Verdict::Permanent, Verdict::Permanent, Health::Up),
        (429, throttled, throttled, Health::NoVerdict),
        (500, transient, Verdict::UnknownOutcome, Health::Down),
        (502, transient, Verdict::UnknownOutcome, Health::Down),
        (503, transient, Verdict::UnknownOutcome, Health::Down),
        (504, transient, Verdict::UnknownOutcome, Health::Down),
    ] {
        let outcome = answer(status, &none);
        assert_eq!(verdict(Safety::Read, &outcome), read, "{status}");
        assert_eq!(verdict(Safety::Idempotent, &outcome), read, "{status}");
        assert_eq!(verdict(Safety::Ambiguous, &outcome), ambiguous, "{status}");
        assert_eq!(ByStatus.health(&outcome), health, "{status}");
    }
}

#[test]
fn retry_after_is_read_from_throttles_and_from_server_errors() {
    let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, "7".parse().unwrap())]);
    let retry_after = Some(secs(7));
    assert_eq!(verdict(Safety::Read, &answer(429, &headers)), Verdict::Throttled { retry_after });
    assert_eq!(verdict(Safety::Read, &answer(503, &headers)), Verdict::Transient { retry_after });
}

#[test]
fn the_layers_own_errors() {
    let retry_in = Some(secs(9));
    let transient = |retry_after| Verdict::Transient { retry_after };
    let name = "x".into();
    for (error, read, ambiguous, health) in [
        (ResilienceError::BreakerOpen { name, retry_in }, transient(retry_in), transient(retry_in), Health::NoVerdict),
        (
            ResilienceError::ThrottledPastDeadline { class: String::new(), needed: secs(2), left: secs(1) },
            Verdict::Permanent,
            Verdict::Permanent,
            Health::NoVerdict,
        ),
        (ResilienceError::NoPlaceInTime { limit: 1 }, Verdict::Permanent, Verdict::Permanent, Health::NoVerdict),
        (ResilienceError::AttemptTimedOut { limit: secs(1) }, transient(None), Verdict::UnknownOutcome, Health::Down),
        (
            ResilienceError::DeadlineExceeded { limit: secs(1), attempt_in_flight: true },
            transient(None),
            Verdict::UnknownOutcome,
            Health::NoVerdict,
        ),
        (
            ResilienceError::DeadlineExceeded { limit: secs(1), attempt_in_flight: false },
            Verdict::Permanent,
            Verdict::Permanent,
            Health::NoVerdict,
        ),
    ] {
        let text = error.to_string();
        let error = Error::middleware(error);
        let outcome = Outcome::Failed(&error);
        assert_eq!(verdict(Safety::Read, &outcome), read, "{text}");
        assert_eq!(verdict(Safety::Ambiguous, &outcome), ambiguous, "{text}");
        assert_eq!(ByStatus.health(&outcome), health, "{text}");
    }
}

#[test]
fn a_local_error_is_neither_retried_nor_held_against_the_service() {
    let error = Error::Middleware(std::io::Error::other("no token").into());
    let outcome = Outcome::Failed(&error);
    assert_eq!(verdict(Safety::Read, &outcome), Verdict::Permanent);
    assert_eq!(ByStatus.health(&outcome), Health::NoVerdict);
    let builder = Error::Reqwest(reqwest::Client::new().get("not a url").build().unwrap_err());
    let outcome = Outcome::Failed(&builder);
    assert_eq!(verdict(Safety::Read, &outcome), Verdict::Permanent);
    assert_eq!(ByStatus.health(&outcome), Health::NoVerdict);
}

#[test]
fn messages_say_what_is_known_of_the_effect() {
    let cut = |attempt_in_flight| ResilienceError::DeadlineExceeded { limit: secs(5), attempt_in_flight }.to_string();
    assert_eq!(cut(false), "no answer within 5s");
    assert_eq!(cut(true), "no answer within 5s, the last attempt may have taken effect");
    let needed = Duration::from_secs(57);
    let throttled = ResilienceError::ThrottledPastDeadline { class: "items".into(), needed, left: secs(12) };
    assert_eq!(throttled.to_string(), "throttled: items may be called again in 57s, but only 12s are left");
    assert!(!throttled.was_sent());
    let forced = ResilienceError::BreakerOpen { name: "x".into(), retry_in: None };
    assert_eq!(forced.to_string(), "the circuit breaker for x is open");
    assert!(ResilienceError::AttemptTimedOut { limit: secs(1) }.was_sent());
    assert!(!ResilienceError::NoPlaceInTime { limit: 3 }.was_sent());
}

#[test]
fn a_call_carries_its_class_and_principal() {
    let call = Call::new(Safety::Read).in_class("items").for_principal("app");
    assert_eq!((call.class.as_ref(), call.principal.as_ref()), ("items", "app"));
}
