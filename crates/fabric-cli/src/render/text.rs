//! Results for people.

use std::io::{self, Write};
use std::path::Path;

use anstyle::Style;
use fabric_deploy::desired::{DesiredState, WorkspaceSelector};
use fabric_deploy::diagnostic::Severity;
use fabric_deploy::export::Exported;
use fabric_deploy::plan::{
    Action, Change, ChosenStrategy, KeepReason, KeptItem, Kind, PartAction, PartChange, Plan, Strategy,
};
use fabric_deploy::report::{self, Status, StepReport, StepStatus, Summary};
use fabric_flags::Snapshot;

use super::style::{CREATE, DELETE, ERROR, FAINT, HINT, MOVE, STRONG, UPDATE, WARNING};
use super::{Document, ResolvedPrincipal};
use crate::failure::Failure;

/// How many lines of a diff are shown before it is cut.
const DIFF_LINES: usize = 40;

/// The sign of an action.
pub(super) fn sign(action: Action) -> char {
    match action {
        Action::Create => '+',
        Action::Update => '~',
        Action::Move => '>',
        Action::Delete => '-',
        Action::Unchanged => '=',
    }
}

fn style(action: Action) -> Style {
    match action {
        Action::Create => CREATE,
        Action::Update => UPDATE,
        Action::Move => MOVE,
        Action::Delete => DELETE,
        Action::Unchanged => FAINT,
    }
}

/// What a step is about: `Notebook "01_Load"`, `folder "/Ingest"`.
pub(crate) fn step_name(step: &StepReport) -> String {
    let what = match (step.kind, &step.item_type) {
        (Kind::EnvironmentPublish, _) => "publish of Environment",
        (Kind::Connection, _) => "connection of SemanticModel",
        (Kind::Shortcut, _) => "shortcut of Lakehouse",
        (Kind::ActiveValueSet, _) => "active value set of VariableLibrary",
        (_, Some(item_type)) => item_type,
        (Kind::GitCredentials, _) => "connection to the provider",
        (Kind::GitConnection, _) => "Git connection to",
        (Kind::GitCommit, _) => "commit to Git:",
        (Kind::Workspace, _) => "workspace",
        (Kind::Capacity, _) => "capacity",
        (Kind::Folder, _) => "folder",
        (Kind::RoleAssignment, _) => "role of",
        (Kind::Item, None) => "item",
    };
    let place = step.place.iter().map(|place| format!(": {place}")).collect::<String>();
    format!("{what} \"{}\"{place}", step.name)
}

pub(super) fn plan(out: &mut dyn Write, plan: &Plan, document: &Document) -> io::Result<()> {
    let state = if plan.workspace.is_some() { "" } else { " (will be created)" };
    writeln!(out, "Workspace {STRONG}{}{STRONG:#}{state}, environment {}", plan.workspace_name, plan.environment)?;
    if plan.is_empty() {
        writeln!(out, "Nothing to change: {} items are as the files describe them.", plan.unchanged.len())?;
        return kept(out, &document.kept);
    }
    writeln!(out)?;
    for (step, report) in plan.steps.iter().zip(&document.steps) {
        let style = style(report.action);
        write!(out, "  {style}{} {}{style:#}", sign(report.action), step_name(report))?;
        writeln!(out, "{}", detail(&step.change))?;
        if let Change::UpdateDefinition { parts, .. } = &step.change {
            parts.iter().try_for_each(|part| part_change(out, part))?;
        }
    }
    writeln!(out)?;
    writeln!(out, "{STRONG}Plan{STRONG:#}: {}", counts(&document.summary, "to "))?;
    if let Some(strategy) = &document.strategy {
        self::strategy(out, strategy)?;
    }
    kept(out, &document.kept)
}

fn strategy(out: &mut dyn Write, strategy: &ChosenStrategy) -> io::Result<()> {
    let asked = match strategy.asked {
        Strategy::Auto => "auto",
        Strategy::Items => "items",
        Strategy::Bulk => "bulk",
    };
    let imports: Vec<_> = strategy.imports.iter().map(ToString::to_string).collect();
    let how = match imports.as_slice() {
        [] => format!("{} one by one", strategy.single),
        _ => format!(
            "{} in bulk imports of {}, {} one by one",
            strategy.imports.iter().sum::<usize>(),
            imports.join(", "),
            strategy.single
        ),
    };
    writeln!(out, "{STRONG}Strategy{STRONG:#} {asked}: {how} ({})", strategy.reason)
}

fn detail(change: &Change) -> String {
    match change {
        Change::MoveItem { folder, .. } => format!(" from {} to {}", folder.from, folder.to),
        Change::DescribeWorkspace { description } => format!(": {:?} becomes {:?}", description.from, description.to),
        Change::UpdateMetadata { name, description, .. } => {
            let name = name.iter().map(|name| format!(" name {:?} becomes {:?}", name.from, name.to));
            let description =
                description.iter().map(|text| format!(" description {:?} becomes {:?}", text.from, text.to));
            name.chain(description).collect::<Vec<_>>().join(",")
        }
        Change::AddRole { role, principal_type, .. } => format!(": {role:?} ({principal_type:?})"),
        Change::ChangeRole { role, .. } => format!(": {} becomes {}", or_none(role.from), or_none(role.to)),
        Change::ConnectGit { from: Some(from), .. } => format!(" instead of {}", from.provider),
        Change::SetActiveValueSet { value_set, .. } => {
            format!(": {}", value_set.to.as_deref().unwrap_or("none"))
        }
        _ => String::new(),
    }
}

fn or_none(role: Option<fabric_deploy::desired::WorkspaceRole>) -> String {
    role.map_or_else(|| "none".to_owned(), |role| format!("{role:?}"))
}

fn part_change(out: &mut dyn Write, part: &PartChange) -> io::Result<()> {
    let (style, sign) = match part.action {
        PartAction::Add => (CREATE, '+'),
        PartAction::Remove => (DELETE, '-'),
        PartAction::Change => (UPDATE, '~'),
    };
    writeln!(out, "      {style}{sign} {}{style:#}", part.path)?;
    let Some(diff) = &part.diff else { return writeln!(out, "        (binary)") };
    for line in diff.lines().take(DIFF_LINES) {
        let style = match line.as_bytes().first() {
            Some(b'+') => CREATE,
            Some(b'-') => DELETE,
            Some(b'@') => HINT,
            _ => Style::new(),
        };
        writeln!(out, "        {style}{line}{style:#}")?;
    }
    match diff.lines().count().checked_sub(DIFF_LINES) {
        Some(more) if more > 0 => writeln!(out, "        {FAINT}… {more} more lines (--output json has all){FAINT:#}"),
        _ => Ok(()),
    }
}

fn kept(out: &mut dyn Write, kept: &[KeptItem]) -> io::Result<()> {
    let count = |reason| kept.iter().filter(|item| item.reason == reason && item.shortcut.is_none()).count();
    let not_selected = count(KeepReason::NotSelected);
    if not_selected > 0 {
        writeln!(out, "{FAINT}{not_selected} items of the workspace are not selected and left alone.{FAINT:#}")?;
    }
    let shortcuts = kept.iter().filter(|item| item.shortcut.is_some()).count();
    if shortcuts > 0 {
        writeln!(
            out,
            "{FAINT}{shortcuts} shortcuts that the files do not have are kept (--prune deletes them).{FAINT:#}"
        )?;
    }
    let not_pruned = count(KeepReason::NotPruned);
    if not_pruned > 0 {
        writeln!(
            out,
            "{FAINT}{not_pruned} items that the files do not have are kept (--prune deletes them).{FAINT:#}"
        )?;
    }
    let holding_data = count(KeepReason::HoldsData);
    if holding_data > 0 {
        writeln!(
            out,
            "{FAINT}{holding_data} items that the files do not have hold data and are kept (--prune-data deletes them).{FAINT:#}"
        )?;
    }
    Ok(())
}

/// How many items of each kind, in words: `3 to create, …` or `3 created, …`.
pub(crate) fn counts(summary: &Summary, infinitive: &str) -> String {
    let word =
        |verb: &str, past: &str| if infinitive.is_empty() { past.to_owned() } else { format!("{infinitive}{verb}") };
    let mut parts = vec![
        format!("{} {}", summary.create, word("create", "created")),
        format!("{} {}", summary.update, word("update", "updated")),
        format!("{} {}", summary.moved, word("move", "moved")),
        format!("{} {}", summary.delete, word("delete", "deleted")),
        format!("{} unchanged", summary.unchanged),
    ];
    if summary.failed > 0 {
        parts.push(format!("{} failed", summary.failed));
    }
    parts.join(", ")
}

pub(super) fn deployed(out: &mut dyn Write, document: &Document) -> io::Result<()> {
    let workspace = document.workspace.as_ref().map(|workspace| workspace.name.as_str()).unwrap_or_default();
    for step in document.steps.iter().filter(|step| step.status == StepStatus::Failed) {
        failed_step(out, step)?;
    }
    let skipped = document.steps.iter().filter(|step| step.status == StepStatus::Skipped).count();
    if skipped > 0 {
        writeln!(out, "{skipped} steps were not started.")?;
    }
    for left in document.left_behind.iter().filter(|left| document.transaction_id.is_some() || left.step == "verify") {
        writeln!(out, "{WARNING}{}{WARNING:#}\n  {}", left.what, left.remedy)?;
    }
    let seconds = std::time::Duration::from_millis(document.duration_ms).as_secs_f64();
    let (style, word) = match document.status {
        Status::Committed => (CREATE, "Deployed and verified"),
        Status::Unchanged => (CREATE, "Unchanged"),
        Status::RolledBack => (WARNING, "Rolled back and verified"),
        Status::Stuck => (ERROR, "Failed, and something is left"),
        Status::Interrupted => (WARNING, "Interrupted"),
        _ => (ERROR, "Failed"),
    };
    writeln!(
        out,
        "{style}{word}{style:#}: workspace {STRONG}{workspace}{STRONG:#}: {} in {seconds:.1} s",
        counts(&document.summary, "")
    )?;
    if let Some(reason) = &document.reason {
        writeln!(out, "reason: {reason}")?;
    }
    match (document.status, &document.transaction_id) {
        (Status::Failed | Status::Interrupted, None) => {
            let applied = document.steps.iter().filter(|step| step.status == StepStatus::Applied).count();
            writeln!(
                out,
                "{applied} steps were applied and are not rolled back. Mend the cause and deploy again: what is right is kept."
            )
        }
        (Status::Interrupted, Some(transaction)) => writeln!(
            out,
            "Go on with `fabric-cli resume {transaction}`, or undo it with `fabric-cli rollback {transaction}`."
        ),
        (Status::RolledBack, Some(transaction)) => {
            writeln!(out, "The workspace is as it was before. `fabric-cli show {transaction}` tells what happened.")
        }
        (Status::Stuck, Some(transaction)) => writeln!(
            out,
            "`fabric-cli rollback {transaction}` tries again what is left; `fabric-cli abandon {transaction}` ends it on record."
        ),
        _ => kept(out, &document.kept),
    }
}

fn failed_step(out: &mut dyn Write, step: &StepReport) -> io::Result<()> {
    writeln!(out, "{ERROR}failed{ERROR:#} {} {}", sign(step.action), step_name(step))?;
    let Some(error) = &step.error else { return Ok(()) };
    writeln!(out, "  {}: {}", error.code, error.message)?;
    if error.outcome_unknown {
        writeln!(out, "  The service did not say whether it was done.")?;
    }
    if let Some(request_id) = &step.request_id {
        writeln!(out, "  request id: {request_id}")?;
    }
    match error.remedy {
        Some(remedy) => writeln!(out, "  {HINT}remedy{HINT:#}: {remedy}"),
        None => Ok(()),
    }
}

pub(super) fn valid(out: &mut dyn Write, desired: &DesiredState) -> io::Result<()> {
    let workspace = match &desired.workspace.selector {
        WorkspaceSelector::Id(id) => id.to_string(),
        WorkspaceSelector::Name(name) => name.clone(),
    };
    writeln!(
        out,
        "{CREATE}Valid{CREATE:#}: {} items, {} folders, {} roles for workspace {STRONG}{workspace}{STRONG:#}, environment {}",
        desired.items.len(),
        desired.folders().len(),
        desired.roles.len(),
        desired.environment,
    )
}

pub(super) fn exported(out: &mut dyn Write, directory: &Path, exported: &Exported) -> io::Result<()> {
    for item in &exported.items {
        let note = if item.has_definition { "" } else { " (no definition: the service does not give one)" };
        writeln!(out, "  {}/{}{FAINT}{note}{FAINT:#}", directory.display(), item.directory)?;
    }
    writeln!(out, "{CREATE}Exported{CREATE:#}: {} items to {}", exported.items.len(), directory.display())
}

pub(super) fn flags(out: &mut dyn Write, flags: &Snapshot) -> io::Result<()> {
    if let Some(profile) = flags.profile() {
        writeln!(out, "profile {STRONG}{profile}{STRONG:#}")?;
    }
    for row in flags.explain() {
        let style = if row.value { CREATE } else { FAINT };
        writeln!(out, "{style}{row}{style:#}\n    {}. {}", row.feature.summary(), row.feature.effect())?;
    }
    Ok(())
}

pub(super) fn principals(out: &mut dyn Write, principals: &[ResolvedPrincipal]) -> io::Result<()> {
    for principal in principals {
        let known_as = principal.known_as.as_ref().map(|known_as| format!(" ({known_as})")).unwrap_or_default();
        let ResolvedPrincipal { kind, name, id, .. } = principal;
        writeln!(out, "{STRONG}{id}{STRONG:#}  {kind} {name}{FAINT}{known_as}{FAINT:#}")?;
    }
    Ok(())
}

pub(super) fn failure(out: &mut dyn Write, failure: &Failure) -> io::Result<()> {
    if let Some(diagnostics) = failure.diagnostics() {
        let mut errors = 0;
        for diagnostic in diagnostics.iter() {
            let style = if diagnostic.severity == Severity::Error { ERROR } else { WARNING };
            errors += usize::from(diagnostic.severity == Severity::Error);
            writeln!(out, "{style}{diagnostic}{style:#}")?;
        }
        return writeln!(out, "{ERROR}{errors} errors{ERROR:#}: nothing was sent that changes anything.");
    }
    writeln!(out, "{ERROR}error{ERROR:#}: {}", report::error_text(failure))?;
    if let Some(request_id) = failure.fabric().and_then(fabric_client::Error::request_id) {
        writeln!(out, "  request id: {request_id}")?;
    }
    match failure.remedy() {
        Some(remedy) => writeln!(out, "  {HINT}remedy{HINT:#}: {remedy}"),
        None => Ok(()),
    }
}
