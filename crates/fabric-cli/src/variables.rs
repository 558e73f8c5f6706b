//! Every variable that is read from the environment: the one list, from which `.env.example` is written.

/// A variable.
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is for, in sentences.
    purpose: &'static str,
    /// What `.env.example` shows as its value.
    example: &'static str,
}

macro_rules! variables {
    ($($constant:ident = $name:literal, $purpose:literal, $example:literal;)+) => {
        $(#[doc = $purpose] pub(crate) const $constant: Variable =
            Variable { name: $name, purpose: $purpose, example: $example };)+

        /// All of them but the feature flags, which are listed by `fabric-flags`.
        const ALL: &[&Variable] = &[$(&$constant),+];
    };
}

variables! {
    ENDPOINT = "FABRIC_ENDPOINT", "The Fabric API.", "https://api.fabric.microsoft.com";
    TOKEN = "FABRIC_TOKEN",
        "A bearer token for it, where one was fetched by other means. Treat it like a password.", "";
    CONCURRENCY = "FABRIC_CONCURRENCY", "How many requests may be under way at once.", "64";
    MAX_ATTEMPTS = "FABRIC_MAX_ATTEMPTS",
        "How often one call is sent at most, with FEATURE_USE_RETRY_LOGIC.", "4";
    TIMEOUT = "FABRIC_TIMEOUT",
        "How long one call may take with all its attempts, with FEATURE_USE_RETRY_LOGIC.", "300s";
    SETTLE = "FABRIC_SETTLE",
        "How long a create that a lost answer or a crash left in doubt is looked for before it counts as not done.", "20s";
    FLAG_FILE = "FABRIC_FLAG_FILE", "A flag file in Microsoft's Feature Management format.", "flags.json";
    STATE = "FABRIC_STATE",
        "Where transactions are recorded, with FEATURE_USE_ROLLBACK: a folder, or az://container/path, s3://…, gs://… with the store's own variables for account and credentials.",
        "az://deployments/state";
    HOST = "HOSTNAME", "What this machine is called in the record of a lease.", "build-7";
    NO_COLOR = "NO_COLOR", "Any value: no colour (https://no-color.org).", "1";
    FORCE_COLOR = "FORCE_COLOR", "Any value: colour even where the output is not a terminal.", "1";
}

/// What `--help` says of them.
pub(crate) fn help() -> String {
    let with_example = |variable: &Variable| match variable.example {
        "" => format!("  {:<20} {}", variable.name, variable.purpose),
        example => format!("  {:<20} {} For instance {example}.", variable.name, variable.purpose),
    };
    let rows = ALL.iter().map(|variable| with_example(variable));
    format!("Environment variables:\n{}\n\n{}", rows.collect::<Vec<_>>().join("\n"), fabric_flags::help_text())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::Path;

    use super::ALL;

    fn env_example() -> String {
        let mut text = String::from(
            "# Variables that fabric-cli reads, written by `cargo xtask codegen`. Copy this file to `.env` and fill in what you\n\
             # need; `.env` is never committed. A variable that is set in the process wins over the file.\n",
        );
        for variable in ALL {
            write!(text, "\n# {}\n#{}={}\n", variable.purpose, variable.name, variable.example).unwrap();
        }
        text.push('\n');
        text.push_str(fabric_flags::env_section().trim_end());
        text.push('\n');
        text
    }

    /// The README with the table of flags in its place.
    fn with_flags(readme: &str) -> String {
        let (begin, end) = ("<!-- generated: flags -->\n", "<!-- /generated -->");
        let (before, rest) = readme.split_once(begin).expect("the README marks where the table begins");
        let (_, after) = rest.split_once(end).expect("the README marks where the table ends");
        format!("{before}{begin}{}\n{end}{after}", fabric_flags::markdown_table().trim_end())
    }

    #[track_caller]
    fn compare_or_write(path: &str, expected: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap();
        assert_eq!(found, expected, "{} is not up to date: run `cargo xtask codegen`", path.display());
    }

    #[test]
    fn the_documents_name_every_variable_and_flag() {
        compare_or_write(".env.example", &env_example());
        let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        let readme = std::fs::read_to_string(readme).unwrap();
        compare_or_write("README.md", &with_flags(&readme));
    }
}
