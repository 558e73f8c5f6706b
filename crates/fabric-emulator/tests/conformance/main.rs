//! Holds the emulator against Fabric's published schemas and recorded exchanges.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs
)]

mod bodies;
mod catalogue;
mod comparison;
mod corpus;
mod coverage;
mod driver;
mod echo;
mod findings;
mod headers;
mod item_types;
mod known;
mod recorded_schemas;
mod replay;
mod routes;
mod sample;
mod scenario;
mod schema;
mod seed;
mod shape;
mod tenant;
mod walk;
