//! Whether a trail is as it was written, and where it is not.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use serde::{Serialize, Serializer};

use super::chain::{Break, Line, Walk};
use super::head::Head;
use super::{AuditError, AuditTrail, lock};

/// What is known about a trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// How many lines hold, up to the end or to the break.
    pub lines: u64,
    /// How many of them are records of the chain.
    pub chained: u64,
    /// How many are events without a chain, as the original system wrote them. A record after them seals them.
    pub without_chain: u64,
    /// How many are no JSON object, such as half a line of a writer that was stopped.
    pub unreadable: u64,
    /// The last record of the chain that holds. Kept elsewhere, it proves later that nothing before it was changed.
    pub last: Option<AuditHead>,
    /// Whether the file beside the trail that names its last record is there. Without it, a tail that was cut off at
    /// the end of a line is not missed.
    pub end_known: bool,
    /// Where the chain does not hold.
    pub broken: Option<Broken>,
}

/// A record of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditHead {
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// Its hash: SHA-256, hexadecimal.
    pub hash: String,
}

/// Where a chain does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The line, from 1. One more than there are, where lines are missing at the end.
    pub line: u64,
    /// Why.
    #[serde(serialize_with = "as_text")]
    pub reason: Break,
}

fn as_text<S: Serializer>(reason: &Break, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(reason)
}

impl AuditTrail {
    /// Reads the whole trail and says whether it is as it was written. Nobody writes meanwhile.
    ///
    /// # Errors
    /// It cannot be read, or others kept it locked for ten seconds.
    pub fn verify(&self) -> Result<Verification, AuditError> {
        self.read_through().map_err(|source| self.error("read", source))
    }

    fn read_through(&self) -> io::Result<Verification> {
        let file = File::open(&self.path)?;
        lock::shared(&file)?;
        let head = Head::read(&self.path)?;
        let mut lines = BufReader::new(file);
        let mut found = Verification {
            lines: 0,
            chained: 0,
            without_chain: 0,
            unreadable: 0,
            last: None,
            end_known: head.is_some(),
            broken: None,
        };
        let mut walk = Walk::default();
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            match walk.check(&line) {
                Ok(Line::Record) if replaced(head.as_ref(), &walk) => {
                    found.break_at(found.lines + 1, Break::Replaced(walk.sequence));
                    return Ok(found);
                }
                Ok(Line::Record) => {
                    found.chained += 1;
                    found.last = Some(AuditHead { sequence: walk.sequence, hash: walk.hash.clone() });
                }
                Ok(Line::Event) => found.without_chain += 1,
                Ok(Line::Unreadable) => found.unreadable += 1,
                Err(reason) => {
                    found.break_at(found.lines + 1, reason);
                    return Ok(found);
                }
            }
            found.lines += 1;
            line.clear();
        }
        if let Some(head) = head.filter(|head| head.sequence > walk.sequence) {
            found.break_at(found.lines + 1, Break::Cut { last: walk.sequence, written: head.sequence });
        }
        Ok(found)
    }
}

fn replaced(head: Option<&Head>, walk: &Walk) -> bool {
    head.is_some_and(|head| head.sequence == walk.sequence && head.hash != walk.hash)
}

impl Verification {
    fn break_at(&mut self, line: u64, reason: Break) {
        self.broken = Some(Broken { line, reason });
    }
}
