//! What the layers cost when nothing goes wrong, beside bare failsafe and recloser.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use fabric_resilience::{
    AdaptiveLimit, Breaker, BreakerSettings, Call, ConcurrencySettings, Feedback, Health, Resilience, Retry,
    RetrySettings, Safety, ThrottleGate, ThrottleKey, ThrottleSettings, Verdict,
};
use failsafe::{CircuitBreaker, Config};
use http::Extensions;
use recloser::Recloser;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, Middleware, Next, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn breakers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("breaker");
    let ours = Breaker::new("service", BreakerSettings::default());
    group.bench_function("fabric-resilience/closed, admit and record", |bencher| {
        bencher.iter(|| {
            if let Ok(permit) = black_box(&ours).admit() {
                permit.settle(black_box(Health::Up));
            }
        });
    });
    let backoff = failsafe::backoff::constant(Duration::from_secs(60));
    let failsafe = Config::new().failure_policy(failsafe::failure_policy::consecutive_failures(5, backoff)).build();
    group.bench_function("failsafe/closed, call", |bencher| {
        bencher.iter(|| black_box(&failsafe).call(|| black_box(Ok::<u32, ()>(1))));
    });
    let recloser = Recloser::default();
    group.bench_function("recloser/closed, call", |bencher| {
        bencher.iter(|| black_box(&recloser).call(|| black_box(Ok::<u32, ()>(1))));
    });
    for _ in 0..5 {
        ours.admit().unwrap().settle(Health::Down);
        let _ = failsafe.call(|| Err::<u32, ()>(()));
    }
    group.bench_function("fabric-resilience/open, refuse", |bencher| {
        bencher.iter(|| black_box(&ours).admit().is_err());
    });
    group.bench_function("failsafe/open, refuse", |bencher| {
        bencher.iter(|| black_box(&failsafe).call(|| black_box(Ok::<u32, ()>(1))).is_err());
    });
    group.finish();
}

fn contended(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("breaker, two threads");
    let backoff = failsafe::backoff::constant(Duration::from_secs(60));
    let failsafe = Config::new().failure_policy(failsafe::failure_policy::consecutive_failures(5, backoff)).build();
    let ours = Breaker::new("service", BreakerSettings::default());
    group.bench_function("fabric-resilience", |bencher| {
        bencher.iter_custom(|calls| {
            two_threads(calls, || {
                if let Ok(permit) = ours.admit() {
                    permit.settle(Health::Up);
                }
            })
        });
    });
    group.bench_function("failsafe", |bencher| {
        bencher.iter_custom(|calls| two_threads(calls, || _ = black_box(failsafe.call(|| Ok::<u32, ()>(1)))));
    });
    group.finish();
}

#[allow(clippy::disallowed_methods)]
fn two_threads(calls: u64, call: impl Fn() + Sync) -> Duration {
    let begin = std::time::Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..calls).for_each(|_| call()));
        }
    });
    begin.elapsed()
}

fn others(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut group = criterion.benchmark_group("around a ready future");
    let retry = Retry::new(RetrySettings::default());
    group.bench_function("retry, no retry needed", |bencher| {
        bencher.to_async(&runtime).iter(|| {
            let judge = |_: &std::result::Result<u32, ()>| Verdict::Success;
            retry.run(Call::new(Safety::Read), None, |_| async { Ok(1) }, judge)
        });
    });
    let gate = ThrottleGate::new(ThrottleSettings::default());
    let key = ThrottleKey { host: "host".into(), principal: "app".into(), class: "items".into() };
    group.bench_function("throttle gate, nobody parked", |bencher| {
        bencher.to_async(&runtime).iter(|| gate.pass(black_box(&key), None));
    });
    let limit = Arc::new(AdaptiveLimit::new(ConcurrencySettings::default()));
    group.bench_function("concurrency limit, places free", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            if let Ok(place) = limit.acquire(None).await {
                place.leave(Feedback::Fine);
            }
        });
    });
    group.finish();
}

/// Answers at once, so that only the layers are measured.
struct Canned;

#[async_trait::async_trait]
impl Middleware for Canned {
    async fn handle(&self, _: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
        Ok(Response::from(http::Response::new("")))
    }
}

fn both() -> [(&'static str, Resilience); 2] {
    let everything = Resilience::builder()
        .total_deadline(Duration::from_secs(300))
        .retry(RetrySettings::default())
        .throttle_gate(ThrottleSettings::default())
        .concurrency(ConcurrencySettings::default())
        .breaker(BreakerSettings::default())
        .attempt_timeout(Duration::from_secs(100))
        .build();
    [("no layers", Resilience::builder().build()), ("all layers", everything)]
}

fn stacks(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut group = criterion.benchmark_group("one request, no network");
    for (name, resilience) in both() {
        let client = resilience.apply(ClientBuilder::new(reqwest::Client::new())).with(Canned).build();
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| client.get("http://fabric.test/v1/items").send());
        });
    }
    group.finish();
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

fn loopback(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    runtime.spawn(serve(listener));
    let mut group = criterion.benchmark_group("one request on loopback");
    for (name, resilience) in both() {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let client = resilience.apply(ClientBuilder::new(http)).build();
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                let response = client.get(&url).send().await.unwrap();
                response.text().await.unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, breakers, contended, others, stacks, loopback);
criterion_main!(benches);
