//! One request on loopback: reqwest alone, with a middleware client that has no layers, and with all of them.
//!
//! The three take turns, a hundred requests each, so that whatever else the machine does meets all of them alike. What
//! counts is the median over the turns, and its ratio to that of reqwest alone.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use fabric_resilience::{BreakerSettings, ConcurrencySettings, Resilience, RetrySettings, ThrottleSettings};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

const TURNS: usize = 1_000;
const REQUESTS: u32 = 100;

fn all_layers() -> Resilience {
    Resilience::builder()
        .total_deadline(Duration::from_secs(300))
        .retry(RetrySettings::default())
        .throttle_gate(ThrottleSettings::default())
        .concurrency(ConcurrencySettings::default())
        .breaker(BreakerSettings::default())
        .attempt_timeout(Duration::from_secs(100))
        .build()
}

/// Answers every request on every connection with the same two bytes.
async fn serve(listener: TcpListener) {
    while let Ok((mut socket, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut request = Vec::with_capacity(4_096);
            while socket.read_buf(&mut request).await.is_ok_and(|read| read > 0) {
                if request.ends_with(b"\r\n\r\n") {
                    request.clear();
                    let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
                }
            }
        });
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn turn_alone(client: &reqwest::Client, url: &str) -> Duration {
    let begin = Instant::now();
    for _ in 0..REQUESTS {
        client.get(url).send().await.unwrap().text().await.unwrap();
    }
    begin.elapsed()
}

async fn turn(client: &ClientWithMiddleware, url: &str) -> Duration {
    let begin = Instant::now();
    for _ in 0..REQUESTS {
        client.get(url).send().await.unwrap().text().await.unwrap();
    }
    begin.elapsed()
}

/// Microseconds a request: the median, and what a tenth of the turns stayed below.
fn summary(mut turns: Vec<Duration>) -> (f64, f64) {
    turns.sort_unstable();
    let micros = |turn: Duration| turn.as_secs_f64() * 1e6 / f64::from(REQUESTS);
    (micros(turns[turns.len() / 2]), micros(turns[turns.len() / 10]))
}

fn main() {
    let server = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = server.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    server.spawn(serve(listener));
    let alone = http();
    let none = ClientBuilder::new(http()).build();
    let all = all_layers().apply(ClientBuilder::new(http())).build();
    let mut turns: [Vec<Duration>; 3] = Default::default();
    Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        for _ in 0..TURNS {
            turns[0].push(turn_alone(&alone, &url).await);
            turns[1].push(turn(&none, &url).await);
            turns[2].push(turn(&all, &url).await);
        }
    });
    let summaries = turns.map(summary);
    println!("| one request on loopback | median µs | a tenth below | ratio | more, µs |\n|---|---|---|---|---|");
    for (what, (median, low)) in ["reqwest alone", "no layers", "all layers"].into_iter().zip(summaries) {
        let (base, _) = summaries[0];
        println!("| {what} | {median:.1} | {low:.1} | {:.3} | {:.2} |", median / base, median - base);
    }
}
