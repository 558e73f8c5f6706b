//! One line of a trail, sealed: what it says, its place, and all that stands before it, under one digest.
//!
//! A record ends in `"sequence":N,"previous_hash":"…","hash":"…"`. `hash` is the SHA-256 of the line's text without that
//! last member. `previous_hash` is the `hash` of the record before. Where something else stands between the two (lines
//! of an older format, half a line of a writer that was stopped), it is the SHA-256 of that hash followed by those
//! bytes, so that they are sealed as well.

use std::fmt::Write;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// What the first record of an empty trail names as the one before it.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The members that make a line a record.
const SEAL: [&str; 3] = ["sequence", "previous_hash", "hash"];

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Break {
    /// A record is not as it was written.
    #[error("record {0} was changed after it was written")]
    Changed(u64),
    /// Records are gone.
    #[error("record {expected} is missing: this is record {found}")]
    Missing {
        /// The one that should be here.
        expected: u64,
        /// The one that is.
        found: u64,
    },
    /// A record is here for the second time, or at another place.
    #[error("record {found} is not at its place: record {expected} belongs here")]
    Misplaced {
        /// The one that should be here.
        expected: u64,
        /// The one that is.
        found: u64,
    },
    /// What stands before a record is not what stood there when it was written.
    #[error("what stands before record {0} was changed or removed")]
    Unconnected(u64),
    /// The last line has no end: its writer was stopped, or the end was cut off.
    #[error("the line is not whole: its writer was stopped, or the end was cut off")]
    Torn,
    /// The end was cut off.
    #[error("the trail ends after record {last}, and record {written} was written")]
    Cut {
        /// The last record there is.
        last: u64,
        /// The last record there was.
        written: u64,
    },
    /// The last record that was written is another one than the one that is there.
    #[error("record {0} is not the one that was written last")]
    Replaced(u64),
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// A record of the chain.
    Record,
    /// An event without a chain, as the original system wrote it.
    Event,
    /// Not a JSON object.
    Unreadable,
}

/// A walk over a trail from its beginning or from a known record: what the next record must say.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    pub(super) sequence: u64,
    pub(super) hash: String,
    /// What stands after that record and is none.
    between: Option<Sha256>,
}

impl Default for Walk {
    fn default() -> Self {
        Self::after(0, GENESIS.to_owned())
    }
}

impl Walk {
    /// A walk that goes on after this record.
    pub(super) fn after(sequence: u64, hash: String) -> Self {
        Self { sequence, hash, between: None }
    }

    fn previous(&self) -> String {
        match &self.between {
            None => self.hash.clone(),
            Some(between) => hex(&between.clone().finalize()),
        }
    }

    /// Seals an event as the next record, without the end of its line.
    pub(super) fn seal(&mut self, mut line: Map<String, Value>) -> String {
        for name in SEAL {
            line.shift_remove(name);
        }
        line.insert("sequence".to_owned(), (self.sequence + 1).into());
        line.insert("previous_hash".to_owned(), self.previous().into());
        let text = Value::Object(line).to_string();
        let content = text.strip_suffix('}').unwrap_or(&text);
        let hash = digest(content);
        let sealed = format!("{content},\"hash\":\"{hash}\"}}");
        *self = Self::after(self.sequence + 1, hash);
        sealed
    }

    /// Goes over the next line, with its end.
    pub(super) fn check(&mut self, line: &[u8]) -> Result<Line, Break> {
        let Some(content) = line.strip_suffix(b"\n") else { return Err(Break::Torn) };
        let value = serde_json::from_slice::<Value>(content).ok().filter(Value::is_object);
        let Some(value) = value else {
            self.pass(line);
            return Ok(Line::Unreadable);
        };
        let Some(seal) = Seal::of(&value) else {
            self.pass(line);
            return Ok(Line::Event);
        };
        let expected = self.sequence + 1;
        if !seal.holds(content) {
            return Err(Break::Changed(seal.sequence));
        }
        if seal.sequence > expected {
            return Err(Break::Missing { expected, found: seal.sequence });
        }
        if seal.sequence < expected {
            return Err(Break::Misplaced { expected, found: seal.sequence });
        }
        if seal.previous_hash != self.previous() {
            return Err(Break::Unconnected(seal.sequence));
        }
        *self = Self::after(seal.sequence, seal.hash.to_owned());
        Ok(Line::Record)
    }

    /// Goes over the next line and takes it as it is: for a writer, who must go on whatever it finds. A break stays
    /// where it is for whoever checks.
    pub(super) fn accept(&mut self, line: &[u8]) {
        if self.check(line).is_err() {
            self.pass(line);
        }
    }

    /// Counts bytes among those that the next record seals without being records.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        let hash = &self.hash;
        self.between.get_or_insert_with(|| Sha256::new_with_prefix(hash)).update(bytes);
    }
}

/// What a record says about its place.
struct Seal<'a> {
    sequence: u64,
    previous_hash: &'a str,
    hash: &'a str,
}

impl<'a> Seal<'a> {
    fn of(line: &'a Value) -> Option<Self> {
        let [sequence, previous_hash, hash] = SEAL.map(|name| line.get(name));
        Some(Self { sequence: sequence?.as_u64()?, previous_hash: previous_hash?.as_str()?, hash: hash?.as_str()? })
    }

    /// Whether `line` is the text that its hash was made of.
    fn holds(&self, line: &[u8]) -> bool {
        let end = format!(",\"hash\":\"{}\"}}", self.hash);
        line.strip_suffix(end.as_bytes()).is_some_and(|content| digest(content) == self.hash)
    }
}

/// Whether this line, with its end, is the record of this hash.
pub(super) fn is_record(line: &[u8], sequence: u64, hash: &str) -> bool {
    let Some(content) = line.strip_suffix(b"\n") else { return false };
    let value = serde_json::from_slice::<Value>(content).unwrap_or_default();
    Seal::of(&value).is_some_and(|seal| seal.sequence == sequence && seal.hash == hash && seal.holds(content))
}

fn digest(content: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(content))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
