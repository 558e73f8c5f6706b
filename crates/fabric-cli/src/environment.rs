//! The variables that the process was given: the only place that reads them.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::variables::Variable;

/// The file that is read where none is named.
const DEFAULT_FILE: &str = ".env";

/// Words in the names of variables whose values are secrets.
const SECRET: [&str; 9] =
    ["SECRET", "TOKEN", "PASSWORD", "ASSERTION", "ACCESS_KEY", "ACCOUNT_KEY", "API_KEY", "SAS", "HEADERS"];

/// Endings of names that carry such a word and say where a secret is, not what it is.
const PLACES: [&str; 5] = ["_PATH", "_FILE", "_URL", "_URI", "_ENDPOINT"];

/// Variables of the process and of an `.env` file; the process wins. Clones share them, and the last one wipes them.
#[derive(Clone, Default)]
pub(crate) struct Environment(Arc<Variables>);

#[derive(Default)]
struct Variables {
    process: HashMap<String, Zeroizing<String>>,
    file: HashMap<String, Zeroizing<String>>,
}

/// Where a variable was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The process.
    Process,
    /// The `.env` file.
    File,
}

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

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables)", self.0.process.len() + self.0.file.len())
    }
}

impl Environment {
    /// The variables of the process, and those of `file` (or of `.env` where it exists) that the process does not set.
    #[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, EnvironmentFileError> {
        let path = file.map_or_else(|| PathBuf::from(DEFAULT_FILE), Path::to_owned);
        let file = if file.is_some() || path.is_file() { read_file(&path)? } else { HashMap::new() };
        let process = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, Zeroizing::new(value.into_string().ok()?))))
            .collect();
        Ok(Self(Arc::new(Variables { process, file })))
    }

    /// Every variable.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let Variables { process, file } = &*self.0;
        let of_file = file.iter().filter(|(name, _)| !process.contains_key(*name));
        process.iter().chain(of_file).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The values that are secrets, as far as the names of their variables tell, and where each was given.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (Origin, &str)> {
        self.iter().filter(|(name, _)| is_secret(name)).filter_map(|(name, _)| {
            let (value, origin) = self.find(name)?;
            Some((origin, value))
        })
    }

    /// The value of one of the variables that this program reads; an empty one counts as not set.
    pub(crate) fn value(&self, variable: &Variable) -> Option<&str> {
        self.get(variable.name)
    }

    /// The value of a variable that a file names; an empty one counts as not set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|(value, _)| value)
    }

    /// The same, and where it was given. A variable that the process sets to nothing hides that of the file.
    pub(crate) fn find(&self, name: &str) -> Option<(&str, Origin)> {
        let found = match self.0.process.get(name) {
            Some(value) => (value.as_str(), Origin::Process),
            None => (self.0.file.get(name)?.as_str(), Origin::File),
        };
        Some(found).filter(|(value, _)| !value.is_empty())
    }

    /// These variables, as if the process had set them.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), Zeroizing::new((*value).to_owned())));
        Self(Arc::new(Variables { process: owned.collect(), file: HashMap::new() }))
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET.iter().any(|word| name.contains(word)) && !PLACES.iter().any(|place| name.ends_with(place))
}

fn read_file(path: &Path) -> Result<HashMap<String, Zeroizing<String>>, EnvironmentFileError> {
    let unusable = |reason: String| EnvironmentFileError { path: path.to_owned(), reason };
    let text = std::fs::read(path).map(Zeroizing::new).map_err(|error| unusable(error.to_string()))?;
    if let Some(line) = doubtful_dollar(&text) {
        let reason = format!("line {line}: a `$` would be read as a variable: put the value in single quotes");
        return Err(unusable(reason));
    }
    let mut variables = HashMap::new();
    for pair in dotenvy::from_read_iter(text.as_slice()) {
        let (name, value) = pair.map_err(|error| unusable(describe(&error)))?;
        variables.insert(name, Zeroizing::new(value));
    }
    Ok(variables)
}

/// The line with a `$` that the reader of the file would take for a variable and whoever wrote it may not: `${NAME}` is
/// one to everybody; `$NAME` is none to the tools that these files come from, and a password to most who write it.
fn doubtful_dollar(text: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(text);
    text.lines().position(is_doubtful).map(|index| index + 1)
}

fn is_doubtful(line: &str) -> bool {
    let line = line.trim_start();
    let Some((_, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { return false };
    let value = value.trim_start();
    if value.starts_with('\'') {
        return false;
    }
    let value = if value.starts_with('"') { value } else { value.split(" #").next().unwrap_or(value) };
    let is_variable = |after: &str| after.starts_with('{') && !after.starts_with("{secret:");
    value.match_indices('$').any(|(at, _)| {
        !value.get(..at).is_some_and(|before| before.ends_with('\\')) && !is_variable(value.get(at + 1..).unwrap_or(""))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Environment, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file.as_file(), text.as_bytes()).unwrap();
        let file = read_file(file.path()).map_err(|error| error.reason)?;
        Ok(Environment(Arc::new(Variables { process: HashMap::new(), file })))
    }

    #[track_caller]
    fn reads(text: &str, expected: Option<&str>) {
        assert_eq!(file(text).unwrap().get("A"), expected, "{text:?}");
    }

    #[test]
    fn secrets_are_known_by_the_names_of_their_variables() {
        for name in
            ["FABRIC_TOKEN", "AZURE_CLIENT_SECRET", "SYSTEM_ACCESSTOKEN", "AWS_SECRET_ACCESS_KEY", "db_password"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in ["FABRIC_CLIENT_SECRET_FILE_PATH", "ACTIONS_ID_TOKEN_REQUEST_URL", "PATH", "FABRIC_ENDPOINT"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn lines_are_read_as_a_shell_would() {
        reads("A=one", Some("one"));
        reads("export A=one\r\n", Some("one"));
        reads("# A=no\n\nA=one # why\n", Some("one"));
        reads("A=a=b==\n", Some("a=b=="));
        reads("A='it is # $HOME ${HOME} \\n'\n", Some("it is # $HOME ${HOME} \\n"));
        reads("A=\"a\\nb \\\"c\\\" \\$d\"\n", Some("a\nb \"c\" $d"));
        reads("A=\"two\nlines\"\n", Some("two\nlines"));
        reads("B=x\nA=${B}y\n", Some("xy"));
        reads("A=${NOT_SET_ANYWHERE_7}\n", None);
        reads("A=x # costs $5\n", Some("x"));
        reads("A=\n", None);
        reads("A=first\nA=second\n", Some("second"));
        reads("A=\u{e9}\u{4e2d}\n", Some("\u{e9}\u{4e2d}"));
        reads("", None);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_refused_and_not_repeated() {
        for text in ["A='canary", "A=can ary\n", "canary\n", "A=\"canary\n\n", "=canary\n", "A=canary'x\n"] {
            let refused = file(text).err().unwrap_or_else(|| panic!("{text:?} is read"));
            assert!(!refused.contains("canary") && !refused.contains("can ary"), "{refused}");
        }
    }

    #[test]
    fn a_dollar_that_is_no_variable_stands_in_single_quotes() {
        reads("A='${secret:a-b}'\n", Some("${secret:a-b}"));
        reads("# A=${secret:a-b}\nA=x\n", Some("x"));
        for text in ["A=${secret:a-b}\n", "B=x\nA=\"${secret:a-b}\"\n", "A=pa$$word\n", "A=pass$\n", "A=\"a$b\"\n"] {
            assert!(file(text).err().unwrap().contains("single quotes"), "{text}");
        }
    }

    #[test]
    fn the_process_wins_and_what_it_sets_to_nothing_hides_the_file() {
        let of = |pairs: &[(&str, &str)]| -> HashMap<String, Zeroizing<String>> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()))).collect()
        };
        let both = Variables { process: of(&[("A", "p"), ("B", "")]), file: of(&[("A", "f"), ("B", "f"), ("C", "f")]) };
        let environment = Environment(Arc::new(both));
        assert_eq!(environment.find("A"), Some(("p", Origin::Process)));
        assert_eq!(environment.find("B"), None);
        assert_eq!(environment.find("C"), Some(("f", Origin::File)));
        assert_eq!(environment.iter().count(), 3);
    }
}
