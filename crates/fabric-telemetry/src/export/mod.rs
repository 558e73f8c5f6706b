//! The exporters: each turns records into what its receiver reads.

pub(crate) mod application_insights;
pub(crate) mod connection_string;
mod envelope;
pub(crate) mod file;
pub(crate) mod otlp;
mod otlp_json;

use std::io::Write;
use std::time::Duration;

use async_trait::async_trait;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::model::Record;

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How many the receiver has.
    pub(crate) delivered: usize,
    /// How many it refused for good.
    pub(crate) rejected: usize,
    /// Those to be sent again.
    pub(crate) again: Vec<Record>,
    /// Not before this time has passed.
    pub(crate) wait: Option<Duration>,
    /// What went wrong.
    pub(crate) error: Option<String>,
}

impl Outcome {
    /// The receiver has all of them.
    pub(crate) fn delivered(count: usize) -> Self {
        Self { delivered: count, ..Self::default() }
    }

    /// The receiver refused all of them for good.
    pub(crate) fn rejected(count: usize, error: String) -> Self {
        Self { rejected: count, error: Some(error), ..Self::default() }
    }

    /// All of them are to be sent again.
    pub(crate) fn again(records: &[Record], wait: Option<Duration>, error: String) -> Self {
        Self { again: records.to_vec(), wait, error: Some(error), ..Self::default() }
    }
}

/// Exports records.
#[async_trait]
pub(crate) trait Exporter: Send {
    /// What it is called in tallies.
    fn name(&self) -> &'static str;
    /// Hands a batch over.
    async fn export(&mut self, batch: &[Record]) -> Outcome;
    /// Whether the receiver would take a batch, asked with nothing that it keeps; else why not.
    async fn probe(&mut self) -> Result<(), String>;
}

/// Whether a receiver that answers so may take the same records later: Application Insights and OTLP agree on these,
/// 439 is Application Insights' daily quota.
pub(crate) fn is_retriable(status: u16) -> bool {
    matches!(status, 408 | 429 | 439 | 500 | 502 | 503 | 504)
}

/// The bytes, compressed. Writing to memory cannot fail; if it did, nothing would be sent.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    match encoder.write_all(bytes) {
        Ok(()) => encoder.finish().unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}
