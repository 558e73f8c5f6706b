//! What the emulator promises, checked over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

mod application_insights;
mod bench;
mod bulk;
mod definitions;
mod entra;
mod exchange;
mod extras;
mod faults;
mod folders;
mod git;
mod github;
mod graph;
mod items;
mod key_vault;
mod operations;
mod pages;
mod persistence;
mod services;
mod tls;
mod workspaces;
