//! A store in a local folder: readable with any editor, for its owner only.
//!
//! `journals/<id>.jsonl`, `blobs/<sha256>`, `scopes/<scope>/…`. An append holds the journal's file lock, checks its
//! length, writes and syncs. A key is written to a file of its own, synced and then linked or renamed into place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::{JournalStore, Position};
use crate::error::StoreError;
use crate::id::TransactionId;

/// A store in a local folder.
///
/// On Unix, folders and files are created for their owner only. Elsewhere they inherit the folder's permissions. The
/// folder must be on a file system with locks and hard links, which is what local disks have. Files are read and written
/// on the blocking threads of a Tokio runtime, within which this store must be used.
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: Arc<Path>,
}

impl FolderStore {
    /// A store in `root`, which is created on the first write.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into().into() }
    }

    /// The file of a journal.
    pub fn journal_path(&self, journal: TransactionId) -> PathBuf {
        self.root.join("journals").join(format!("{journal}.jsonl"))
    }

    fn key_path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        path: PathBuf,
        work: impl FnOnce(&Path, &Path) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let root = Arc::clone(&self.root);
        let place = path.clone();
        let done = tokio::task::spawn_blocking(move || work(&root, &path)).await;
        done.unwrap_or_else(|error| Err(io_error("finish work on", &place, io::Error::other(error))))
    }
}

#[async_trait]
impl JournalStore for FolderStore {
    async fn read(&self, journal: TransactionId) -> Result<Option<Vec<u8>>, StoreError> {
        self.blocking(self.journal_path(journal), |_, path| read(path)).await
    }

    async fn append(&self, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError> {
        let lines = lines.to_vec();
        self.blocking(self.journal_path(journal), move |root, path| append(root, path, journal, at, &lines)).await
    }

    async fn journals(&self) -> Result<Vec<TransactionId>, StoreError> {
        let names = self.list("journals").await?;
        Ok(names.iter().filter_map(|name| name.strip_suffix(".jsonl")?.parse().ok()).collect())
    }

    async fn create(&self, key: &str, content: &[u8]) -> Result<bool, StoreError> {
        let content = content.to_vec();
        self.blocking(self.key_path(key), move |root, path| {
            let draft = draft(root, path, &content)?;
            let linked = fs::hard_link(&draft, path);
            remove(&draft)?;
            match linked {
                Ok(()) => sync_folder(path).map(|()| true),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Ok(read(path)?.is_some_and(|present| present == content))
                }
                Err(error) => Err(io_error("create", path, error)),
            }
        })
        .await
    }

    async fn replace(&self, key: &str, content: &[u8]) -> Result<(), StoreError> {
        let content = content.to_vec();
        self.blocking(self.key_path(key), move |root, path| {
            let draft = draft(root, path, &content)?;
            fs::rename(&draft, path).map_err(|error| io_error("replace", path, error))?;
            sync_folder(path)
        })
        .await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.blocking(self.key_path(key), |_, path| read(path)).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.blocking(self.key_path(folder), |_, path| {
            let fail = |error| io_error("list", path, error);
            let entries = match fs::read_dir(path) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(fail(error)),
            };
            let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
            let names: Vec<String> = names.collect::<Result<_, _>>().map_err(fail)?;
            Ok(names.into_iter().filter(|name| !name.starts_with(DRAFT)).collect())
        })
        .await
    }
}

/// How the names of files start that are not finished.
const DRAFT: &str = ".draft-";

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read", path, error)),
    }
}

fn append(root: &Path, path: &Path, journal: TransactionId, at: Position, lines: &[u8]) -> Result<(), StoreError> {
    let fail = |action| move |error| io_error(action, path, error);
    let is_new = at == Position::default();
    if is_new {
        create_parent(root, path)?;
    }
    let mut options = owner_only();
    let opened = options.write(true).create(is_new).truncate(false).open(path);
    let mut file = match opened {
        Err(error) if !is_new && error.kind() == io::ErrorKind::NotFound => return Err(StoreError::Conflict(journal)),
        opened => opened.map_err(fail("open"))?,
    };
    // Writers of one journal take turns by their leases, so nobody who may write ever finds it locked. A suspended
    // process must not be able to hold everybody else up, either.
    file.try_lock().map_err(|error| fail("lock")(error.into()))?;
    let length = file.metadata().map_err(fail("inspect"))?.len();
    if length != at.bytes + at.torn {
        return Err(StoreError::Conflict(journal));
    }
    if at.torn > 0 {
        file.set_len(at.bytes).map_err(fail("repair"))?;
    }
    file.seek(SeekFrom::Start(at.bytes)).map_err(fail("write"))?;
    let written = file.write_all(lines).and_then(|()| file.sync_data());
    if let Err(error) = written {
        // An unfinished line is forgiven by every reader, so it does no harm if this fails as well.
        let _ = file.set_len(at.bytes).and_then(|()| file.sync_data());
        return Err(io_error("write", path, error));
    }
    if is_new { sync_folder(path) } else { Ok(()) }
}

/// Writes `content` to a file beside `path`.
fn draft(root: &Path, path: &Path, content: &[u8]) -> Result<PathBuf, StoreError> {
    create_parent(root, path)?;
    let draft = path.with_file_name(format!("{DRAFT}{}", Uuid::new_v4()));
    let written = owner_only().write(true).create_new(true).open(&draft).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_data()
    });
    if let Err(error) = written {
        // The first error is the one to tell.
        let _ = fs::remove_file(&draft);
        return Err(io_error("write", path, error));
    }
    Ok(draft)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    fs::remove_file(path).map_err(|error| io_error("remove", path, error))
}

fn create_parent(root: &Path, path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(root);
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| io_error("create", folder, error))?;
    folder.ancestors().take_while(|ancestor| ancestor.starts_with(root)).try_for_each(sync_folder)
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes it durable that `path` exists.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    // Windows can neither open nor sync a folder, and does not need to.
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| io_error("sync", folder, error))
}

fn io_error(action: &'static str, path: &Path, error: io::Error) -> StoreError {
    StoreError::Io { action, path: path.display().to_string(), cause: Arc::new(error) }
}
