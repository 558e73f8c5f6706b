//! The words after `cargo xtask`.

use std::path::PathBuf;

use crate::{bench, parity, release};

/// What `cargo xtask --help` prints.
pub(crate) const HELP: &str = "\
The project's own chores.

Usage: cargo xtask <COMMAND>

Commands:
  ci [--fail-fast]       fmt, tidy, msrv, lint, features, test, codegen --check, api --check, doc, pipelines, interop, parity and
                         deny, each timed; the pipeline runs this and coverage
  fmt [--check]          Format the code, or fail where it is not formatted
  lint                   Clippy on all targets, warnings are errors
  tidy                   The style guide in code: edges between crates, sizes, names, links, manifests
  test [ARGUMENTS...]    cargo test --workspace, with the arguments handed on
  msrv                   The oldest Rust that is promised, by compiling with it
  features               Each crate that has features with none of them, each alone, and all
  api [--check]          List the public API of each library in its public-api.txt, or fail where a list is out of date
  doc                    The documentation of the workspace, warnings are errors
  deny                   Licences, banned crates, sources, security advisories
  pipelines              The pipelines in docs/pipelines by the schemas of their platforms (needs python3 and PyPI)
  interop                Microsoft's own Python clients against the emulator (needs python3 and PyPI)
  parity [--check] [--only CASE] [--binary FILE]
                         Deploy every case in tests/parity with fabric-cicd and with this tool, compare what they leave
                         behind, and write docs/compare.md (needs python3 and PyPI)
  coverage               The share of lines that the tests reach: of each gated part, and of everything from outside;
                         fails where one is below its gate
  chaos                  Disturb deployments everywhere: the long forms of the tests, for an hour; then write the
                         figures of docs/transactions.md
  release [--publish] [--check-reproducible]
                         Check versions, changelogs, APIs and packages, build the static program, and put everything into
                         target/release-artifacts; nothing is published without --publish
  codegen [--check]      Write the generated documents, or fail where one is out of date
  bench deploy [OPTIONS] Deploy synthetic workspaces with the release binary, and print a table
  bench peers            What fabric-cicd needs for the same as this tool, in one run: processor and wall time for 2 000
                         notebooks and 100 mixed items, created, updated and unchanged (needs python3 and PyPI)
  bench plan             What planning costs the client for 2 000 and 4 000 notebooks
  bench journal          What FEATURE_USE_ROLLBACK costs on a folder and on Azurite, and what recovery costs
  bench start            How long the program and its emulator take to start

Options of `bench`:
  --binary FILE          Measure this binary instead of building one

Options of `bench deploy`:
  --cases LIST           notebooks-<N> and mixed-100, separated by commas
  --server NAME          remote: 100 ms latency, operations of 2 s; slow: the same, and every creation is such an
                         operation; local: no delay at all
  --against fabric-cicd  Let fabric-cicd do the same in the same run (needs python3 and PyPI)

Options:
  -h, --help             Print this

Exit status: 0 all passed, 1 something failed, 64 wrong usage.
";

/// One chore.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Ci { fail_fast: bool },
    Format { check: bool },
    Lint,
    Tidy,
    Test { arguments: Vec<String> },
    Msrv,
    Features,
    Api { check: bool },
    Release(release::Options),
    Doc,
    Deny,
    Pipelines,
    Interop,
    Parity(parity::Options),
    Chaos,
    Coverage,
    Codegen { check: bool },
    BenchDeploy(bench::Options),
    BenchPeers { binary: Option<PathBuf> },
    BenchPlan { binary: Option<PathBuf> },
    BenchJournal { binary: Option<PathBuf> },
    BenchStart { binary: Option<PathBuf> },
}

/// Reads the command line, without the program's own name.
///
/// # Errors
/// A sentence that says which word is not understood.
pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut words = words.peekable();
    let Some(name) = words.next() else { return Ok(Command::Help) };
    let rest: Vec<String> = words.collect();
    if matches!(name.as_str(), "-h" | "--help" | "help") || (name != "test" && rest.iter().any(is_help)) {
        return Ok(Command::Help);
    }
    match name.as_str() {
        "ci" => Ok(Command::Ci { fail_fast: switch(&name, &rest, "--fail-fast")? }),
        "fmt" => Ok(Command::Format { check: switch(&name, &rest, "--check")? }),
        "codegen" => Ok(Command::Codegen { check: switch(&name, &rest, "--check")? }),
        "api" => Ok(Command::Api { check: switch(&name, &rest, "--check")? }),
        "release" => Ok(Command::Release(release::Options::parse(&rest)?)),
        "test" => Ok(Command::Test { arguments: rest }),
        "lint" => plain(&name, &rest, Command::Lint),
        "tidy" => plain(&name, &rest, Command::Tidy),
        "msrv" => plain(&name, &rest, Command::Msrv),
        "features" => plain(&name, &rest, Command::Features),
        "doc" => plain(&name, &rest, Command::Doc),
        "pipelines" => plain(&name, &rest, Command::Pipelines),
        "deny" => plain(&name, &rest, Command::Deny),
        "interop" => plain(&name, &rest, Command::Interop),
        "parity" => Ok(Command::Parity(parity::Options::parse(&rest)?)),
        "chaos" => plain(&name, &rest, Command::Chaos),
        "coverage" => plain(&name, &rest, Command::Coverage),
        "bench" => match rest.split_first() {
            Some((what, options)) if what == "deploy" => Ok(Command::BenchDeploy(bench::Options::parse(options)?)),
            Some((what, options)) if what == "peers" => {
                Ok(Command::BenchPeers { binary: bench::only_binary(what, options)? })
            }
            Some((what, options)) if what == "plan" => {
                Ok(Command::BenchPlan { binary: bench::only_binary(what, options)? })
            }
            Some((what, options)) if what == "journal" => {
                Ok(Command::BenchJournal { binary: bench::only_binary(what, options)? })
            }
            Some((what, options)) if what == "start" => {
                Ok(Command::BenchStart { binary: bench::only_binary(what, options)? })
            }
            _ => Err("`bench` measures `deploy`, `peers`, `plan`, `journal` or `start`".to_owned()),
        },
        other => Err(format!("there is no chore `{other}`")),
    }
}

fn is_help(word: &String) -> bool {
    word == "-h" || word == "--help"
}

fn plain(name: &str, rest: &[String], command: Command) -> Result<Command, String> {
    match rest.first() {
        None => Ok(command),
        Some(word) => Err(format!("`{name}` takes no `{word}`")),
    }
}

fn switch(name: &str, rest: &[String], known: &str) -> Result<bool, String> {
    match rest.iter().find(|word| *word != known) {
        None => Ok(!rest.is_empty()),
        Some(word) => Err(format!("`{name}` takes no `{word}`, only `{known}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_command_in_the_help_is_understood() {
        let commands = HELP.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        // A line that is indented further goes on with the one before.
        let first_words = commands.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
        let names: Vec<_> = first_words.filter_map(|line| line.split_whitespace().next()).collect();
        assert!(names.len() >= 8, "{names:?}");
        for name in names {
            let line = if name == "bench" { "bench deploy" } else { name };
            assert!(read(line).is_ok(), "{name}");
        }
    }

    #[test]
    fn switches_are_read_and_unknown_words_refused() {
        assert_eq!(read("codegen --check"), Ok(Command::Codegen { check: true }));
        assert_eq!(read("fmt"), Ok(Command::Format { check: false }));
        assert_eq!(read("lint --fast"), Err("`lint` takes no `--fast`".to_owned()));
        assert_eq!(read("ci --chekc"), Err("`ci` takes no `--chekc`, only `--fail-fast`".to_owned()));
        assert_eq!(read("dance"), Err("there is no chore `dance`".to_owned()));
    }

    #[test]
    fn test_hands_its_words_on_to_cargo() {
        assert_eq!(
            read("test -p x --help"),
            Ok(Command::Test { arguments: vec!["-p".into(), "x".into(), "--help".into()] })
        );
    }
}
