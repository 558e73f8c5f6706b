//! What is written: the result to standard output, everything else to standard error.

mod audit;
mod document;
pub(crate) mod git;
mod health;
mod history;
mod log;
mod migration;
mod progress;
mod secrets;
mod style;
mod text;
mod throttling;
pub(crate) mod workspaces;

use std::fmt::Display;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use fabric_deploy::desired::DesiredState;
use fabric_deploy::diagnostic::{Diagnostics, Severity};
use fabric_deploy::export::Exported;
use fabric_deploy::plan::Plan;
use fabric_flags::Snapshot;
use fabric_telemetry::Verification;
use fabric_txn::{Entry, Record, State, TransactionId};
use serde::Serialize;

pub(crate) use document::{Document, ResolvedPrincipal, SCHEMA_VERSION};
pub(crate) use log::Log;
pub(crate) use progress::progress;
pub(crate) use secrets::{SecretRow, SecretsDocument};
pub(crate) use style::choose_color;
pub(crate) use text::{counts, step_name};
pub(crate) use throttling::Throttling;

use crate::arguments::OutputFormat;
use crate::failure::Failure;
use crate::health::Health;
use crate::migration::Migration;
use style::{ERROR, HINT, WARNING};

/// Writes a plan.
pub(crate) fn plan(format: OutputFormat, plan: &Plan, document: &Document) -> io::Result<()> {
    result(format, document, |out| text::plan(out, plan, document))
}

/// Writes what a deployment did. In NDJSON the steps were written while they ran.
pub(crate) fn deployed(format: OutputFormat, document: &Document) -> io::Result<()> {
    result(format, document, |out| text::deployed(out, document))
}

/// Writes that the files are in order.
pub(crate) fn valid(format: OutputFormat, desired: &DesiredState, document: &Document) -> io::Result<()> {
    result(format, document, |out| text::valid(out, desired))
}

/// Writes what was exported.
pub(crate) fn exported(
    format: OutputFormat,
    directory: &Path,
    exported: &Exported,
    document: &Document,
) -> io::Result<()> {
    result(format, document, |out| text::exported(out, directory, exported))
}

/// Writes the deployments on record.
pub(crate) fn history(format: OutputFormat, entries: &[Entry]) -> io::Result<()> {
    result(format, &history::list(entries), |out| history::entries(out, entries))
}

/// Writes one transaction in full.
pub(crate) fn transaction(format: OutputFormat, state: &State, records: &[Record]) -> io::Result<()> {
    result(format, &history::document(state, records), |out| history::transaction(out, state, records))
}

/// Writes that a transaction was given up.
pub(crate) fn abandoned(format: OutputFormat, transaction: TransactionId, document: &Document) -> io::Result<()> {
    result(format, document, |out| writeln!(out, "Abandoned: transaction {transaction}. What it did stays."))
}

/// Writes where the page of a transaction is.
pub(crate) fn report(format: OutputFormat, transaction: TransactionId, page: &Path) -> io::Result<()> {
    let document = serde_json::json!({
        "schema_version": SCHEMA_VERSION,
        "command": "report",
        "transaction_id": transaction,
        "html": page,
    });
    result(format, &document, |out| writeln!(out, "Wrote {}", page.display()))
}

/// Writes whether a deployment would work now.
pub(crate) fn health(format: OutputFormat, found: &Health) -> io::Result<()> {
    result(format, found, |out| health::text(out, found))
}

/// Writes whether an audit trail is as it was written.
pub(crate) fn audit(format: OutputFormat, file: &Path, found: &Verification, duration_ms: u64) -> io::Result<()> {
    result(format, &audit::document(file, found, duration_ms), |out| audit::text(out, file, found))
}

/// Writes what a configuration of another tool comes to.
pub(crate) fn migration(format: OutputFormat, found: &Migration) -> io::Result<()> {
    result(format, &migration::document(found), |out| migration::text(out, found))
}

/// Writes who is meant by names.
pub(crate) fn principals(format: OutputFormat, document: &Document) -> io::Result<()> {
    result(format, document, |out| text::principals(out, &document.principals))
}

/// Writes which features are on.
pub(crate) fn flags(format: OutputFormat, flags: &Snapshot, document: &Document) -> io::Result<()> {
    result(format, document, |out| text::flags(out, flags))
}

/// Writes what is known of secrets.
pub(crate) fn secrets(format: OutputFormat, document: &SecretsDocument) -> io::Result<()> {
    result(format, document, |out| document.text(out))
}

/// Writes a result that text needs one line for.
pub(crate) fn plain(format: OutputFormat, document: &impl Serialize, line: &str) -> io::Result<()> {
    result(format, document, |out| writeln!(out, "{line}"))
}

/// Writes a failure: as text to standard error, as a document to standard output as well.
pub(crate) fn failure(format: OutputFormat, failure: &Failure, document: impl FnOnce() -> Document) -> io::Result<()> {
    text::failure(&mut anstream::stderr().lock(), failure)?;
    match format {
        OutputFormat::Text => Ok(()),
        OutputFormat::Json | OutputFormat::Ndjson => json(format, &document()),
    }
}

/// Writes a line about an error of this process.
pub(crate) fn say_error(error: &dyn Display) {
    say(&format!("{ERROR}error{ERROR:#}: {error}"));
}

/// Writes a line that the user should see.
pub(crate) fn say_note(note: &str) {
    say(&format!("{HINT}note{HINT:#}: {note}"));
}

/// Writes a warning.
pub(crate) fn say_warning(warning: &dyn Display) {
    say(&format!("{WARNING}warning{WARNING:#}: {warning}"));
}

/// Writes the warnings among `diagnostics`, but those of the kind `but`.
pub(crate) fn say_warnings(diagnostics: &Diagnostics, but: &str) {
    let said = diagnostics.iter().filter(|found| found.severity == Severity::Warning && found.code != but);
    for warning in said {
        say(&format!("{WARNING}{warning}{WARNING:#}"));
    }
}

/// Writes a line for the pipeline that reads this log. It goes where all that is not the result goes: pipelines look at
/// both streams.
pub(crate) fn say_command(command: &str) {
    say(command);
}

/// Standard error may be closed; then there is nobody to tell.
fn say(line: &str) {
    if writeln!(anstream::stderr().lock(), "{line}").is_err() {
        tracing::debug!("standard error is closed");
    }
}

fn result(
    format: OutputFormat,
    document: &impl Serialize,
    text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    match format {
        OutputFormat::Text => {
            let mut out = BufWriter::new(anstream::stdout().lock());
            text(&mut out)?;
            out.flush()
        }
        OutputFormat::Json | OutputFormat::Ndjson => json(format, document),
    }
}

fn json(format: OutputFormat, value: &impl Serialize) -> io::Result<()> {
    // The standard library's own buffer ends with each line, and a document has a dozen lines an item.
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        OutputFormat::Json => serde_json::to_writer_pretty(&mut out, value)?,
        _ => serde_json::to_writer(&mut out, value)?,
    }
    writeln!(out)?;
    out.flush()
}
