//! The commands, one file each.

mod deploy;
mod emulator;
mod export;
mod plan;
mod shell;
mod validate;

use std::time::Instant;

use crate::arguments::{Arguments, Command, EmulatorCommand, GlobalArguments};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Document};

/// What every command works with.
pub(crate) struct Context {
    pub(crate) global: GlobalArguments,
    pub(crate) environment: Environment,
    started: Instant,
}

impl Context {
    /// Milliseconds since the command started.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Runs the command and says how it ended.
#[expect(clippy::disallowed_methods, reason = "the duration in the result is the process's own")]
pub(crate) fn run(arguments: Arguments) -> Exit {
    let started = Instant::now();
    let Arguments { global, command } = arguments;
    let name = name_of(&command);
    let output = global.output;
    let outcome = Environment::read(global.env_file.as_deref())
        .map_err(Failure::from)
        .and_then(|environment| dispatch(command, &Context { global, environment, started }));
    match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            let exit = failure.exit();
            let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            match render::failure(output, &failure, || Document::of_failure(name, &failure, elapsed)) {
                Ok(()) => exit,
                Err(error) => {
                    render::say_error(&error);
                    Exit::Failed
                }
            }
        }
    }
}

fn dispatch(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Validate(arguments) => validate::run(&arguments, context),
        Command::Plan(arguments) => block_on(plan::run(&arguments, context)),
        Command::Deploy(arguments) => block_on(deploy::run(&arguments, context)),
        Command::Export(arguments) => block_on(export::run(&arguments, context)),
        Command::Emulator(EmulatorCommand::Serve(arguments)) => block_on(emulator::serve(&arguments)),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man => shell::manual(),
    }
}

fn block_on<F: Future<Output = Result<Exit, Failure>>>(command: F) -> Result<Exit, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

fn name_of(command: &Command) -> &'static str {
    match command {
        Command::Validate(_) => "validate",
        Command::Plan(_) => "plan",
        Command::Deploy(_) => "deploy",
        Command::Export(_) => "export",
        Command::Emulator(_) => "emulator",
        Command::Completions { .. } => "completions",
        Command::Man => "man",
    }
}
