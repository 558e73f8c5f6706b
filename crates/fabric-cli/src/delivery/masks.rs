//! Secrets that the pipeline shall take out of its log, should anybody write them there.
//!
//! The command that says so holds the value itself: the one place where a secret is written. It is given for values that
//! the pipeline cannot know, those of a vault and of an `.env` file; those of the process came from the pipeline. It goes to
//! standard error and not into a file: a file is read by nobody who would act on it, and keeps the value.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use super::platform::Platform;
use crate::environment::{Environment, Origin};
use crate::{render, secrets};

/// Shorter lines are no secret of their own, and taking them out would leave a log that nobody can read.
const SHORTEST: usize = 6;

/// Tells the pipeline, where there is one, what to take out. Clones know what was told.
#[derive(Clone, Default)]
pub(crate) struct Masks {
    platform: Option<Platform>,
    told: Arc<Mutex<HashSet<u64>>>,
    state: RandomState,
}

impl std::fmt::Debug for Masks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Masks").field("platform", &self.platform).finish_non_exhaustive()
    }
}

impl Masks {
    /// For this pipeline.
    pub(super) fn new(platform: Option<&Platform>) -> Self {
        let platform = platform.filter(|_| !standard_error_is_a_file()).cloned();
        Self { platform, ..Self::default() }
    }

    /// Hides the secrets that the `.env` file sets.
    pub(crate) fn hide_file(&self, environment: &Environment) {
        let of_file = environment.secrets().filter(|(origin, _)| *origin == Origin::File);
        for (_, value) in of_file.filter(|(_, value)| secrets::reference(value).is_none()) {
            self.hide(value);
        }
    }

    /// Hides a value, line by line: that is how a log is written, and how the pipeline looks for it.
    pub(crate) fn hide(&self, value: &str) {
        let Some(platform) = &self.platform else { return };
        for line in lines(value) {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.insert(self.state.hash_one(line)) {
                render::say_command(&platform.mask(line));
            }
        }
    }
}

fn lines(value: &str) -> impl Iterator<Item = &str> {
    value.split(['\r', '\n']).map(str::trim).filter(|line| line.len() >= SHORTEST)
}

#[cfg(unix)]
fn standard_error_is_a_file() -> bool {
    use std::os::fd::AsFd;
    let copy = std::io::stderr().as_fd().try_clone_to_owned();
    let kind = copy.and_then(|copy| std::fs::File::from(copy).metadata());
    kind.is_ok_and(|kind| kind.is_file())
}

#[cfg(not(unix))]
fn standard_error_is_a_file() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn each_line_that_could_be_a_secret_is_hidden() {
        let key = "-----BEGIN KEY-----\r\nMIIEvQIBADAN\r\n}\n\n  indented-line\n";
        assert_eq!(lines(key).collect::<Vec<_>>(), ["-----BEGIN KEY-----", "MIIEvQIBADAN", "indented-line"]);
        assert_eq!(lines("short").count(), 0);
    }
}
