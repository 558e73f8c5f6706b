//! What each layer costs when nothing goes wrong, beside bare failsafe, recloser and backon.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
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
    group.bench_function("backon, no retry needed", |bencher| {
        bencher.to_async(&runtime).iter(|| (|| async { Ok::<u32, ()>(1) }).retry(ExponentialBuilder::default()));
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

criterion_group!(benches, breakers, contended, others, stacks);
criterion_main!(benches);
