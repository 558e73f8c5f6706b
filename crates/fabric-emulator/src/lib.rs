#![doc = include_str!("../README.md")]

mod api;
mod call;
mod clock;
mod control;
mod emulator;
mod faults;
mod git;
mod operations;
mod record;
mod refusal;
mod reply;
mod route;
mod serve;
mod server;
mod services;
mod settings;
mod state;
mod throttle;
mod tls;
mod token;
mod types;
mod world;

pub use emulator::{Emulator, EmulatorBuilder, StartError};
pub use faults::{Fault, FaultKind, FaultMatch, ImportPartly, ItemsRefused, StatusFault, ThrottledFault};
pub use git::command::GitError;
pub use record::RequestRecord;
pub use route::{Route, routes};
pub use serve::{Endpoints, ServeOptions, serve};
pub use server::BrokenExchange;
pub use services::{IDENTITY_HEADER, Service};
pub use settings::{Answers, Settings};
pub use tls::TlsError;
pub use world::defaults::{
    ACTIVE_CAPACITY, ADMINISTRATOR, GROUP, PAUSED_CAPACITY, SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION,
    SERVICE_PRINCIPAL_SECRET, TENANT, USER,
};
pub use world::document::SeedError;
pub use world::entities::Role;
pub use world::log::LogError;
