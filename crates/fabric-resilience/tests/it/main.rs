//! The layers as a user of the crate sees them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod breaker;
mod breaker_cost;
mod breaker_load;
mod breaker_loom;
mod breaker_model;
mod budget;
mod classify;
mod clock;
mod concurrency;
mod events;
mod http_layers;
mod http_retry;
mod randomness;
mod recordings;
mod registry;
mod retry;
mod retry_after;
mod retry_model;
mod schedule;
mod support;
mod throttle;
mod wire;
