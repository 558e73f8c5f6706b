//! A regular expression that can be compared, shown and saved as its text.

use thiserror::Error;

use crate::python_regex::PythonRegex;

/// A regular expression, read as Python's `re` reads it.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: PythonRegex,
}

/// A text that is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text:?} is no regular expression: {reason}")]
pub struct PatternError {
    /// The text.
    pub text: String,
    /// Why not.
    pub reason: String,
}

impl Pattern {
    /// An expression that may match anywhere.
    ///
    /// # Errors
    /// The text is no regular expression.
    pub fn anywhere(text: &str) -> Result<Self, PatternError> {
        let regex = PythonRegex::new(text, false);
        regex
            .map(|regex| Self { text: text.to_owned(), regex })
            .map_err(|reason| PatternError { text: text.to_owned(), reason })
    }

    /// An expression that must match from the first character on, as Python's `re.match` does.
    ///
    /// # Errors
    /// The text is no regular expression.
    pub(crate) fn from_the_start(text: &str) -> Result<Self, PatternError> {
        Self::anywhere(text)?;
        Self::anywhere(&format!("^(?:{text})"))
    }

    /// Whether it matches. Patterns leave things out: one that takes too long to say counts as a match.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text).unwrap_or(true)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}
