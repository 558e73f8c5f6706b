//! The variables that the process was given: the only place that reads them.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::variables::Variable;

/// The file that is read where none is named.
const DEFAULT_FILE: &str = ".env";

/// Variables of the process and of an `.env` file; the process wins.
#[derive(Clone, Default)]
pub(crate) struct Environment(HashMap<String, String>);

/// An `.env` file that cannot be used.
#[derive(Debug, Error)]
#[error("{}: {reason}", path.display())]
pub(crate) struct EnvironmentFileError {
    path: PathBuf,
    reason: String,
}

/// Whether the process sets a variable to something: for what must be known before any file is read.
pub(crate) fn is_set(variable: &Variable) -> bool {
    of_process(variable).is_some()
}

/// What the process sets a variable to: for what no file has a say in.
#[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
pub(crate) fn of_process(variable: &Variable) -> Option<OsString> {
    std::env::var_os(variable.name).filter(|value| !value.is_empty())
}

impl Environment {
    /// The variables of the process, and those of `file` (or of `.env` where it exists) that the process does not set.
    #[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, EnvironmentFileError> {
        let mut variables = HashMap::new();
        let path = file.map_or_else(|| PathBuf::from(DEFAULT_FILE), Path::to_owned);
        if file.is_some() || path.is_file() {
            let unusable = |reason: String| EnvironmentFileError { path: path.clone(), reason };
            for pair in dotenvy::from_path_iter(&path).map_err(|error| unusable(error.to_string()))? {
                let (name, value) = pair.map_err(|error| unusable(describe(&error)))?;
                variables.insert(name, value);
            }
        }
        variables.extend(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        );
        Ok(Self(variables))
    }

    /// Every variable.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of one of the variables that this program reads; an empty one counts as not set.
    pub(crate) fn value(&self, variable: &Variable) -> Option<&str> {
        self.get(variable.name)
    }

    /// The value of a variable that a file names; an empty one counts as not set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// A line of the file may hold a secret, so it is not repeated.
fn describe(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(_, position) => {
            format!("a line cannot be read as NAME=value (near its character {position})")
        }
        other => other.to_string(),
    }
}
