//! The file that keeps sign-ins, which only its owner may read.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use super::{KeepError, Written};

fn unusable(path: &Path, reason: impl Into<String>) -> KeepError {
    KeepError::File { path: path.to_owned(), reason: reason.into() }
}

/// What the file keeps; nothing where there is no file.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, Written>, KeepError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(unusable(path, error.to_string())),
    };
    check_private(path, &file)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| unusable(path, error.to_string()))?;
    // What serde says may repeat what it read.
    serde_json::from_str(&text).map_err(|_| unusable(path, "it is not a file that `git login` wrote"))
}

#[cfg(unix)]
fn check_private(path: &Path, file: &File) -> Result<(), KeepError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| unusable(path, error.to_string()))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(unusable(path, format!("others may read it (mode {:o}): `chmod 600` it", mode & 0o777)))
}

#[cfg(not(unix))]
fn check_private(_: &Path, _: &File) -> Result<(), KeepError> {
    Ok(())
}

/// Beside it first: a crash leaves the old file or the new one.
pub(super) fn write(path: &Path, all: &BTreeMap<String, Written>) -> Result<(), KeepError> {
    let fresh = path.with_extension("new");
    let failed = |error: io::Error| unusable(path, error.to_string());
    let text = serde_json::to_vec_pretty(all).map_err(|error| unusable(path, error.to_string()))?;
    let _ = std::fs::remove_file(&fresh);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh).map_err(failed)?;
    file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&fresh, path).map_err(failed)
}
