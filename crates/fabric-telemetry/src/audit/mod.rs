//! The audit trail: one JSON object a line, appended and never changed, each sealed to what stands before it.

mod chain;
mod head;
mod lock;
mod verify;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use thiserror::Error;

use head::Head;

pub use chain::Break;
pub use verify::{AuditHead, Broken, Verification};

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

/// The trail could not be read or written. What was done is done all the same.
#[derive(Debug, Error)]
#[error("the audit trail {} could not be {action}: {source}", path.display())]
pub struct AuditError {
    action: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// A file of events.
///
/// Any number of processes may append to it: each takes the file's lock, so that the lines of two writers never mix and
/// there is one chain. Beside it, `<file>.head` names the last record, so that a tail that was cut off is missed.
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
            self.context.extend(context);
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
    /// The file cannot be written, or others kept it locked for ten seconds. None of the events is then in it.
    pub fn append(&self, timestamp: &str, events: &[AuditEvent]) -> Result<(), AuditError> {
        self.write(timestamp, events).map_err(|source| self.error("written", source))
    }

    fn error(&self, action: &'static str, source: io::Error) -> AuditError {
        AuditError { action, path: self.path.clone(), source }
    }

    fn write(&self, timestamp: &str, events: &[AuditEvent]) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).read(true).open(&self.path)?;
        lock::exclusive(&file)?;
        let length = file.metadata()?.len();
        let (mut walk, torn) = head::find_end(&mut file, Head::read(&self.path)?.as_ref(), length)?;
        let mut lines = String::new();
        if torn {
            // A writer was stopped halfway. Its line stays as it is, and the next record seals it.
            lines.push('\n');
        }
        let mut start = length;
        for event in events {
            start = length + lines.len() as u64;
            lines.push_str(&walk.seal(self.line(timestamp, event)));
            lines.push('\n');
        }
        let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // The first error is the one to tell; what is left of this write is found torn by the next.
            let _ = file.set_len(length);
            return Err(error);
        }
        if length == 0 {
            sync_folder(folder)?;
        }
        if !events.is_empty() {
            Head::of(&walk, start, length + lines.len() as u64).write(&self.path)?;
        }
        Ok(())
    }

    fn line(&self, timestamp: &str, event: &AuditEvent) -> Map<String, Value> {
        let mut line = Map::new();
        line.insert("timestamp".to_owned(), timestamp.into());
        line.insert("event_type".to_owned(), event.event_type.into());
        line.extend(event.fields.clone());
        for (name, value) in &self.context {
            // An event's own field wins: the branch that was connected is not the branch of this checkout.
            line.entry(name.clone()).or_insert_with(|| value.clone());
        }
        line
    }
}

/// Makes it durable that a new file exists. Windows can neither open nor sync a folder, and does not need to.
fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    match folder {
        Some(folder) if !cfg!(windows) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
