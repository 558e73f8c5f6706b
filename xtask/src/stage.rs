//! Stages that run one after another, are timed, and end in a table.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How a chore ended that did not fail.
#[derive(Debug)]
pub(crate) enum Outcome {
    Passed,
    /// It passed, with something the reader must know, such as a check that could not be made.
    PassedBut(String),
}

/// One step of a longer run.
pub(crate) struct Stage<'a> {
    pub(crate) name: &'static str,
    /// The stage without which this one cannot tell anything.
    pub(crate) needs: Option<&'static str>,
    pub(crate) run: Box<dyn FnOnce() -> anyhow::Result<Outcome> + 'a>,
}

/// What became of a stage.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    PassedBut(String),
    Failed(String),
    Skipped(String),
}

/// A line of the closing table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) took: Duration,
}

/// Runs every stage that can still tell something: one that fails stops only those that need it, or, with
/// `fail_fast`, all that follow.
pub(crate) fn run_all(stages: Vec<Stage<'_>>, fail_fast: bool) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for stage in stages {
        let blocking = rows.iter().find(|row| row.stops() && (fail_fast || stage.needs == Some(row.name)));
        let (verdict, took) = match blocking {
            Some(row) => (Verdict::Skipped(format!("{} did not pass", row.name)), Duration::ZERO),
            None => timed(stage.name, stage.run),
        };
        rows.push(Row { name: stage.name, verdict, took });
    }
    rows
}

#[expect(clippy::disallowed_methods, reason = "the table shows how long a stage took")]
fn timed<'a>(name: &str, run: Box<dyn FnOnce() -> anyhow::Result<Outcome> + 'a>) -> (Verdict, Duration) {
    eprintln!("\n── {name} {}", "─".repeat(76_usize.saturating_sub(name.len())));
    let start = Instant::now();
    let verdict = match run() {
        Ok(Outcome::Passed) => Verdict::Passed,
        Ok(Outcome::PassedBut(remark)) => Verdict::PassedBut(remark),
        Err(error) => Verdict::Failed(format!("{error:#}")),
    };
    (verdict, start.elapsed())
}

/// The closing table.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<10} {:<8} {:>9}\n", "stage", "result", "seconds");
    for row in rows {
        let (word, remark) = match &row.verdict {
            Verdict::Passed => ("ok", ""),
            Verdict::PassedBut(remark) => ("ok, but", remark.as_str()),
            Verdict::Failed(why) => ("FAILED", why.as_str()),
            Verdict::Skipped(why) => ("skipped", why.as_str()),
        };
        let line = format!("{:<10} {word:<8} {:>9.1}  {remark}", row.name, row.took.as_secs_f64());
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let total: Duration = rows.iter().map(|row| row.took).sum();
    let _ = writeln!(text, "{:<10} {:<8} {:>9.1}", "total", "", total.as_secs_f64());
    text
}

impl Row {
    /// Whether what depends on this stage has nothing to stand on.
    pub(crate) fn stops(&self) -> bool {
        matches!(self.verdict, Verdict::Failed(_) | Verdict::Skipped(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage<'a>(name: &'static str, needs: Option<&'static str>, passes: bool) -> Stage<'a> {
        let run = move || if passes { Ok(Outcome::Passed) } else { Err(anyhow::anyhow!("broken")) };
        Stage { name, needs, run: Box::new(run) }
    }

    fn verdicts(rows: &[Row]) -> Vec<&'static str> {
        rows.iter()
            .map(|row| match row.verdict {
                Verdict::Passed | Verdict::PassedBut(_) => "ok",
                Verdict::Failed(_) => "failed",
                Verdict::Skipped(_) => "skipped",
            })
            .collect()
    }

    fn three<'a>() -> Vec<Stage<'a>> {
        vec![stage("build", None, false), stage("test", Some("build"), true), stage("doc", None, true)]
    }

    #[test]
    fn a_failure_stops_only_what_needs_it() {
        assert_eq!(verdicts(&run_all(three(), false)), ["failed", "skipped", "ok"]);
    }

    #[test]
    fn fail_fast_stops_everything_after_the_failure() {
        assert_eq!(verdicts(&run_all(three(), true)), ["failed", "skipped", "skipped"]);
    }

    #[test]
    fn the_table_says_why() {
        let table = table(&run_all(three(), false));
        assert!(table.contains("build      FAILED"), "{table}");
        assert!(table.contains("broken"), "{table}");
        assert!(table.contains("build did not pass"), "{table}");
    }
}
