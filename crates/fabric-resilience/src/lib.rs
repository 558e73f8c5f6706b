//! A call survives a bad network, and never pretends to have.
//!
//! Six layers, each usable alone around any future and as a `reqwest_middleware::Middleware`, each optional:
//!
//! ```text
//! total deadline → retry → throttle gate → concurrency → circuit breaker → attempt timeout → one HTTP attempt
//! ```
//!
//! ```
//! use fabric_resilience::{Resilience, RetrySettings, BreakerSettings, ThrottleSettings};
//! use std::time::Duration;
//!
//! let resilience = Resilience::builder()
//!     .total_deadline(Duration::from_secs(300))
//!     .retry(RetrySettings::default())
//!     .throttle_gate(ThrottleSettings::default())
//!     .breaker(BreakerSettings::default())
//!     .attempt_timeout(Duration::from_secs(100))
//!     .build();
//! let client = resilience.apply(reqwest_middleware::ClientBuilder::new(reqwest::Client::new())).build();
//! # drop(client);
//! ```
//!
//! What holds, whatever the weather:
//! * nothing is sent before the instant that the server named, by anyone who shares the gate;
//! * no wait begins that cannot end before the deadline;
//! * a call that may have taken effect, and must not take effect twice, is never sent a second time;
//! * a late answer never moves a breaker that has since moved on.
//!
//! Deliberately absent: hedging (a second copy of a create is a second item), failure-rate windows (a deployment is
//! too short for one to fill), fall-back values (a deployment must not invent an answer), knowledge of any service.

mod attempts;
mod breaker;
mod budget;
mod call;
mod classify;
mod clock;
mod concurrency;
mod deadline;
mod error;
pub mod events;
mod http;
mod randomness;
mod retry;
mod retry_after;
mod schedule;
mod stack;
mod throttle;

pub use attempts::{Attempt, AttemptLog, Stop};
pub use breaker::{Breaker, BreakerSettings, BreakerState, Breakers, Counters, Permit};
pub use budget::RetryBudget;
pub use call::{Call, Safety};
pub use classify::{ByStatus, Classify, Health, Outcome, Verdict};
pub use clock::{Clock, ManualClock, Sleep, SystemClock};
pub use concurrency::{AdaptiveLimit, ConcurrencySettings, Feedback, Place};
pub use deadline::Deadline;
pub use error::{GaveUp, ResilienceError};
pub use randomness::{Randomness, SplitMix};
pub use retry::{Next, Retry, RetrySettings, Retrying, Seen};
pub use retry_after::retry_after;
pub use schedule::Schedule;
pub use stack::{BreakerScope, Resilience, ResilienceBuilder};
pub use throttle::{ThrottleGate, ThrottleKey, ThrottleSettings};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
