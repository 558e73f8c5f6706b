//! `fabric-cli`: the command line.
//!
//! Read on at [`commands::run`]: each command is a file of its own. [`layers`] is where
//! feature flags become layers of the HTTP client.

#![allow(rustdoc::bare_urls, reason = "what is written here is what `--help` prints")]

mod arguments;
mod audit;
mod changed;
mod commands;
mod connect;
mod delivery;
mod environment;
mod exit;
mod failure;
mod flags;
mod graph;
mod health;
mod identity;
mod inputs;
mod interrupt;
mod layers;
mod ledger;
mod login;
mod migration;
mod render;
mod report_html;
mod repository_access;
mod secrets;
mod settings;
#[cfg(test)]
mod storm;
mod telemetry;
mod variables;

use std::process::ExitCode;

use arguments::Arguments;
use exit::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::of_process() {
        Ok(arguments) => arguments,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            return match error.print() {
                Ok(()) => exit.into(),
                Err(_) => Exit::Failed.into(),
            };
        }
    };
    render::choose_color(arguments.global.color);
    match render::Log::parse(&arguments.global.log_level) {
        Ok(log) => commands::run(arguments, log).into(),
        Err(error) => {
            render::say_error(&error);
            Exit::Usage.into()
        }
    }
}
