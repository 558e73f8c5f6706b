//! The audit trail: one JSON object a line, appended and never changed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use thiserror::Error;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    event_type: &'static str,
    fields: Map<String, Value>,
}

impl AuditEvent {
    /// An event of this type, such as `item_created`, with its fields. What is not an object counts as no fields.
    pub fn new(event_type: &'static str, fields: Value) -> Self {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Self { event_type, fields }
    }
}

/// The trail could not be written. What was done is done all the same.
#[derive(Debug, Error)]
#[error("the audit trail {} could not be written: {source}", path.display())]
pub struct AuditError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// A file of events.
#[derive(Debug, Clone)]
pub struct AuditTrail {
    path: PathBuf,
    context: Map<String, Value>,
}

impl AuditTrail {
    /// The trail in this file. It is created, with its folder, by the first event.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), context: Map::new() }
    }

    /// The same trail, with fields that follow those of every event: the commit, the branch, who.
    #[must_use]
    pub fn with_context(mut self, context: Value) -> Self {
        if let Value::Object(context) = context {
            self.context = context;
        }
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends events that happened at `timestamp` (RFC 3339, UTC). They are on the disk when this returns.
    ///
    /// # Errors
    /// The file cannot be written. None of the events, or the first bytes of them, are then in it.
    pub fn append(&self, timestamp: &str, events: &[AuditEvent]) -> Result<(), AuditError> {
        let lines = self.lines(timestamp, events);
        self.write(&lines).map_err(|source| AuditError { path: self.path.clone(), source })
    }

    fn lines(&self, timestamp: &str, events: &[AuditEvent]) -> String {
        let mut lines = String::new();
        for event in events {
            let mut line = Map::new();
            line.insert("timestamp".to_owned(), timestamp.into());
            line.insert("event_type".to_owned(), event.event_type.into());
            line.extend(event.fields.clone());
            for (name, value) in &self.context {
                // An event's own field wins: the branch that was connected is not the branch of this checkout.
                line.entry(name.clone()).or_insert_with(|| value.clone());
            }
            lines.push_str(&Value::Object(line).to_string());
            lines.push('\n');
        }
        lines
    }

    fn write(&self, lines: &str) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(lines.as_bytes())?;
        file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_events_own_field_wins_over_the_context() {
        let trail = AuditTrail::new("unused").with_context(json!({ "git_branch": "local", "git_user": "somebody" }));
        let connected = AuditEvent::new("git_connected", json!({ "git_branch": "main" }));
        let line: Value = serde_json::from_str(&trail.lines("2026-01-01T00:00:00Z", &[connected])).unwrap();
        assert_eq!((&line["git_branch"], &line["git_user"]), (&json!("main"), &json!("somebody")));
    }

    #[test]
    fn writers_at_the_same_time_never_mix_lines() {
        let folder = tempfile::tempdir().unwrap();
        let trail = AuditTrail::new(folder.path().join("deep/audit.jsonl"));
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let trail = trail.clone();
                scope.spawn(move || {
                    for number in 0..50 {
                        let text = "x".repeat(writer * 40 + number);
                        let event = AuditEvent::new("item_created", json!({ "writer": writer, "text": text }));
                        trail.append("2026-01-01T00:00:00Z", &[event.clone(), event]).unwrap();
                    }
                });
            }
        });
        let text = fs::read_to_string(trail.path()).unwrap();
        assert_eq!(text.lines().count(), 800);
        assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    }

    #[test]
    fn a_trail_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let trail = AuditTrail::new(folder.path());
        let error = trail.append("2026-01-01T00:00:00Z", &[AuditEvent::new("item_created", json!({}))]).unwrap_err();
        assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
    }
}
