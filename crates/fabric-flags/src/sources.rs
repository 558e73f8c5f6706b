//! Everything a decision may depend on, handed in by the caller.

use crate::Context;

/// The sources of flag values. Nothing is read by this crate: arguments, environment, file text and time are
/// handed in, so that the same sources always give the same snapshot.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) file: Option<File>,
}

#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) context: Context,
}

impl Sources {
    /// No sources: every feature has its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// The values of `--flag`, each `NAME=on|off`; of several for one flag the last counts.
    #[must_use]
    pub fn command_line(mut self, arguments: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Environment variables; of several with one name the last counts. Names that do not concern flags are ignored.
    #[must_use]
    pub fn environment(mut self, variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        self.environment.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// The text of a flag file in Microsoft's Feature Management v2 format, what to call it in messages, and for
    /// whom and when its rules are evaluated.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>, text: impl Into<String>, context: Context) -> Self {
        self.file = Some(File { name: name.into(), text: text.into(), context });
        self
    }
}
