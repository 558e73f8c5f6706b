//! A file of JSON lines: telemetry without a receiver, for `jq`, for tests, for a machine without a network.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use thiserror::Error;

use super::envelope::rfc3339;
use super::{Exporter, Outcome};
use crate::model::{Attributes, Record, SpanKind, Value};

/// The file cannot be written.
#[derive(Debug, Error)]
#[error("{} cannot be written: {source}", path.display())]
pub struct FileError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Appends lines.
pub(crate) struct JsonLines {
    file: File,
}

impl JsonLines {
    /// Opens the file, and makes it and its folder where they are missing.
    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        let open = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            OpenOptions::new().create(true).append(true).open(path)
        };
        open().map(|file| Self { file }).map_err(|source| FileError { path: path.to_owned(), source })
    }
}

#[async_trait]
impl Exporter for JsonLines {
    fn name(&self) -> &'static str {
        "file"
    }

    async fn export(&mut self, batch: &[Record]) -> Outcome {
        let mut lines = String::with_capacity(batch.len() * 500);
        for record in batch {
            lines.push_str(&line(record).to_string());
            lines.push('\n');
        }
        // One write, so that the lines of two processes do not mix.
        match self.file.write_all(lines.as_bytes()) {
            Ok(()) => Outcome::delivered(batch.len()),
            Err(error) => Outcome::rejected(batch.len(), error.to_string()),
        }
    }

    async fn probe(&mut self) -> Result<(), String> {
        // It was opened for appending, or there would be no exporter.
        Ok(())
    }
}

fn line(record: &Record) -> Json {
    match record {
        Record::Span(span) => json!({
            "record": "span",
            "name": span.name,
            "kind": match span.kind {
                SpanKind::Server => "server",
                SpanKind::Client => "client",
                SpanKind::Internal => "internal",
            },
            "trace_id": span.context.trace.to_string(),
            "span_id": span.context.span.to_string(),
            "parent_span_id": span.parent.map(|parent| parent.to_string()),
            "start": rfc3339(span.start),
            "end": rfc3339(span.end),
            "succeeded": span.succeeded,
            "attributes": attributes(&span.attributes),
        }),
        Record::Event(event) => json!({
            "record": "event",
            "name": event.name,
            "trace_id": event.context.map(|context| context.trace.to_string()),
            "span_id": event.context.map(|context| context.span.to_string()),
            "time": rfc3339(event.time),
            "severity": format!("{:?}", event.severity).to_lowercase(),
            "attributes": attributes(&event.attributes),
        }),
        Record::Measurement(measurement) => json!({
            "record": "metric",
            "name": measurement.name,
            "unit": measurement.unit,
            "instrument": format!("{:?}", measurement.instrument).to_lowercase(),
            "start": rfc3339(measurement.start),
            "end": rfc3339(measurement.end),
            "count": measurement.count,
            "sum": measurement.sum,
            "min": measurement.min,
            "max": measurement.max,
            "attributes": attributes(&measurement.attributes),
        }),
    }
}

fn attributes(attributes: &Attributes) -> Json {
    let value = |value: &Value| match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Number(number) => Json::from(*number),
        Value::Flag(flag) => Json::from(*flag),
    };
    attributes.iter().map(|(name, found)| (name.to_owned(), value(found))).collect()
}
