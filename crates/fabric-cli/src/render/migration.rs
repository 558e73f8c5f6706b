//! What a configuration of another tool comes to.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::SCHEMA_VERSION;
use super::style::{HINT, STRONG};
use crate::migration::Migration;

pub(super) fn document(found: &Migration) -> Value {
    json!({
        "schema_version": SCHEMA_VERSION,
        "command": "migrate",
        "from": found.from,
        "kind": found.kind,
        "commands": found.commands,
        "differences": found.differences,
    })
}

pub(super) fn text(out: &mut dyn Write, found: &Migration) -> io::Result<()> {
    writeln!(out, "{} is {}. The same with this tool:\n", found.from.display(), found.kind)?;
    for command in &found.commands {
        writeln!(out, "  {STRONG}{}{STRONG:#}", command.line)?;
    }
    if found.differences.is_empty() {
        return writeln!(out, "\nNothing is different.");
    }
    writeln!(out, "\nWhat is different:\n")?;
    for difference in &found.differences {
        writeln!(out, "  {}: {}", difference.place, difference.what)?;
        if let Some(remedy) = &difference.remedy {
            writeln!(out, "    {HINT}{remedy}{HINT:#}")?;
        }
    }
    Ok(())
}
