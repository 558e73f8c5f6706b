//! The gates: which files together must be reached how far.

use std::fmt::Write as _;

use anyhow::ensure;

use super::summary::File;

/// A group of files with a limit.
pub(super) struct Gate {
    name: &'static str,
    /// What the group's paths begin with, from the root of the workspace.
    paths: &'static [&'static str],
    /// The share of lines, in percent, that the tests must exceed.
    above: f64,
}

/// Retry is what decides whether something is sent twice, so it has the highest limit.
pub(super) const GATES: &[Gate] = &[
    Gate {
        name: "retry",
        paths: &[
            "crates/fabric-resilience/src/retry",
            "crates/fabric-resilience/src/schedule.rs",
            "crates/fabric-resilience/src/budget.rs",
            "crates/fabric-resilience/src/attempts.rs",
            "crates/fabric-resilience/src/deadline.rs",
            "crates/fabric-resilience/src/classify.rs",
            "crates/fabric-resilience/src/http/retry.rs",
        ],
        above: 95.0,
    },
    Gate {
        name: "breaker",
        paths: &["crates/fabric-resilience/src/breaker", "crates/fabric-resilience/src/http/breaker.rs"],
        above: 90.0,
    },
    Gate { name: "flags", paths: &["crates/fabric-flags/src/"], above: 90.0 },
    Gate { name: "telemetry", paths: &["crates/fabric-telemetry/src/"], above: 90.0 },
    Gate { name: "transactions", paths: &["crates/fabric-txn/src/"], above: 90.0 },
    Gate { name: "secrets", paths: &["crates/fabric-secrets/src/"], above: 90.0 },
    Gate { name: "identity", paths: &["crates/fabric-identity/src/"], above: 90.0 },
    Gate { name: "health", paths: &["crates/fabric-cli/src/health/"], above: 90.0 },
    Gate { name: "audit", paths: &["crates/fabric-cli/src/audit/"], above: 90.0 },
    Gate {
        name: "traces",
        paths: &["crates/fabric-cli/src/telemetry/", "crates/fabric-cli/src/layers/trace.rs"],
        above: 90.0,
    },
    Gate { name: "reports", paths: &["crates/fabric-cli/src/report_html/"], above: 90.0 },
    Gate {
        name: "secrets, used",
        paths: &[
            "crates/fabric-cli/src/secrets",
            "crates/fabric-cli/src/identity.rs",
            "crates/fabric-cli/src/layers/vault.rs",
            "crates/fabric-cli/src/commands/secrets.rs",
            "crates/fabric-cli/src/render/secrets.rs",
            "crates/fabric-deploy/src/secret.rs",
        ],
        above: 90.0,
    },
    Gate { name: "graph", paths: &["crates/fabric-client/src/graph/", "crates/fabric-cli/src/graph.rs"], above: 90.0 },
    Gate {
        name: "principals",
        paths: &[
            "crates/fabric-deploy/src/principals",
            "crates/fabric-deploy/src/product/principals.rs",
            "crates/fabric-deploy/src/product/users.rs",
            "crates/fabric-cli/src/commands/principals.rs",
        ],
        above: 90.0,
    },
    Gate { name: "emulated Entra", paths: &["crates/fabric-emulator/src/services/entra/"], above: 90.0 },
    Gate { name: "emulated vault", paths: &["crates/fabric-emulator/src/services/key_vault/"], above: 90.0 },
    Gate { name: "emulated Graph", paths: &["crates/fabric-emulator/src/services/graph/"], above: 90.0 },
    Gate {
        name: "git",
        paths: &[
            "crates/fabric-client/src/api/git.rs",
            "crates/fabric-client/src/model/git.rs",
            "crates/fabric-client/src/model/repository_access.rs",
            "crates/fabric-deploy/src/git/",
            "crates/fabric-deploy/src/execute/git.rs",
            "crates/fabric-deploy/src/product/git.rs",
            "crates/fabric-deploy/src/transaction/git.rs",
            "crates/fabric-cli/src/commands/git/",
            "crates/fabric-cli/src/render/git.rs",
            "crates/fabric-cli/src/repository_access.rs",
        ],
        above: 90.0,
    },
    Gate { name: "sign-in", paths: &["crates/fabric-cli/src/login/"], above: 90.0 },
    Gate {
        name: "emulated Git",
        paths: &[
            "crates/fabric-emulator/src/api/git/",
            "crates/fabric-emulator/src/git/",
            "crates/fabric-emulator/src/services/github.rs",
            "crates/fabric-emulator/src/world/git.rs",
        ],
        above: 90.0,
    },
];

/// Everything that is shipped, as far as tests reach it that see it from outside.
pub(super) const INTEGRATION: Gate = Gate { name: "from outside", paths: &["crates/"], above: 80.0 };

/// A gate, and how far its files were reached.
pub(super) struct Row {
    pub(super) name: &'static str,
    files: usize,
    lines: u64,
    reached: u64,
    above: f64,
    /// The files of which lines are missing, and how many.
    missing: Vec<(String, u64)>,
}

impl Gate {
    /// Adds up the group's files.
    ///
    /// # Errors
    /// No file begins with one of the group's paths: the gate would watch nothing.
    pub(super) fn judge(&self, files: &[File]) -> anyhow::Result<Row> {
        let mut row = Row { name: self.name, files: 0, lines: 0, reached: 0, above: self.above, missing: Vec::new() };
        for path in self.paths {
            let found: Vec<_> = files.iter().filter(|file| file.path.starts_with(path)).collect();
            ensure!(!found.is_empty(), "the gate `{}` names `{path}`, of which no test reports a line", self.name);
            row.files += found.len();
            row.lines += found.iter().map(|file| file.lines).sum::<u64>();
            row.reached += found.iter().map(|file| file.reached).sum::<u64>();
            let missing = found.iter().filter(|file| file.reached < file.lines);
            row.missing.extend(missing.map(|file| (file.path.clone(), file.lines - file.reached)));
        }
        row.missing.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
        Ok(row)
    }
}

impl Row {
    pub(super) fn passes(&self) -> bool {
        self.percent() > self.above
    }

    #[expect(clippy::cast_precision_loss, reason = "no crate has 2^52 lines")]
    fn percent(&self) -> f64 {
        if self.lines == 0 { 0.0 } else { 100.0 * self.reached as f64 / self.lines as f64 }
    }
}

/// How many files of a row below its limit are named: the first are worth a look, a hundred are not read.
const NAMED: usize = 20;

/// The closing table.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text =
        format!("{:<14} {:>5} {:>6} {:>8} {:>8} {:>8}\n", "gate", "files", "lines", "reached", "percent", "above");
    for row in rows {
        let Row { name, files, lines, reached, above, missing } = row;
        let verdict = if row.passes() { "ok" } else { "BELOW" };
        let _ = writeln!(
            text,
            "{name:<14} {files:>5} {lines:>6} {reached:>8} {:>8.2} {above:>8.0}  {verdict}",
            row.percent()
        );
        for (path, lines) in missing.iter().take(NAMED).filter(|_| !row.passes()) {
            let _ = writeln!(text, "    {lines:>4} lines of {path}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: Gate = Gate { name: "retry", paths: &["a/src/retry", "a/src/budget.rs"], above: 95.0 };

    fn file(path: &str, lines: u64, reached: u64) -> File {
        File { path: path.to_owned(), lines, reached }
    }

    #[test]
    fn files_of_a_group_are_added_up() {
        let files = [file("a/src/retry.rs", 90, 88), file("a/src/budget.rs", 10, 8), file("a/src/other.rs", 1_000, 0)];
        let row = GATE.judge(&files).unwrap();
        assert!(row.passes());
        assert!(table(&[row]).contains("retry              2    100       96    96.00       95  ok"));
    }

    #[test]
    fn exactly_the_limit_is_not_above_it() {
        let files = [file("a/src/retry.rs", 90, 87), file("a/src/budget.rs", 10, 8)];
        let row = GATE.judge(&files).unwrap();
        assert!(!row.passes());
        let table = table(&[row]);
        assert!(table.contains("BELOW"));
        assert!(table.contains("3 lines of a/src/retry.rs\n       2 lines of a/src/budget.rs"), "{table}");
    }

    #[test]
    fn a_gate_that_watches_nothing_is_an_error() {
        assert!(GATE.judge(&[file("a/src/retry.rs", 90, 90)]).is_err());
    }
}
