//! The project's own chores: `cargo xtask --help` lists them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore speaks to the terminal")]

mod api;
mod arguments;
mod azurite;
mod bench;
mod chaos;
mod checks;
mod ci;
mod codegen;
mod coverage;
mod deny;
mod emulator;
mod fabric_cicd;
mod features;
mod http;
mod interop;
mod msrv;
mod parity;
mod pipelines;
mod process;
mod python;
mod release;
mod stage;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use arguments::Command;
use stage::Outcome;
use workspace::Workspace;

fn main() -> ExitCode {
    if coverage::is_asked_for() {
        return coverage::compile(std::env::args().skip(1));
    }
    if api::is_asked_for() {
        return api::document(std::env::args().skip(1));
    }
    let command = match arguments::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(wrong) => {
            eprintln!("error: {wrong}\n\n{}", arguments::HELP);
            return ExitCode::from(64);
        }
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    if let Command::Help = command {
        print!("{}", arguments::HELP);
        return Ok(());
    }
    let workspace = Workspace::load()?;
    let outcome = match command {
        Command::Help => Outcome::Passed,
        Command::Ci { fail_fast } => return ci::run(&workspace, fail_fast),
        Command::Format { check } => checks::format(&workspace, check)?,
        Command::Lint => checks::lint(&workspace)?,
        Command::Tidy => tidy::run(&workspace)?,
        Command::Test { arguments } => checks::test(&workspace, &arguments)?,
        Command::Doc => checks::doc(&workspace)?,
        Command::Deny => deny::run(&workspace)?,
        Command::Pipelines => pipelines::run_all(&workspace)?,
        Command::Features => features::run_all(&workspace)?,
        Command::Msrv => msrv::run_all(&workspace)?,
        Command::Api { check } => api::run(&workspace, check)?,
        Command::Release(options) => release::run(&workspace, options)?,
        Command::Interop => interop::run_all(&workspace)?,
        Command::Parity(options) => parity::run_all(&workspace, &options)?,
        Command::Chaos => chaos::run_all(&workspace)?,
        Command::Coverage => coverage::run(&workspace)?,
        Command::Codegen { check } => codegen::run(&workspace, check)?,
        Command::BenchDeploy(options) => bench::deploy(&workspace, &options)?,
        Command::BenchPeers { binary } => bench::peers(&workspace, binary.as_deref())?,
        Command::BenchPlan { binary } => bench::plan(&workspace, binary.as_deref())?,
        Command::BenchJournal { binary } => bench::journal(&workspace, binary.as_deref())?,
        Command::BenchStart { binary } => bench::start(&workspace, binary.as_deref())?,
    };
    if let Outcome::PassedBut(remark) = outcome {
        eprintln!("remark: {remark}");
    }
    Ok(())
}
