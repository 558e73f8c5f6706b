//! `fabric-cli`: the command line.
//!
//! Read on at [`commands::run`]: each command is a file of its own. [`connect`] is where the layers of the HTTP client
//! are put together.

mod arguments;
mod commands;
mod connect;
mod environment;
mod exit;
mod failure;
mod inputs;
mod interrupt;
mod render;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use exit::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
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
    if let Err(error) = render::start_log(&arguments.global.log_level) {
        render::say_error(&error);
        return Exit::Usage.into();
    }
    commands::run(arguments).into()
}
