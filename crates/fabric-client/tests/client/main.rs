//! The client against a server of the tests' own making: no network but loopback, no waiting.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]

mod conformance;
mod errors;
mod exercise;
mod graph;
mod metadata;
mod operations;
mod pages;
mod recorded;
mod security;
mod stub;
mod tolerance;
mod written;
