//! The stores, the cache and the chain, against a vault on a socket of this machine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs,
    reason = "tests"
)]

mod cache;
mod canary;
mod chain;
mod events;
mod key_vault;
mod names;
mod outage;
mod vault;
