//! What keeps a snapshot from being made, and what deserves a warning.

use std::fmt;

use crate::{Feature, Profile, Source, switch};

/// A reason why nothing starts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A flag has a value that is neither on nor off.
    #[error("{feature} is \"{value}\" ({origin}); accepted are {}", switch::ACCEPTED)]
    InvalidValue {
        /// Whose value it is.
        feature: Feature,
        /// The value as given.
        value: String,
        /// Where it was given.
        origin: Source,
    },
    /// The command line names a flag that does not exist.
    #[error("there is no flag {name}{}", did_you_mean(*.nearest))]
    UnknownFlag {
        /// The name as given.
        name: String,
        /// What was probably meant.
        nearest: Option<Feature>,
    },
    /// A command line argument is not of the form `NAME=on|off`.
    #[error("\"{argument}\" is not of the form NAME=on|off")]
    MalformedArgument {
        /// The argument as given.
        argument: String,
    },
    /// `FABRIC_PROFILE` names a profile that does not exist.
    #[error("{} is \"{value}\"; known profiles are {}", Profile::VARIABLE, Profile::ALL.map(Profile::name).join(", "))]
    UnknownProfile {
        /// The name as given.
        value: String,
    },
    /// The flag file cannot be read as what it should be.
    #[error("{file}, line {line}: {message}")]
    DamagedFile {
        /// The file, as the caller named it.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
}

/// Every reason why nothing starts: at least one, and all of them at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

impl Errors {
    /// `Err` with all of `errors`, if there are any.
    pub(crate) fn check(errors: Vec<Error>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }

    /// The errors: command line first, then environment, then file.
    pub fn iter(&self) -> std::slice::Iter<'_, Error> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Errors {
    type Item = &'a Error;
    type IntoIter = std::slice::Iter<'a, Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One error a line.
impl fmt::Display for Errors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// Something to tell the user, although everything can start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A name looks like a flag and is none: probably a spelling mistake.
    UnknownName {
        /// The name as given.
        name: String,
        /// Where it was given.
        origin: Source,
        /// What was probably meant.
        nearest: Option<Feature>,
    },
    /// The flag file asks for something that this crate does not implement; the file counts as saying off.
    NotEvaluated {
        /// Whose rules they are.
        feature: Feature,
        /// What is missing.
        message: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownName { name, origin, nearest } => {
                write!(formatter, "{name} ({origin}) is not a flag and has no effect{}", did_you_mean(*nearest))
            }
            Self::NotEvaluated { feature, message } => {
                write!(formatter, "{feature} counts as off in the flag file: {message}")
            }
        }
    }
}

fn did_you_mean(nearest: Option<Feature>) -> String {
    nearest.map(|feature| format!("; did you mean {feature}?")).unwrap_or_default()
}
