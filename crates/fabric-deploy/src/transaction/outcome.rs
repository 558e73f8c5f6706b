//! What became of a transaction, as the report of a deployment.

use std::collections::HashMap;

use fabric_txn::{
    End, Failure, Finding, Left, Report as TransactionReport, State, StepState, StepStatus as TransactionStatus, Why,
};
use serde_json::Value;

use super::{VERIFY, change_of, id_of};
use crate::plan::{Change, Plan, PlannedStep, Strategy};
use crate::report::{LeftBehind, NO_TOKEN, Report, Status, StepFailure, StepReport, StepStatus};

use super::step::Steps;

/// The report of a deployment whose transaction ended as `ended` says. What this process did itself, `steps` knows better
/// than the journal: durations, attempts, request ids.
pub fn report(plan: &Plan, steps: &Steps, ended: &TransactionReport) -> Report {
    let mut own = steps.reports();
    let reports = ended
        .steps
        .iter()
        .filter(|step| step.spec.kind != VERIFY)
        .filter_map(|step| {
            let mut report = own.remove(&step.spec.name).or_else(|| from_journal(step))?;
            report.status = status_of(step.status);
            report.resource_id = id_of(&step.output).map(|id| id.to_string()).or(report.resource_id);
            if matches!(report.status, StepStatus::Failed | StepStatus::UndoFailed) {
                report.error = report.error.or_else(|| step.failure.as_ref().map(of_failure));
            }
            Some(report)
        })
        .collect();
    let status = match ended.end {
        End::Committed => Status::Committed,
        End::RolledBack => Status::RolledBack,
        End::Stuck => Status::Stuck,
        End::Abandoned => Status::Failed,
        _ => Status::Interrupted,
    };
    let transaction = ended.transaction.map(|id| id.to_string());
    let mut left: Vec<_> =
        ended.left.iter().map(|left| left_behind(left, transaction.as_deref().unwrap_or_default())).collect();
    if status != Status::Committed {
        left.extend(steps.mismatches().into_iter().filter(|_| status != Status::RolledBack));
    }
    let report = Report::assemble(plan, status, steps.workspace_id(), reports, left);
    Report { transaction_id: transaction, reason: ended.reason.clone(), ..report }
}

/// The plan that a transaction carries out, as its journal tells it.
pub fn plan_of(state: &State) -> Plan {
    let steps: Vec<_> = state.steps.iter().filter(|step| step.spec.kind != VERIFY).collect();
    let place: HashMap<&str, usize> =
        steps.iter().enumerate().map(|(index, step)| (step.spec.name.as_str(), index)).collect();
    let text = |pointer: &str| state.meta.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    Plan {
        environment: text("/environment"),
        workspace: None,
        workspace_name: text("/workspace/name"),
        steps: steps
            .iter()
            .filter_map(|step| {
                let after = step.spec.after.iter().filter_map(|name| place.get(name.as_str()).copied()).collect();
                Some(PlannedStep { id: step.spec.name.clone(), change: change_of(&step.spec.payload)?, after })
            })
            .collect(),
        unchanged: Vec::new(),
        kept: Vec::new(),
        // What is left of an interrupted deployment goes one by one.
        strategy: Strategy::Items,
        imports: Vec::new(),
    }
}

/// The objects that each item of the files was created as by these transactions, by its logical id.
pub fn created<'a>(states: impl IntoIterator<Item = &'a State>) -> HashMap<uuid::Uuid, Vec<uuid::Uuid>> {
    let mut created: HashMap<_, Vec<_>> = HashMap::new();
    for step in states.into_iter().flat_map(|state| &state.steps) {
        if step.status == TransactionStatus::Applied
            && let Some(Change::CreateItem { logical_id: Some(logical_id), .. }) = change_of(&step.spec.payload)
            && let Some(id) = id_of(&step.output)
        {
            created.entry(logical_id).or_default().push(id);
        }
    }
    created
}

/// What a survey found not to be as the transaction left it.
pub fn moved(survey: &[(String, Finding)]) -> Vec<String> {
    let not_as_left = survey.iter().filter(|(step, _)| step != VERIFY);
    not_as_left
        .filter_map(|(step, finding)| match finding {
            Finding::Applied(_) => None,
            Finding::NotApplied => Some(format!("{step}: its effect is no longer there")),
            Finding::Unknown(failure) => Some(format!("{step}: {failure}")),
        })
        .collect()
}

/// What the journal alone tells of a step.
fn from_journal(step: &StepState) -> Option<StepReport> {
    let change = change_of(&step.spec.payload)?;
    let planned = PlannedStep { id: step.spec.name.clone(), change, after: Vec::new() };
    Some(StepReport { attempts: step.attempts, ..StepReport::not_run(&planned, StepStatus::Skipped) })
}

fn status_of(status: TransactionStatus) -> StepStatus {
    match status {
        TransactionStatus::Registered => StepStatus::Skipped,
        TransactionStatus::Applied => StepStatus::Applied,
        TransactionStatus::Undone => StepStatus::Undone,
        TransactionStatus::Undoing | TransactionStatus::UndoFailed | TransactionStatus::UndoUnknown => {
            StepStatus::UndoFailed
        }
        TransactionStatus::Started | TransactionStatus::NotApplied | TransactionStatus::Unknown => StepStatus::Failed,
    }
}

fn of_failure(failure: &Failure) -> StepFailure {
    let code = code_of(failure).unwrap_or("failed");
    StepFailure {
        code: code.to_owned(),
        message: failure.message.clone(),
        http_status: failure
            .detail
            .get("http_status")
            .and_then(Value::as_u64)
            .and_then(|status| status.try_into().ok()),
        remedy: crate::report::remedy(code),
        outcome_unknown: false,
        try_later: failure.detail.get("try_later").and_then(Value::as_bool).unwrap_or_default(),
    }
}

fn code_of(failure: &Failure) -> Option<&str> {
    failure.detail.get("code").and_then(Value::as_str)
}

/// What is left of a step, with the command that does something about it.
fn left_behind(left: &Left, transaction: &str) -> LeftBehind {
    let remedy = match &left.why {
        Why::Irreversible if left.step == "git/commit" => {
            "the commit stays on the branch: when the workspace is back, `fabric-cli git commit` brings the branch to it"
                .to_owned()
        }
        Why::Irreversible => format!(
            "it held data and cannot be brought back; `fabric-cli abandon {transaction} --reason lost` ends the \
             transaction on record"
        ),
        Why::UndoFailed(failure) | Why::Unknown(failure) if code_of(failure) == Some(NO_TOKEN) => format!(
            "once the credential works again, `fabric-cli rollback {transaction}` goes on where it stopped; `fabric-cli \
             health --only identity` says what it lacks"
        ),
        Why::UndoFailed(_) => {
            format!("mend the cause and run `fabric-cli rollback {transaction}`: it goes on where it stopped")
        }
        Why::Unknown(_) => format!(
            "look at it in the workspace; then `fabric-cli rollback {transaction}` again, or `fabric-cli abandon`"
        ),
        Why::NeededBy(_) => {
            format!("it goes when what needs it goes: run `fabric-cli rollback {transaction}` again")
        }
        _ => format!("run `fabric-cli rollback {transaction}` again"),
    };
    LeftBehind { step: left.step.clone(), what: left.to_string(), remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runbook_quotes_what_is_said_of_everything_that_may_be_left() {
        let runbook = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations/RUNBOOK.md");
        // A package of this crate alone has no runbook.
        let Ok(runbook) = std::fs::read_to_string(runbook) else { return };
        let failure = || Failure::new("refused");
        let no_token = Failure::new("the credential gave no token for Fabric")
            .with_detail(serde_json::json!({ "code": NO_TOKEN }));
        let left = |step: &str, why| left_behind(&Left { step: step.to_owned(), why }, "TXN");
        let cases = [
            ("cannot be undone", left("item/delete", Why::Irreversible)),
            ("the undo failed", left("item/create", Why::UndoFailed(failure()))),
            ("it is not known whether it is there", left("item/create", Why::Unknown(failure()))),
            ("still needed by", left("workspace/create", Why::NeededBy("item/create".to_owned()))),
            ("the commit stays on the branch", left("git/commit", Why::Irreversible)),
            ("the credential gave no token", left("item/create", Why::UndoFailed(no_token))),
        ];
        for (words, told) in cases {
            assert!(format!("{} {}", told.what, told.remedy).contains(words), "{words}: {told:?}");
            assert!(runbook.contains(&format!("*{words}")), "the runbook does not know of {words:?}");
            assert!(told.remedy.contains("`fabric-cli "), "{told:?} names a command");
        }
    }
}
