//! `completions` and `man`: what a shell and a manual reader want.

use std::io::Write;

use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::failure::Failure;

pub(super) fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::with_variables(), "fabric-cli", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Success)
}

pub(super) fn manual() -> Result<Exit, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::with_variables()).render(&mut page)?;
    let mut commands = Arguments::with_variables();
    commands.build();
    for command in commands.get_subcommands().filter(|command| command.get_name() != "help") {
        clap_mangen::Man::new(command.clone()).render(&mut page)?;
    }
    std::io::stdout().write_all(&page)?;
    Ok(Exit::Success)
}
