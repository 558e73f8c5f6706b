//! The built binary, run as a user runs it, against the emulator.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    missing_docs,
    reason = "tests"
)]

mod audit;
mod bad_input;
mod binary;
mod bindings;
mod breaker;
mod chaos;
mod command_line;
mod config_file;
mod delivery;
mod documents;
mod environments;
mod example;
mod exit_codes;
mod export;
mod flag_combinations;
mod flags;
mod git;
mod git_connections;
mod git_deployment;
mod health;
mod identity;
mod item_types;
mod login;
mod looked_up;
mod lost_credential;
mod masks;
mod migrate;
mod pipelines;
mod principals;
mod prune;
mod prune_data;
mod receiver;
mod refusals;
mod renames;
mod report;
mod restart;
mod retry;
mod rollback;
mod saved_plan;
mod scale;
mod scenarios;
mod secrets;
mod selection;
mod shared_state;
mod shortcuts;
mod signals;
mod sources;
mod strategy;
mod telemetry;
mod terminal;
mod traces;
