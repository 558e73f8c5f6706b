//! The file beside a trail that names its last record: a tail that was cut off is missed, and a writer need not read the
//! whole trail.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::chain::{self, Walk};

/// The last record that was written. Written under the trail's lock, after the record is on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) sequence: u64,
    pub(super) hash: String,
    /// Where its line starts in the trail, in bytes.
    start: u64,
    /// Where the line after it starts.
    end: u64,
}

impl Head {
    pub(super) fn of(walk: &Walk, start: u64, end: u64) -> Self {
        Self { sequence: walk.sequence, hash: walk.hash.clone(), start, end }
    }

    /// The head of a trail; none if there is no such file, or it cannot be understood. A trail without one is read
    /// from its beginning.
    pub(super) fn read(trail: &Path) -> io::Result<Option<Self>> {
        match fs::read(beside(trail, "head")) {
            Ok(content) => Ok(serde_json::from_slice(&content).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts it in the place of the one before. After a crash between the record and this, the trail is ahead of it.
    pub(super) fn write(&self, trail: &Path) -> io::Result<()> {
        let draft = beside(trail, "head.draft");
        let mut file = File::create(&draft)?;
        file.write_all(serde_json::to_string(self)?.as_bytes())?;
        file.sync_data()?;
        fs::rename(draft, beside(trail, "head"))
    }
}

fn beside(trail: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(trail);
    name.push(".");
    name.push(ending);
    name.into()
}

/// What the next record of a trail of `length` bytes must say, and whether the last line has no end.
///
/// If the record that the head names is not where it was, the next one goes on from the head all the same: what was
/// taken away stays missing for whoever checks.
pub(super) fn find_end(trail: &mut File, head: Option<&Head>, length: u64) -> io::Result<(Walk, bool)> {
    let (mut walk, from) = match head {
        None => (Walk::default(), 0),
        Some(head) => {
            let walk = Walk::after(head.sequence, head.hash.clone());
            if !stands(trail, head, length)? {
                return Ok((walk, is_torn(trail, length)?));
            }
            (walk, head.end)
        }
    };
    trail.seek(SeekFrom::Start(from))?;
    let mut lines = BufReader::new(trail);
    let mut line = Vec::new();
    let mut torn = false;
    while lines.read_until(b'\n', &mut line)? > 0 {
        torn = line.last() != Some(&b'\n');
        if torn {
            line.push(b'\n');
        }
        walk.accept(&line);
        line.clear();
    }
    Ok((walk, torn))
}

fn stands(trail: &mut File, head: &Head, length: u64) -> io::Result<bool> {
    if head.start >= head.end || head.end > length {
        return Ok(false);
    }
    trail.seek(SeekFrom::Start(head.start))?;
    let mut line = Vec::new();
    trail.take(head.end - head.start).read_to_end(&mut line)?;
    Ok(chain::is_record(&line, head.sequence, &head.hash))
}

fn is_torn(trail: &mut File, length: u64) -> io::Result<bool> {
    let Some(last) = length.checked_sub(1) else { return Ok(false) };
    let mut byte = [0];
    trail.seek(SeekFrom::Start(last))?;
    trail.read_exact(&mut byte)?;
    Ok(byte != *b"\n")
}
