//! Faults that only a real socket has. Sleeps leap, so that no test waits.

use std::sync::Arc;

use fabric_resilience::{
    AttemptLog, BreakerSettings, Call, Clock, GaveUp, ManualClock, Resilience, RetrySettings, Safety, Stop, Verdict,
};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::Fixed;

fn client() -> (ClientWithMiddleware, Resilience) {
    let resilience = Resilience::builder()
        .clock(Arc::new(ManualClock::leaping()))
        .randomness(Arc::new(Fixed(0.0)))
        .retry(RetrySettings::default())
        .breaker(BreakerSettings { failures: 100, ..BreakerSettings::default() })
        .build();
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    (resilience.apply(ClientBuilder::new(http)).build(), resilience)
}

/// Reads one request, and answers with these bytes before it closes.
async fn serve(mut socket: TcpStream, answer: &[u8]) {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if socket.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let _ = socket.write_all(answer).await;
    let _ = socket.shutdown().await;
}

/// A server with one answer for each connection.
async fn server(answers: Vec<&'static [u8]>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for answer in answers {
            let (socket, _) = listener.accept().await.unwrap();
            serve(socket, answer).await;
        }
    });
    url
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const CLOSED: &[u8] = b"";
const CUT: &[u8] = b"HTTP/1.1 200 O";
const GARBAGE: &[u8] = b"garbage\r\n\r\n";

#[tokio::test]
async fn a_read_survives_a_lost_answer() {
    for fault in [CLOSED, CUT, GARBAGE] {
        let url = server(vec![fault, OK]).await;
        let (client, resilience) = client();
        let response = client.get(&url).send().await.unwrap();
        assert_eq!(response.extensions().get::<AttemptLog>().unwrap().len(), 2);
        assert_eq!(response.text().await.unwrap(), "ok");
        let breakers = resilience.breakers().unwrap().all();
        let counters = breakers[0].counters();
        assert_eq!((counters.failures, counters.successes), (1, 1));
    }
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_not_sent_again() {
    for fault in [CLOSED, CUT, GARBAGE] {
        let url = server(vec![fault, OK]).await;
        let (client, _) = client();
        let error = client.post(&url).body("{}").send().await.unwrap_err();
        let gave_up = GaveUp::within(&error).unwrap();
        assert_eq!(gave_up.attempts().len(), 1);
        assert_eq!(gave_up.attempts().stop(), Some(Stop::UnknownOutcome));
        assert!(gave_up.cause().is_request());
        let source = std::error::Error::source(gave_up).unwrap();
        assert!(source.downcast_ref::<reqwest::Error>().is_some(), "the transport's own error is one step away");
    }
}

#[tokio::test]
async fn a_refused_connection_is_retried_even_for_a_create() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let (client, resilience) = client();
    let error = client.post(&url).body("{}").send().await.unwrap_err();
    let attempts = GaveUp::within(&error).unwrap().attempts();
    assert_eq!((attempts.len(), attempts.stop()), (4, Some(Stop::NoRetriesLeft)));
    assert_eq!(resilience.breakers().unwrap().all()[0].counters().failures, 4);
}

#[tokio::test]
async fn retry_wraps_a_future_that_has_nothing_to_do_with_http() {
    let clock = Arc::new(ManualClock::leaping());
    let retry = fabric_resilience::Retry::with(RetrySettings::default(), clock.clone(), Arc::new(Fixed(0.0)));
    let start = clock.now();
    let attempt = |number| async move { if number < 3 { Err("not yet") } else { Ok(number) } };
    let judge = |outcome: &Result<u32, &str>| match outcome {
        Ok(_) => Verdict::Success,
        Err(_) => Verdict::Transient { retry_after: None },
    };
    let (outcome, log) = retry.run(Call::new(Safety::Idempotent), None, attempt, judge).await;
    assert_eq!((outcome, log.len()), (Ok(3), 3));
    assert_eq!((clock.now() - start).as_secs(), 6);
}

const BROKEN_OFF: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{\"value\": [";

#[tokio::test]
async fn a_read_survives_an_answer_that_breaks_off_if_bodies_are_read() {
    let resilience = Resilience::builder()
        .clock(Arc::new(ManualClock::leaping()))
        .randomness(Arc::new(Fixed(0.0)))
        .retry(RetrySettings::default())
        .read_bodies()
        .build();
    let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    let client = resilience.apply(ClientBuilder::new(http)).build();
    let url = server(vec![BROKEN_OFF, OK]).await;
    assert_eq!(client.get(&url).send().await.unwrap().text().await.unwrap(), "ok");

    let url = server(vec![BROKEN_OFF, OK]).await;
    let error = client.post(&url).send().await.unwrap_err();
    let attempts = GaveUp::within(&error).unwrap().attempts();
    assert_eq!((attempts.len(), attempts.stop()), (1, Some(Stop::UnknownOutcome)));
}
