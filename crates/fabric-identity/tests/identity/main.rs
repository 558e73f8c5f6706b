//! The chain against a double of Entra, and what it makes of variables.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests"
)]

mod azure_cli;
mod canary;
mod certificate;
mod choice;
mod client_secret;
mod cloud;
mod device_code;
mod double;
mod federation;
mod managed_identity;
mod tokens;
