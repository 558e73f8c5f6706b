//! Parsing a part of a file so that a fault names the line of the whole file.

use serde::Deserialize;

use crate::Error;

/// Damage in a flag file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct FlagFileError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl FlagFileError {
    /// A fault of the whole of `part`.
    pub(super) fn at(whole: &str, part: &str, message: String) -> Self {
        Self { line: first_line(whole, part), message }
    }

    pub(super) fn for_flag(self, id: &str) -> Self {
        Self { message: format!("{} for feature '{id}'.", self.message), ..self }
    }

    pub(crate) fn in_file(self, name: &str) -> Error {
        Error::DamagedFile { file: name.to_owned(), line: self.line, message: self.message }
    }
}

/// Parses `part`, which must be a slice of `whole`.
pub(super) fn parse_part<'a, T: Deserialize<'a>>(whole: &str, part: &'a str) -> Result<T, FlagFileError> {
    serde_json::from_str(part).map_err(|error| {
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = error.to_string();
        let message = message.strip_suffix(&place).unwrap_or(&message).to_owned();
        FlagFileError { line: first_line(whole, part) + error.line().saturating_sub(1), message }
    })
}

/// The line of `whole` on which its slice `part` begins, counted from 1.
fn first_line(whole: &str, part: &str) -> usize {
    let offset = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
    whole.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}
