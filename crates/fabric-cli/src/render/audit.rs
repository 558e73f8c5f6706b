//! Whether an audit trail is as it was written.

use std::io::{self, Write};
use std::path::Path;

use fabric_telemetry::Verification;
use serde_json::{Value, json};

use super::style::{ERROR, FAINT, STRONG};

pub(super) fn document(file: &Path, found: &Verification, duration_ms: u64) -> Value {
    json!({
        "schema_version": super::document::SCHEMA_VERSION,
        "command": "audit verify",
        "status": if found.broken.is_none() { "intact" } else { "broken" },
        "file": file,
        "trail": found,
        "duration_ms": duration_ms,
    })
}

pub(super) fn text(out: &mut dyn Write, file: &Path, found: &Verification) -> io::Result<()> {
    let place = file.display();
    match &found.broken {
        None if found.chained == 0 => writeln!(out, "{STRONG}Readable{STRONG:#}: {place}. No line has a chain yet.")?,
        None => writeln!(out, "{STRONG}Intact{STRONG:#}: {place} is as it was written.")?,
        Some(broken) => writeln!(out, "{ERROR}Broken{ERROR:#}: {place}:{}: {}", broken.line, broken.reason)?,
    }
    write!(out, "{} lines: {} chained", found.lines, found.chained)?;
    if found.without_chain > 0 {
        write!(out, ", {} without a chain", found.without_chain)?;
    }
    if found.unreadable > 0 {
        write!(out, ", {} unreadable", found.unreadable)?;
    }
    writeln!(out)?;
    if let Some(last) = &found.last {
        writeln!(out, "{FAINT}last record: {} {}{FAINT:#}", last.sequence, last.hash)?;
    }
    if found.chained > 0 && !found.end_known {
        writeln!(out, "{place}.head is not there: lines that were cut off at the end would not be missed.")?;
    }
    Ok(())
}
