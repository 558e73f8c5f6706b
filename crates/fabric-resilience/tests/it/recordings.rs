//! The throttles that Microsoft's fabric-cli recorded, and every `Retry-After` within their range, replayed against
//! eight workers: nobody sends early, nobody gives up.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use fabric_resilience::{
    Clock, ConcurrencySettings, Resilience, RetrySettings, SplitMix, SystemClock, ThrottleSettings, retry_after,
};
use flate2::read::GzDecoder;
use futures::future::join_all;
use http::{Extensions, HeaderMap};
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, Middleware, Next, Result};
use serde_json::Value;

use crate::support::{millis, secs};

/// Blocks from the first request on, for a whole number of seconds and a part of one that its header leaves out.
#[derive(Clone)]
struct Blocking(Arc<Mutex<Block>>);

struct Block {
    length: Duration,
    until: Option<Instant>,
    early: u32,
    answered: u32,
    /// How many blocks follow each other.
    times: u32,
}

#[async_trait::async_trait]
impl Middleware for Blocking {
    async fn handle(&self, _: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
        tokio::time::sleep(millis(40)).await;
        let mut block = self.0.lock().unwrap();
        let now = SystemClock.now();
        let first_of_block = block.until.is_none_or(|until| now >= until) && block.times > 0;
        if first_of_block {
            block.times -= 1;
            block.until = Some(now + block.length);
        }
        let left = block.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        if left.is_zero() {
            block.answered += 1;
            return Ok(Response::from(http::Response::builder().body("").unwrap()));
        }
        // Whoever was under way when the block began could not know; half a second later everyone must.
        if block.length - left > millis(500) {
            block.early += 1;
        }
        let answer = http::Response::builder().status(429).header("retry-after", left.as_secs().to_string());
        Ok(Response::from(answer.body("").unwrap()))
    }
}

async fn replay(http: &reqwest::Client, length: Duration, times: u32) -> (u32, u32, usize) {
    let origin = Blocking(Arc::new(Mutex::new(Block { length, until: None, early: 0, answered: 0, times })));
    let resilience = Resilience::builder()
        .randomness(Arc::new(SplitMix::seeded(length.as_millis() as u64)))
        .total_deadline(secs(300))
        .retry(RetrySettings::default())
        .throttle_gate(ThrottleSettings::default())
        .concurrency(ConcurrencySettings::default())
        .build();
    let client = resilience.apply(ClientBuilder::new(http.clone())).with(origin.clone()).build();
    let calls = (0..8).map(|_| client.get("http://fabric.test/v1/workspaces/1/folders").send());
    let given_up = join_all(calls).await.into_iter().filter(|answer| !answer.as_ref().unwrap().status().is_success());
    let given_up = given_up.count();
    let block = origin.0.lock().unwrap();
    (block.early, block.answered, given_up)
}

#[tokio::test(start_paused = true)]
async fn none_early_and_none_given_up_from_one_second_to_fifty_nine() {
    let http = reqwest::Client::new();
    for seconds in 1..=59 {
        for cut_off in [0, 1, 500, 999] {
            let length = secs(seconds) + millis(cut_off);
            assert_eq!(replay(&http, length, 1).await, (0, 8, 0), "blocked for {length:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_block_right_after_the_first_is_survived_too() {
    let http = reqwest::Client::new();
    for seconds in [1, 44, 59] {
        assert_eq!(replay(&http, secs(seconds), 2).await, (0, 8, 0), "blocked twice for {seconds} s");
    }
}

/// "… until: 9/2/2025 5:21:55 PM (UTC)" as seconds of that day.
fn named_second_of_day(message: &str) -> Option<u64> {
    let time = message.split("until: ").nth(1)?;
    let mut words = time.split(' ');
    let (_, clock, half) = (words.next()?, words.next()?, words.next()?);
    let parts: Vec<u64> = clock.split(':').map_while(|part| part.parse().ok()).collect();
    let [hour, minute, second] = parts[..] else { return None };
    Some((hour % 12 + if half == "PM" { 12 } else { 0 }) * 3_600 + minute * 60 + second)
}

#[test]
fn the_gate_outlasts_the_instant_that_the_recorded_bodies_name() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/exchanges.jsonl.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: no recordings at {}", path.display());
        return;
    };
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    let exchanges = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let throttles: Vec<Value> = exchanges.filter(|exchange| exchange["status"] == 429).collect();
    assert!(!throttles.is_empty());
    for throttle in throttles {
        let header = throttle["headers"]["retry-after"].as_str().unwrap();
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, header.parse().unwrap())]);
        let asked = retry_after(&headers, SystemTime::UNIX_EPOCH).unwrap();
        let date = httpdate::parse_http_date(throttle["date"].as_str().unwrap()).unwrap();
        let answered = date.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() % 86_400;
        let named = named_second_of_day(throttle["body"]["message"].as_str().unwrap()).unwrap();
        let kept = answered + asked.as_secs() + ThrottleSettings::default().grace.as_secs();
        assert!(answered + asked.as_secs() < named, "without the grace the gate would open before {named}");
        assert!(kept >= named, "the gate opens at {kept}, the server at {named}");
    }
}
