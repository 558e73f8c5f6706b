//! The lock on a trail: waited for, but not for ever, so that a suspended process cannot hold everybody up.

use std::fs::{File, TryLockError};
use std::io;
use std::time::Duration;

/// How long is waited between two tries, and how often.
const PAUSE: Duration = Duration::from_millis(5);
const TRIES: u32 = 2000;

/// Takes the lock to write; closing the file gives it back.
pub(super) fn exclusive(file: &File) -> io::Result<()> {
    wait(TRIES, || file.try_lock())
}

/// Takes the lock to read.
pub(super) fn shared(file: &File) -> io::Result<()> {
    wait(TRIES, || file.try_lock_shared())
}

#[expect(clippy::disallowed_methods, reason = "a file lock cannot be waited for with an end in any other way")]
fn wait(tries: u32, take: impl Fn() -> Result<(), TryLockError>) -> io::Result<()> {
    for _ in 0..tries {
        match take() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "another process keeps it locked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_others_keep_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trail");
        let kept = File::create(&path).unwrap();
        let late = File::open(&path).unwrap();
        exclusive(&kept).unwrap();
        let error = wait(2, || late.try_lock_shared()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(kept);
        shared(&late).unwrap();
    }
}
