//! Keeps the world across restarts: an append-only log, one line per request that changed something.
//!
//! A line holds every entity the request changed, so it is applied whole or not at all; a line torn by a crash is
//! dropped. Contents of definition parts are written once, under their digest. Opening the log rewrites it as the
//! state it leads to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use super::blobs::Digest;
use super::table::{Entity, Table};
use super::{World, each_table};

/// Why the log cannot be opened.
#[derive(Debug, Error)]
pub enum LogError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A line that is not the last one cannot be read.
    #[error("{path}, line {line}: {reason}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// One line.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Entry {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    contents: Vec<(Digest, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Change>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock_offset: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Change {
    kind: String,
    id: Uuid,
    /// `None`: the entity is gone.
    value: Option<Value>,
}

/// The open log.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    clock_offset: i64,
}

/// What a log was found to hold.
pub(crate) struct Opened {
    pub(crate) log: Log,
    /// `None`: the log is new.
    pub(crate) world: Option<World>,
    pub(crate) clock_offset: i64,
}

impl Log {
    /// Opens the log in a folder, creating both where they are missing.
    pub(crate) fn open(folder: &Path) -> Result<Opened, LogError> {
        fs::create_dir_all(folder).map_err(at(folder))?;
        let path = folder.join("world.jsonl");
        let (world, clock_offset) = match File::open(&path) {
            Ok(file) => read(&path, file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => (None, 0),
            Err(error) => return Err(at(&path)(error)),
        };
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(at(&path))?;
        let mut log = Self { path, file, clock_offset };
        if let Some(world) = &world {
            log.rewrite(world)?;
        }
        Ok(Opened { log, world, clock_offset })
    }

    /// Appends what changed since the last call. Nothing is written where nothing changed.
    pub(crate) fn append(&mut self, world: &mut World, clock_offset: i64) -> Result<(), LogError> {
        let mut entry = Entry::default();
        if clock_offset != self.clock_offset {
            entry.clock_offset = Some(clock_offset);
        }
        entry.contents = world.blobs.take_unwritten().into_iter().map(encode).collect();
        macro_rules! gather {
            ($table:expr) => {
                gather_changes(&mut $table, &mut entry.changes)
            };
        }
        each_table!(world, gather);
        if entry.contents.is_empty() && entry.changes.is_empty() && entry.clock_offset.is_none() {
            return Ok(());
        }
        let line = line(&entry).map_err(at(&self.path))?;
        self.file.write_all(&line).map_err(at(&self.path))?;
        self.clock_offset = clock_offset;
        Ok(())
    }

    /// Replaces the log by the shortest one that leads to the given world.
    pub(crate) fn rewrite(&mut self, world: &World) -> Result<(), LogError> {
        let fresh = self.path.with_extension("jsonl.new");
        let mut writer = BufWriter::new(File::create(&fresh).map_err(at(&fresh))?);
        let mut write = |entry: &Entry| -> Result<(), LogError> {
            writer.write_all(&line(entry).map_err(at(&fresh))?).map_err(at(&fresh))
        };
        write(&Entry { clock_offset: Some(self.clock_offset), ..Entry::default() })?;
        for digest in world.live_digests() {
            let content = world.content(&digest);
            write(&Entry { contents: vec![encode((digest, content))], ..Entry::default() })?;
        }
        macro_rules! write_all {
            ($table:expr) => {
                for entity in $table.iter() {
                    write(&Entry { changes: vec![change(entity.id(), Some(entity))], ..Entry::default() })?;
                }
            };
        }
        each_table!(world, write_all);
        let file = writer.into_inner().map_err(|error| at(&fresh)(error.into_error()))?;
        file.sync_all().map_err(at(&fresh))?;
        fs::rename(&fresh, &self.path).map_err(at(&self.path))?;
        self.file = OpenOptions::new().append(true).open(&self.path).map_err(at(&self.path))?;
        Ok(())
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> LogError + '_ {
    move |source| LogError::Io { path: path.to_owned(), source }
}

fn line(entry: &Entry) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    Ok(line)
}

fn encode((digest, content): (Digest, Arc<[u8]>)) -> (Digest, String) {
    (digest, STANDARD.encode(content))
}

fn change<T: Entity>(id: Uuid, entity: Option<&T>) -> Change {
    Change { kind: T::KIND.to_owned(), id, value: entity.and_then(|entity| serde_json::to_value(entity).ok()) }
}

fn gather_changes<T: Entity>(table: &mut Table<T>, changes: &mut Vec<Change>) {
    changes.extend(table.take_changes().into_iter().map(|(id, entity)| change(id, entity)));
}

fn read(path: &Path, file: File) -> Result<(Option<World>, i64), LogError> {
    let mut world = World::default();
    let mut clock_offset = 0;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(at(path))? == 0 {
            break;
        }
        if line.last() != Some(&b'\n') {
            tracing::warn!(path = %path.display(), line = number + 1, "the last line of the log is torn; dropped");
            break;
        }
        number += 1;
        let corrupt = |reason: String| LogError::Corrupt { path: path.to_owned(), line: number, reason };
        let entry: Entry = serde_json::from_slice(&line).map_err(|error| corrupt(error.to_string()))?;
        clock_offset = entry.clock_offset.unwrap_or(clock_offset);
        for (digest, content) in entry.contents {
            let content = STANDARD.decode(content).map_err(|error| corrupt(error.to_string()))?;
            world.blobs.restore(digest, &content);
        }
        for change in entry.changes {
            apply(&mut world, change).map_err(corrupt)?;
        }
    }
    world.rebuild_agenda();
    Ok(((number > 0).then_some(world), clock_offset))
}

fn apply(world: &mut World, change: Change) -> Result<(), String> {
    let Change { kind, id, value } = change;
    macro_rules! restore {
        ($table:expr) => {
            if restore_in(&mut $table, &kind, id, &value)? {
                return Ok(());
            }
        };
    }
    each_table!(world, restore);
    Err(format!("unknown kind of entity `{kind}`"))
}

fn restore_in<T: Entity>(table: &mut Table<T>, kind: &str, id: Uuid, value: &Option<Value>) -> Result<bool, String> {
    if kind != T::KIND {
        return Ok(false);
    }
    let entity = match value {
        Some(value) => Some(serde_json::from_value(value.clone()).map_err(|error| error.to_string())?),
        None => None,
    };
    table.restore(id, entity);
    Ok(true)
}
