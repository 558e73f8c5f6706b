//! Transactions on a small model of a world, with every fault and at every point of a crash.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod conformance;
mod context;
mod crash;
mod damage;
mod execution;
mod fencing;
mod grouping;
mod interposed;
mod kept;
mod leases;
#[cfg(feature = "object-store")]
mod objects;
mod reader;
mod rollback;
mod scoped;
mod state;
mod stopping;
mod stores;
mod support;
mod world;
