//! What leaves the process, and when.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs,
    reason = "tests"
)]

mod custom;
mod dashboards;
mod delivery;
mod document;
mod end;
mod http;
mod otlp;
mod receiver;
mod redaction;
mod registry;
mod trace;
