//! Every event that this crate emits, in one place. Target: `fabric_resilience`.

use std::time::Duration;

use tracing::{Level, event};

use crate::attempts::Stop;
use crate::breaker::BreakerState;

/// The target of every event.
pub const TARGET: &str = "fabric_resilience";
/// A retry was decided upon. Fields: `attempt` (the one that failed, from 1), `wait_ms`, `throttled`, `class`.
pub const RETRY: &str = "resilience.retry";
/// A call failed and is not retried although it could have been. Fields: `attempts`, `reason`, `class`.
pub const GIVE_UP: &str = "resilience.give_up";
/// The server parked an API class. Fields: `class`, `wait_ms`.
pub const THROTTLE_PARKED: &str = "resilience.throttle.parked";
/// A call waits for its turn at the gate. Fields: `class`, `wait_ms`.
pub const THROTTLE_WAIT: &str = "resilience.throttle.wait";
/// A breaker changed its state. Fields: `breaker`, `from`, `to`, `retry_in_ms` (when it opens).
pub const BREAKER_TRANSITION: &str = "resilience.breaker.transition";
/// The concurrency limit changed. Fields: `limit`.
pub const CONCURRENCY_LIMIT: &str = "resilience.concurrency.limit";

pub(crate) fn retry(attempt: u32, wait: Duration, throttled: bool, class: &str) {
    event!(name: RETRY, target: TARGET, Level::WARN, attempt, wait_ms = millis(wait), throttled, class, "retrying");
}

pub(crate) fn give_up(attempts: u32, reason: Stop, class: &str) {
    event!(name: GIVE_UP, target: TARGET, Level::WARN, attempts, %reason, class, "giving up");
}

pub(crate) fn throttle_parked(class: &str, wait: Duration) {
    event!(name: THROTTLE_PARKED, target: TARGET, Level::WARN, class, wait_ms = millis(wait), "throttled by the server");
}

pub(crate) fn throttle_wait(class: &str, wait: Duration) {
    event!(name: THROTTLE_WAIT, target: TARGET, Level::INFO, class, wait_ms = millis(wait), "waiting at the gate");
}

pub(crate) fn breaker_transition(breaker: &str, from: BreakerState, to: BreakerState, retry_in: Option<Duration>) {
    let retry_in_ms = retry_in.map(millis);
    event!(name: BREAKER_TRANSITION, target: TARGET, Level::WARN, breaker, %from, %to, retry_in_ms, "breaker moved");
}

pub(crate) fn concurrency_limit(limit: usize) {
    event!(name: CONCURRENCY_LIMIT, target: TARGET, Level::INFO, limit, "concurrency limit moved");
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
