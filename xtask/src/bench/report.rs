//! What was measured, as the Markdown of `docs/performance.md`.

use std::fmt::Write as _;

use super::case::Case;
use super::critical_path;
use super::options::Profile;
use super::timed::Timed;
use crate::emulator::Traffic;

/// Who deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    FabricCli,
    FabricCicd,
}

/// Onto what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// An empty workspace.
    Create,
    /// A workspace in which every notebook has another content.
    Update,
    /// A workspace in which everything is as wanted.
    Again,
}

/// One measured deployment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) case: Case,
    pub(crate) profile: Profile,
    pub(crate) tool: Tool,
    pub(crate) what: What,
    pub(crate) timed: Timed,
    pub(crate) traffic: Traffic,
}

/// The tables.
pub(crate) fn markdown(runs: &[Run]) -> String {
    let mut text = String::from(
        "| case | server | tool | run | wall s | requests | changing | processor s | critical path s | wall / path |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for run in runs {
        let path = critical_path::seconds(run.case, run.what, run.profile);
        let ratio = if path > 0.0 { format!("{:.2}", run.timed.wall / path) } else { "–".to_owned() };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.2} | {} | {} | {:.2} | {path:.1} | {ratio} |",
            run.case.name(),
            run.profile,
            run.tool.name(),
            run.what.name(),
            run.timed.wall,
            run.traffic.requests,
            run.traffic.changing,
            run.timed.processor,
        );
    }
    let comparison = comparison(runs);
    if !comparison.is_empty() {
        text.push_str(
            "\n| case | server | run | fabric-cicd / fabric-cli, wall | processor |\n|---|---|---|---|---|\n",
        );
        text.push_str(&comparison);
    }
    text
}

fn comparison(runs: &[Run]) -> String {
    let mut text = String::new();
    for ours in runs.iter().filter(|run| run.tool == Tool::FabricCli) {
        let same = |run: &&Run| {
            run.tool == Tool::FabricCicd && (run.case, run.profile, run.what) == (ours.case, ours.profile, ours.what)
        };
        if let Some(theirs) = runs.iter().find(same) {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {:.1} | {:.1} |",
                ours.case.name(),
                ours.profile,
                ours.what.name(),
                theirs.timed.wall / ours.timed.wall,
                theirs.timed.processor / ours.timed.processor,
            );
        }
    }
    text
}

impl Tool {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FabricCli => "fabric-cli",
            Self::FabricCicd => "fabric-cicd",
        }
    }
}

impl What {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Again => "unchanged",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tools_are_compared_where_both_ran() {
        let run = |tool, wall| Run {
            case: Case::Notebooks(50),
            profile: Profile { latency: 100, operation: 2_000, always: false },
            tool,
            what: What::Create,
            timed: Timed { wall, processor: 1.0 },
            traffic: Traffic { requests: 203, changing: 50 },
        };
        let text = markdown(&[run(Tool::FabricCli, 3.0), run(Tool::FabricCicd, 18.0)]);
        assert!(
            text.contains("| notebooks-50 | 100 ms, 2 s | fabric-cli | create | 3.00 | 203 | 50 | 1.00 | 2.5 | 1.20 |"),
            "{text}"
        );
        assert!(text.contains("| notebooks-50 | 100 ms, 2 s | create | 6.0 | 1.0 |"), "{text}");
        assert!(!markdown(&[run(Tool::FabricCli, 3.0)]).contains("fabric-cicd"));
    }
}
