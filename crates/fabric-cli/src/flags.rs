//! The features of this run: read once, then frozen.

use std::path::Path;
use std::time::SystemTime;

use fabric_flags::{Context, FlagSet, Snapshot, Sources};

use crate::arguments::GlobalArguments;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::{render, variables};

/// Which features are on, and why. Warnings are said; every error is reported at once.
///
/// The rules of a flag file see the deployed environment as user and as group.
#[expect(clippy::disallowed_methods, reason = "time windows of a flag file begin and end on the wall clock")]
pub(crate) fn resolve(
    global: &GlobalArguments,
    environment: &Environment,
    deployed: Option<&str>,
) -> Result<Snapshot, Failure> {
    let mut sources = Sources::new().command_line(global.flag.iter().cloned()).environment(environment.iter());
    let file = global.flag_file.as_deref().or_else(|| environment.value(&variables::FLAG_FILE).map(Path::new));
    if let Some(path) = file {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::FlagFile { path: path.to_owned(), reason: error.to_string() })?;
        let mut context = Context::at(SystemTime::now());
        if let Some(deployed) = deployed {
            context = context.user(deployed).group(deployed);
        }
        sources = sources.file(path.display().to_string(), text, context);
    }
    let snapshot = FlagSet::resolve(&sources)?;
    for warning in snapshot.warnings() {
        render::say_warning(warning);
    }
    Ok(snapshot)
}
