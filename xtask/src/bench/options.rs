//! What `cargo xtask bench deploy` is asked to measure.

use std::fmt;
use std::path::PathBuf;

use super::case::Case;

/// The whole request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) cases: Vec<Case>,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) against: Option<Peer>,
    /// The binary to measure; without one, a release binary is built.
    pub(crate) binary: Option<PathBuf>,
}

/// How slow the server is, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Added to every answer.
    pub(crate) latency: u32,
    /// What every long-running operation takes.
    pub(crate) operation: u32,
    /// Whether the creation of every item is a long-running operation, not only of the types for which that was seen.
    pub(crate) always: bool,
}

/// A tool to compare with, in the same run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    FabricCicd,
}

/// As far as a real service: 100 ms and 2 s, the conditions of the budgets.
pub(super) const REMOTE: Profile = Profile { latency: 100, operation: 2_000, always: false };
/// The same, with every creation long-running.
const SLOW: Profile = Profile { always: true, ..REMOTE };
/// Nothing but the tools' own work.
pub(super) const LOCAL: Profile = Profile { latency: 0, operation: 0, always: false };

impl Options {
    /// Reads the words after `bench deploy`.
    ///
    /// # Errors
    /// A sentence that says which word is not understood.
    pub(crate) fn parse(words: &[String]) -> Result<Self, String> {
        let (mut cases, mut profiles, mut against, mut binary) = (None, None, None, None);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("`{word}` needs a value"))?;
            match word.as_str() {
                "--cases" => cases = Some(value.split(',').map(Case::parse).collect::<Result<_, _>>()?),
                "--server" => {
                    profiles = match value.as_str() {
                        "remote" => Some(vec![REMOTE]),
                        "slow" => Some(vec![SLOW]),
                        "local" => Some(vec![LOCAL]),
                        other => return Err(format!("there is no server `{other}`: remote, slow or local")),
                    }
                }
                "--binary" => binary = Some(PathBuf::from(value)),
                "--against" if value == "fabric-cicd" => against = Some(Peer::FabricCicd),
                "--against" => return Err(format!("cannot compare with `{value}`, only with fabric-cicd")),
                other => return Err(format!("`bench deploy` takes no `{other}`")),
            }
        }
        let cases =
            cases.unwrap_or_else(|| if against.is_some() { Case::COMPARED.to_vec() } else { Case::ALL.to_vec() });
        let profiles =
            profiles.unwrap_or_else(|| if against.is_some() { vec![REMOTE, SLOW] } else { vec![REMOTE, LOCAL] });
        Ok(Self { cases, profiles, against, binary })
    }
}

/// Reads the words after `bench plan` and `bench start`: at most the binary to measure.
///
/// # Errors
/// A sentence that says which word is not understood.
pub(crate) fn only_binary(what: &str, words: &[String]) -> Result<Option<PathBuf>, String> {
    match words {
        [] => Ok(None),
        [option, file] if option == "--binary" => Ok(Some(PathBuf::from(file))),
        _ => Err(format!("`bench {what}` takes only `--binary FILE`")),
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms, {} s", self.latency, f64::from(self.operation) / 1_000.0)?;
        if self.always { f.write_str(", always") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn without_words_everything_is_measured() {
        assert_eq!(
            parse(""),
            Ok(Options { cases: Case::ALL.to_vec(), profiles: vec![REMOTE, LOCAL], against: None, binary: None })
        );
    }

    #[test]
    fn words_choose_or_are_refused() {
        let wanted = Options {
            cases: vec![Case::Notebooks(50)],
            profiles: vec![REMOTE],
            against: Some(Peer::FabricCicd),
            binary: None,
        };
        assert_eq!(parse("--cases notebooks-50 --server remote --against fabric-cicd"), Ok(wanted));
        assert_eq!(parse("--against fab"), Err("cannot compare with `fab`, only with fabric-cicd".to_owned()));
        assert_eq!(parse("--cases"), Err("`--cases` needs a value".to_owned()));
        assert!(parse("--cases horses-3").is_err());
    }
}
