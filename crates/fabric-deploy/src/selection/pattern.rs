//! A regular expression that can be compared, shown and saved as its text.

use regex::Regex;
use thiserror::Error;

/// A regular expression.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

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
        let regex = Regex::new(text);
        regex.map(Self).map_err(|error| PatternError { text: text.to_owned(), reason: last_line(&error) })
    }

    /// An expression that must match from the first character on, as Python's `re.match` does.
    ///
    /// # Errors
    /// The text is no regular expression.
    pub(crate) fn from_the_start(text: &str) -> Result<Self, PatternError> {
        Self::anywhere(text)?;
        Self::anywhere(&format!("^(?:{text})"))
    }

    /// Whether it matches.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

/// The parser draws the text and a marker over several lines and says what is wrong on the last.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().map(|line| line.trim_start_matches("error: ").to_owned()).unwrap_or_default()
}
