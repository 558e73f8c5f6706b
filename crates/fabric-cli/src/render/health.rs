//! Whether a deployment would work now.

use std::io::{self, Write};

use super::style::{CREATE, ERROR, FAINT, HINT, STRONG, WARNING};
use crate::health::{Health, Status};

pub(super) fn text(out: &mut dyn Write, health: &Health) -> io::Result<()> {
    for check in &health.checks {
        let style = match check.status {
            Status::Healthy => CREATE,
            Status::Disabled => FAINT,
            Status::Degraded => WARNING,
            Status::Unhealthy | Status::TimedOut => ERROR,
        };
        let (id, status) = (word(&check.id), word(&check.status));
        write!(out, "{style}{status:<10}{style:#} {STRONG}{id:<12}{STRONG:#} {}", check.detail)?;
        match check.status {
            Status::Disabled => writeln!(out)?,
            _ => writeln!(out, " {FAINT}({} ms){FAINT:#}", check.latency_ms)?,
        }
        if let Some(advice) = &check.advice {
            writeln!(out, "           {HINT}{advice}{HINT:#}")?;
        }
    }
    writeln!(out, "{STRONG}{}{STRONG:#} {FAINT}in {} ms{FAINT:#}", word(&health.status), health.duration_ms)
}

/// The word of the document, for people.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().replace('_', " ")
}
