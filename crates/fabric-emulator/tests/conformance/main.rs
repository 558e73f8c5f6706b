//! Holds the emulator against Fabric's published schemas and recorded exchanges.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs
)]

mod catalogue;
mod comparison;
mod corpus;
mod echo;
mod headers;
mod recorded_schemas;
mod schema;
mod shape;
