//! The commands, one file each.

mod audit;
mod deploy;
mod drift;
mod emulator;
mod export;
mod flags;
mod git;
mod health;
mod history;
mod migrate;
mod plan;
mod principals;
mod report;
mod secrets;
mod shell;
pub(crate) mod transactional;
mod undo;
mod validate;
mod workspace;

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use fabric_flags::Snapshot;

use crate::arguments::{Arguments, AuditCommand, Command, EmulatorCommand, GlobalArguments, PrincipalsCommand};
use crate::delivery::Delivery;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layers::CallSettings;
use crate::render::{self, Document, Log, Throttling};
use crate::secrets::Secrets;
use crate::{connect, settings, telemetry};

/// What every command works with.
pub(crate) struct Context {
    pub(crate) global: GlobalArguments,
    pub(crate) environment: Environment,
    pub(crate) flags: Snapshot,
    pub(crate) calls: CallSettings,
    pub(crate) delivery: Delivery,
    pub(crate) throttling: Throttling,
    secrets: OnceLock<Arc<Secrets>>,
    started: Instant,
}

impl Context {
    /// The one store of secrets of this process.
    pub(crate) fn secrets(&self) -> Result<Arc<Secrets>, Failure> {
        if let Some(secrets) = self.secrets.get() {
            return Ok(Arc::clone(secrets));
        }
        let clock = Arc::new(fabric_secrets::SystemClock);
        let masks = self.delivery.masks().clone();
        let opened = Secrets::open(&self.environment, &self.flags, self.calls, clock, masks, connect::transport)?;
        Ok(Arc::clone(self.secrets.get_or_init(|| Arc::new(opened))))
    }

    /// Milliseconds since the command started.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
impl Context {
    /// With these variables and no options.
    #[expect(clippy::disallowed_methods, reason = "a context knows when it began")]
    pub(crate) fn of(environment: Environment) -> Self {
        let global = <Arguments as clap::Parser>::parse_from(["fabric-cli", "flags"]).global;
        let delivery = Delivery::prepare(&global).unwrap();
        let flags = crate::flags::resolve(&global, &environment, None).unwrap();
        let calls = settings::calls(&global, &environment).unwrap();
        Self {
            global,
            environment,
            flags,
            calls,
            delivery,
            throttling: Throttling::default(),
            secrets: OnceLock::new(),
            started: Instant::now(),
        }
    }
}

/// Runs the command and says how it ended.
#[expect(clippy::disallowed_methods, reason = "the duration in the result is the process's own")]
pub(crate) fn run(arguments: Arguments, log: Log) -> Exit {
    let started = Instant::now();
    let name = name_of(&arguments.command);
    let output = arguments.global.output;
    let delivery = Delivery::prepare(&arguments.global);
    let (delivery, outcome) = match delivery {
        Ok(delivery) => {
            let outcome = prepare(&arguments, delivery.clone(), started);
            (Some(delivery), outcome.and_then(|context| observe(name, arguments.command, &context, log)))
        }
        Err(failure) => (None, Err(failure)),
    };
    match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            let exit = failure.exit();
            let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let document = Document::of_failure(name, &failure, elapsed);
            if let Some(delivery) = delivery {
                delivery.publish(&document, exit);
            }
            match render::failure(output, &failure, || document) {
                Ok(()) => exit,
                Err(error) => {
                    render::say_error(&error);
                    Exit::Failed
                }
            }
        }
    }
}

/// Reads everything that is read once: variables, flags, settings.
fn prepare(arguments: &Arguments, delivery: Delivery, started: Instant) -> Result<Context, Failure> {
    let global = arguments.global.clone();
    let environment = Environment::read(global.env_file.as_deref())?;
    delivery.masks().hide_file(&environment);
    let flags = crate::flags::resolve(&global, &environment, arguments.deployed_environment())?;
    let calls = settings::calls(&global, &environment)?;
    Ok(Context {
        global,
        environment,
        flags,
        calls,
        delivery,
        throttling: Throttling::default(),
        secrets: OnceLock::new(),
        started,
    })
}

/// Carries the command out, watched by the log and, where the feature is on and the command calls a service, by
/// telemetry.
fn observe(name: &'static str, command: Command, context: &Context, log: Log) -> Result<Exit, Failure> {
    let session = match &command {
        command if is_local(command) => None,
        _ => telemetry::start(&context.flags, &context.environment)?,
    };
    log.start(session.as_ref().map(telemetry::Session::telemetry), &context.throttling);
    match session {
        None => dispatch(command, context),
        Some(session) => session.run(name, &context.flags, &context.environment, || dispatch(command, context)),
    }
}

/// Commands that call no service, so that there is nothing to tell.
fn is_local(command: &Command) -> bool {
    matches!(
        command,
        Command::Validate(_)
            | Command::History
            | Command::Show(_)
            | Command::Migrate(_)
            | Command::Flags
            | Command::Audit(_)
            | Command::Emulator(_)
            | Command::Completions { .. }
            | Command::Man
    )
}

fn dispatch(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Validate(arguments) => validate::run(&arguments, context),
        Command::Plan(arguments) => block_on(plan::run(&arguments, context)),
        Command::Deploy(arguments) => block_on(deploy::run(&arguments, context)),
        Command::Export(arguments) => block_on(export::run(&arguments, context)),
        Command::Drift(arguments) => block_on(drift::run(&arguments, context)),
        Command::Rollback(arguments) => block_on(undo::rollback(&arguments, context)),
        Command::Resume(arguments) => block_on(undo::resume(&arguments, context)),
        Command::Abandon(arguments) => block_on(undo::abandon(&arguments, context)),
        Command::History => block_on(history::history(context)),
        Command::Show(arguments) => block_on(history::show(&arguments, context)),
        Command::Git(command) => block_on(git::run(&command, context)),
        Command::Workspace(command) => block_on(workspace::run(&command, context)),
        Command::Migrate(arguments) => migrate::run(&arguments, context),
        Command::Flags => flags::run(context),
        Command::Principals(PrincipalsCommand::Resolve(arguments)) => {
            block_on(principals::resolve(&arguments, context))
        }
        Command::Report(arguments) => block_on(report::run(&arguments, context)),
        Command::Health(arguments) => block_briefly_on(health::run(&arguments, context)),
        Command::Audit(AuditCommand::Verify(arguments)) => audit::verify(&arguments, context),
        Command::Secrets(command) => block_on(secrets::run(&command, context)),
        Command::Emulator(EmulatorCommand::Serve(arguments)) => block_on(emulator::serve(&arguments)),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man => shell::manual(),
    }
}

fn block_on<F: Future<Output = Result<Exit, Failure>>>(command: F) -> Result<Exit, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

/// The same, for a command that leaves behind what does not answer: a look-up of a name or a file that hangs cannot be
/// stopped, and nothing waits for it.
fn block_briefly_on<F: Future<Output = Result<Exit, Failure>>>(command: F) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(command);
    runtime.shutdown_background();
    outcome
}

fn name_of(command: &Command) -> &'static str {
    match command {
        Command::Validate(_) => "validate",
        Command::Plan(_) => "plan",
        Command::Deploy(_) => "deploy",
        Command::Export(_) => "export",
        Command::Drift(_) => "drift",
        Command::Rollback(_) => "rollback",
        Command::Resume(_) => "resume",
        Command::Abandon(_) => "abandon",
        Command::History => "history",
        Command::Show(_) => "show",
        Command::Git(command) => git::name_of(command),
        Command::Workspace(command) => workspace::name_of(command),
        Command::Migrate(_) => "migrate",
        Command::Flags => "flags",
        Command::Principals(_) => "principals resolve",
        Command::Report(_) => "report",
        Command::Health(_) => "health",
        Command::Audit(_) => "audit verify",
        Command::Secrets(command) => command.name(),
        Command::Emulator(_) => "emulator",
        Command::Completions { .. } => "completions",
        Command::Man => "man",
    }
}
