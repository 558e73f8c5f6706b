//! Deployments on record.

use std::io::{self, Write};

use fabric_txn::{Entry, Phase, Record, State};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::style::{ERROR, FAINT, STRONG};

/// The result of `history`: how many there are of each status, and each of them, newest first.
pub(super) fn list(entries: &[Entry]) -> Value {
    let transactions: Vec<_> = entries.iter().map(entry).collect();
    let mut summary = serde_json::Map::new();
    for status in transactions.iter().filter_map(|entry| entry["status"].as_str()) {
        let count = summary.get(status).and_then(Value::as_u64).unwrap_or_default();
        summary.insert(status.to_owned(), Value::from(count + 1));
    }
    json!({ "schema_version": "1", "command": "history", "summary": summary, "transactions": transactions })
}

fn entry(entry: &Entry) -> Value {
    match &entry.state {
        Ok(state) => json!({
            "transaction_id": entry.transaction,
            "status": state.phase.name(),
            "environment": state.meta.get("environment"),
            "workspace": state.meta.get("workspace"),
            "steps": state.steps.len(),
            "begun": moment(state.begun_at_ms),
            "changed": moment(state.changed_at_ms),
            "holder": state.holder,
            "reason": state.reason,
        }),
        Err(error) => json!({
            "transaction_id": entry.transaction,
            "status": "unreadable",
            "error": error.to_string(),
        }),
    }
}

pub(super) fn entries(out: &mut dyn Write, entries: &[Entry]) -> io::Result<()> {
    if entries.is_empty() {
        return writeln!(out, "No deployments on record.");
    }
    for entry in entries {
        match &entry.state {
            Ok(state) => {
                let name = state.meta.pointer("/workspace/name").and_then(Value::as_str).unwrap_or("?");
                writeln!(
                    out,
                    "{}  {}  {STRONG}{:<12}{STRONG:#}  {name}, {} steps",
                    entry.transaction,
                    moment(state.begun_at_ms),
                    state.phase.name(),
                    state.steps.len()
                )?;
            }
            Err(error) => writeln!(out, "{}  {ERROR}unreadable{ERROR:#}: {error}", entry.transaction)?,
        }
    }
    Ok(())
}

/// One transaction in full.
pub(super) fn document(state: &State, records: &[Record]) -> Value {
    json!({ "schema_version": "1", "command": "show", "transaction": state, "records": records })
}

pub(super) fn transaction(out: &mut dyn Write, state: &State, records: &[Record]) -> io::Result<()> {
    let name = state.meta.pointer("/workspace/name").and_then(Value::as_str).unwrap_or("?");
    if let Some(id) = state.transaction {
        writeln!(out, "Transaction {STRONG}{id}{STRONG:#}: {} on {name}", state.phase.name())?;
    }
    writeln!(out, "begun {} by {}", moment(state.begun_at_ms), state.holder)?;
    if let Phase::Abandoned { by, reason } = &state.phase {
        writeln!(out, "given up by {by}: {reason}")?;
    }
    if let Some(reason) = &state.reason {
        writeln!(out, "reason: {reason}")?;
    }
    for step in &state.steps {
        let status = serde_json::to_value(step.status).unwrap_or_default();
        write!(out, "  {:<12} {}", status.as_str().unwrap_or_default(), step.spec.name)?;
        match &step.failure {
            Some(failure) => writeln!(out, "{FAINT}: {failure}{FAINT:#}")?,
            None => writeln!(out)?,
        }
    }
    writeln!(out, "{FAINT}{} records{FAINT:#}", records.len())
}

/// Milliseconds since 1970 as `2026-11-23T15:04:05Z`.
fn moment(milliseconds: u64) -> String {
    let seconds = i64::try_from(milliseconds / 1000).unwrap_or_default();
    let moment = OffsetDateTime::from_unix_timestamp(seconds).ok();
    moment.and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}
