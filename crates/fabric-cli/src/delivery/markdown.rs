//! The result as a page in Markdown: the summary of a pipeline's run, or a comment on a change.

use std::fmt::Write;

use fabric_deploy::plan::PartAction;
use fabric_deploy::report::{Status, StepReport, StepStatus};

use super::finding::{self, Finding};
use crate::render::{self, Document};

/// How many steps a table shows: a summary may hold 1 MiB.
const ROWS: usize = 500;

/// How much of the diffs is shown: a comment on a change may hold 65 536 characters.
const DIFFS: usize = 40_000;

/// The page.
pub(super) fn page(document: &Document, findings: &[Finding<'_>]) -> String {
    let mut page = String::new();
    let workspace = document.workspace.as_ref().map(|workspace| workspace.name.as_str()).unwrap_or_default();
    let _ = writeln!(page, "### fabric-cli {}: {}\n", document.command, title(document.status));
    if !workspace.is_empty() {
        let environment = document.environment.as_deref().unwrap_or("default");
        let _ = writeln!(page, "Workspace **{}**, environment `{environment}`.", text(workspace));
    }
    if let Some(transaction) = &document.transaction_id {
        let _ = writeln!(page, "Transaction `{transaction}`.");
    }
    let counts = render::counts(&document.summary, if document.status == Status::Planned { "to " } else { "" });
    let _ = writeln!(page, "{counts}.\n");
    table_of_findings(&mut page, findings);
    table_of_steps(&mut page, document);
    diffs(&mut page, &document.steps);
    page
}

fn title(status: Status) -> &'static str {
    match status {
        Status::Committed => "deployed and verified",
        Status::Unchanged => "nothing to change",
        Status::Planned => "a plan",
        Status::RolledBack => "rolled back and verified",
        Status::Failed => "failed",
        Status::Stuck => "failed, and something is left",
        Status::Interrupted => "interrupted",
        Status::Refused => "refused, nothing was sent that changes anything",
    }
}

fn table_of_findings(page: &mut String, findings: &[Finding<'_>]) {
    if findings.is_empty() {
        return;
    }
    page.push_str("| | where | what |\n|---|---|---|\n");
    for found in findings.iter().take(ROWS) {
        let place = found.place.map(|place| format!("`{place}`")).unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {} | {} |", found.code, place.replace('|', "\\|"), text(&found.message));
    }
    more(page, findings.len());
}

fn table_of_steps(page: &mut String, document: &Document) {
    let changing: Vec<_> = document.steps.iter().filter(|step| step.status != StepStatus::Unchanged).collect();
    if changing.is_empty() {
        return;
    }
    page.push_str("| action | what | status | ms |\n|---|---|---|---|\n");
    for step in changing.iter().take(ROWS) {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            finding::action(step.action),
            text(&render::step_name(step)),
            word(step.status),
            if step.attempts == 0 { String::new() } else { step.duration_ms.to_string() },
        );
    }
    more(page, changing.len());
}

fn more(page: &mut String, rows: usize) {
    match rows.checked_sub(ROWS) {
        Some(more) if more > 0 => {
            let _ = writeln!(page, "\n… and {more} more: `--report json=FILE` has all.\n");
        }
        _ => page.push('\n'),
    }
}

fn word(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Applied => "applied",
        StepStatus::Unchanged => "unchanged",
        StepStatus::Undone => "undone",
        StepStatus::Failed => "**failed**",
        StepStatus::UndoFailed => "**undo failed**",
        StepStatus::Skipped => "skipped",
        StepStatus::Planned => "planned",
    }
}

fn diffs(page: &mut String, steps: &[StepReport]) {
    let mut left = DIFFS;
    for step in steps {
        for part in &step.parts {
            let Some(diff) = part.diff.as_deref().filter(|_| part.action == PartAction::Change) else { continue };
            if diff.len() > left {
                let _ =
                    writeln!(page, "The other differences are too long for this page: `--report json=FILE` has all.");
                return;
            }
            left -= diff.len();
            let fence = fence(diff);
            let _ = writeln!(
                page,
                "<details><summary>{} <code>{}</code></summary>\n\n{fence}diff\n{}\n{fence}\n\n</details>\n",
                html(&render::step_name(step)),
                html(&part.path),
                diff.trim_end(),
            );
        }
    }
}

/// A fence that the content cannot close.
fn fence(content: &str) -> String {
    let longest = content.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// Text in a cell of a table: names are data, and must not become markup.
fn text(cell: &str) -> String {
    let mut escaped = String::with_capacity(cell.len());
    for character in cell.chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_markup() {
        assert_eq!(text("a|b\n<img> [x](y) `c`"), "a\\|b &lt;img> \\[x\\](y) \\`c\\`");
        assert_eq!(fence("```` inside"), "`````");
        assert_eq!(fence("nothing"), "```");
    }
}
