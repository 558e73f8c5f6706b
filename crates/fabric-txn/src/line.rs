//! Records as lines of text: one JSON document each, with a checksum that runs on from line to line.
//!
//! `{"v":1,"sum":"0123456789abcdef","record":{…}}`: `sum` is the start of the SHA-256 of the sum before and the
//! record's bytes, so that a record that is changed, missing, doubled or out of place is noticed.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::digest::hex;
use crate::error::Error;
use crate::event::{FORMAT_VERSION, Record};
use crate::id::TransactionId;

/// The checksum of everything so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Chain(String);

impl Chain {
    fn next(&self, record: &[u8]) -> Self {
        let sum = Sha256::new().chain_update(self.0.as_bytes()).chain_update(record).finalize();
        Self(hex(sum.get(..8).unwrap_or_default()))
    }
}

/// The journal as far as it can be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decoded {
    pub(crate) records: Vec<Record>,
    /// How many bytes the records take.
    pub(crate) bytes: u64,
    /// How many bytes of an unfinished line follow. It was never acknowledged: nothing relied on it.
    pub(crate) torn: u64,
    pub(crate) chain: Chain,
}

/// Appends `record` to `lines`.
pub(crate) fn encode<T: Serialize>(
    record: &T,
    chain: &mut Chain,
    lines: &mut Vec<u8>,
) -> Result<(), serde_json::Error> {
    let record = serde_json::to_vec(record)?;
    *chain = chain.next(&record);
    lines.extend_from_slice(format!("{{\"v\":{FORMAT_VERSION},\"sum\":\"{}\",\"record\":", chain.0).as_bytes());
    lines.extend_from_slice(&record);
    lines.extend_from_slice(b"}\n");
    Ok(())
}

/// Reads a journal. Only an unfinished last line is forgiven: everything else was acknowledged.
pub(crate) fn decode(transaction: TransactionId, bytes: &[u8]) -> Result<Decoded, Error> {
    let mut decoded = Decoded::default();
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end + 1);
        let seq = len(&decoded.records);
        let damaged = |why: String| Error::Damaged { transaction, record: seq, why };
        let Line { version, sum, record } = parse(line).ok_or_else(|| damaged("not a line of a journal".to_owned()))?;
        if version > FORMAT_VERSION {
            return Err(Error::NewerFormat { transaction, found: version, supported: FORMAT_VERSION });
        }
        let chain = decoded.chain.next(record);
        if chain.0.as_bytes() != sum {
            return Err(damaged("the checksum does not match".to_owned()));
        }
        let record: Record = serde_json::from_slice(record).map_err(|error| damaged(error.to_string()))?;
        if record.seq != seq {
            return Err(damaged(format!("it says that it is record {}", record.seq)));
        }
        decoded.records.push(record);
        decoded.chain = chain;
        decoded.bytes += len(line);
        rest = after;
    }
    decoded.torn = len(rest);
    Ok(decoded)
}

struct Line<'a> {
    version: u32,
    sum: &'a [u8],
    record: &'a [u8],
}

fn parse(line: &[u8]) -> Option<Line<'_>> {
    let rest = line.strip_prefix(b"{\"v\":")?;
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    let (version, rest) = rest.split_at_checked(digits)?;
    let version: u32 = std::str::from_utf8(version).ok()?.parse().ok()?;
    if version > FORMAT_VERSION {
        return Some(Line { version, sum: b"", record: b"" });
    }
    if version == 0 {
        return None;
    }
    let (sum, rest) = rest.strip_prefix(b",\"sum\":\"")?.split_at_checked(16)?;
    let record = rest.strip_prefix(b"\",\"record\":")?.strip_suffix(b"}\n")?;
    Some(Line { version, sum, record })
}

fn len<T>(slice: &[T]) -> u64 {
    slice.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    fn journal(records: u64) -> (TransactionId, Vec<u8>) {
        let (mut chain, mut lines) = (Chain::default(), Vec::new());
        for seq in 0..records {
            let event = Event::RollbackStarted { reason: format!("reason {seq}") };
            encode(&Record { seq, fence: 1, at_ms: 5, event }, &mut chain, &mut lines).unwrap();
        }
        (TransactionId::new(0), lines)
    }

    #[test]
    fn every_prefix_is_read_up_to_its_last_whole_line() {
        let (id, lines) = journal(3);
        for cut in 0..=lines.len() {
            let decoded = decode(id, &lines[..cut]).unwrap();
            let whole = lines[..cut].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(decoded.records.len(), whole);
            assert_eq!(decoded.bytes + decoded.torn, cut as u64);
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let (id, lines) = journal(3);
        for place in 0..lines.len() - 1 {
            let mut changed = lines.clone();
            changed[place] ^= 1;
            match decode(id, &changed) {
                Err(Error::Damaged { .. } | Error::NewerFormat { .. }) => {}
                other => panic!("byte {place}: {other:?}"),
            }
        }
    }

    #[test]
    fn lines_that_are_missing_doubled_or_swapped_are_noticed() {
        let (id, lines) = journal(3);
        let line: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').collect();
        for order in [vec![1, 2], vec![0, 2], vec![0, 0, 1, 2], vec![0, 2, 1]] {
            let changed: Vec<u8> = order.iter().flat_map(|i| line[*i].iter().copied()).collect();
            assert!(matches!(decode(id, &changed), Err(Error::Damaged { .. })), "{order:?}");
        }
    }

    #[test]
    fn zeros_after_the_last_line_are_a_torn_tail() {
        let (id, mut lines) = journal(2);
        lines.extend_from_slice(&[0; 512]);
        let decoded = decode(id, &lines).unwrap();
        assert_eq!((decoded.records.len(), decoded.torn), (2, 512));
    }

    #[test]
    fn a_newer_format_is_called_that() {
        let id = TransactionId::new(0);
        let error = decode(id, b"{\"v\":2,\"whatever\":true}\n").unwrap_err();
        assert!(matches!(error, Error::NewerFormat { found: 2, supported: 1, .. }));
    }

    #[test]
    fn a_record_that_lies_about_its_place_is_noticed() {
        let (mut chain, mut lines) = (Chain::default(), Vec::new());
        let record = Record { seq: 4, fence: 1, at_ms: 5, event: Event::Committed };
        encode(&record, &mut chain, &mut lines).unwrap();
        assert!(matches!(decode(TransactionId::new(0), &lines), Err(Error::Damaged { record: 0, .. })));
    }
}
