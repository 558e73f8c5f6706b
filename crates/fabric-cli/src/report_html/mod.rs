//! One deployment as a page that needs nothing else: no script, no font, no picture from elsewhere.

mod graph;
mod markup;
mod timeline;

use std::fmt::Write;

use fabric_deploy::plan::{Action, Plan};
use fabric_txn::{Phase, Record, State, StepState, StepStatus};
use serde_json::Value;

use markup::{duration, moment, text, word};

const STYLE: &str = include_str!("page.css");

/// The page of a transaction, from its journal.
pub(crate) fn page(state: &State, records: &[Record], plan: &Plan) -> String {
    let id = state.transaction.map(|id| id.to_string()).unwrap_or_default();
    let mut page = String::new();
    let style = STYLE;
    let title = format!("Deployment to {}", plan.workspace_name);
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{} · {}</title>\n<style>\n{style}</style>\n</head>\n\
         <body>\n<header>\n<h1>{} <span class=\"state {}\">{}</span></h1>\n<p class=\"faint\">{}</p>\n</header>\n<main>\n",
        text(&title),
        text(&id),
        text(&title),
        class_of(&state.phase),
        text(state.phase.name()),
        text(&id),
    );
    facts(&mut page, state, plan);
    changes(&mut page, state, plan);
    undone(&mut page, state);
    timeline::section(&mut page, state, records);
    graph::section(&mut page, state);
    let _ = write!(
        page,
        "</main>\n<footer><p class=\"faint\">Written by fabric-cli {} from {} records of the journal.</p></footer>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        records.len(),
    );
    page
}

fn facts(page: &mut String, state: &State, plan: &Plan) {
    let took = state.changed_at_ms.saturating_sub(state.begun_at_ms);
    let flags = state.meta.get("flags").and_then(Value::as_object);
    let on = flags.map(|flags| {
        let on = flags.iter().filter(|(_, value)| **value == Value::Bool(true)).map(|(name, _)| name.as_str());
        on.collect::<Vec<_>>().join(", ")
    });
    let mut rows = vec![
        ("Workspace", plan.workspace_name.clone()),
        ("Environment", plan.environment.clone()),
        ("Begun", moment(state.begun_at_ms)),
        ("Took", duration(took)),
        ("By", state.holder.clone()),
        ("Features on", on.filter(|on| !on.is_empty()).unwrap_or_else(|| "none".to_owned())),
    ];
    if let Some(reason) = &state.reason {
        rows.push(("Rolled back because", reason.clone()));
    }
    if let Phase::Abandoned { by, reason } = &state.phase {
        rows.push(("Given up", format!("by {by}: {reason}")));
    }
    page.push_str("<dl>\n");
    for (name, value) in rows {
        let _ = writeln!(page, "<dt>{name}</dt><dd>{}</dd>", text(&value));
    }
    page.push_str("</dl>\n");
}

fn changes(page: &mut String, state: &State, plan: &Plan) {
    page.push_str(
        "<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">What changed</h2>\n<div class=\"wide\" tabindex=\"0\"><table>\n\
         <caption>Every step, in the order of the plan</caption>\n<thead><tr><th scope=\"col\">Step</th>\
         <th scope=\"col\">Change</th><th scope=\"col\">Outcome</th><th scope=\"col\">Tries</th>\
         <th scope=\"col\">Requests sent</th><th scope=\"col\">Waited between them</th><th scope=\"col\">Throttled</th><th scope=\"col\">First try to last change</th><th scope=\"col\">Said</th></tr></thead>\n<tbody>\n",
    );
    for step in &state.steps {
        let planned = plan.steps.iter().find(|planned| planned.id == step.spec.name);
        let change = planned.map_or("verification", |planned| word_of(planned.change.action()));
        let number = |name: &str| step.output.get(name).and_then(Value::as_u64);
        let sent = number("attempts");
        let waited = number("waited_ms").filter(|waited| *waited > 0).map(duration);
        let throttled = number("throttled").filter(|throttled| *throttled > 0);
        let took = step.started_at_ms.map(|started| duration(step.changed_at_ms.saturating_sub(started)));
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{change}</td><td><span class=\"state {}\">{}</span></td><td>{}</td>\
             <td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            text(&step.spec.name),
            class_of_step(step.status),
            text(&word(&step.status)),
            step.attempts,
            sent.map(|sent| sent.to_string()).unwrap_or_default(),
            waited.unwrap_or_default(),
            throttled.map(|throttled| throttled.to_string()).unwrap_or_default(),
            took.unwrap_or_default(),
            text(step.failure.as_ref().map_or("", |failure| failure.message.as_str())),
        );
    }
    page.push_str("</tbody>\n</table></div>\n</section>\n");
}

fn undone(page: &mut String, state: &State) {
    let touched: Vec<&StepState> = state.steps.iter().filter(|step| step.undo_attempts > 0).collect();
    page.push_str("<section aria-labelledby=\"undone\">\n<h2 id=\"undone\">What was undone</h2>\n");
    if touched.is_empty() {
        page.push_str("<p>Nothing.</p>\n");
    } else {
        page.push_str("<ul>\n");
        for step in touched {
            let _ = writeln!(
                page,
                "<li>{}: <span class=\"state {}\">{}</span></li>",
                text(&step.spec.name),
                class_of_step(step.status),
                text(&word(&step.status)),
            );
        }
        page.push_str("</ul>\n");
    }
    if let Phase::Stuck { left } = &state.phase {
        page.push_str("<h3>What is left</h3>\n<ul>\n");
        for left in left {
            let _ = writeln!(page, "<li>{}</li>", text(&left.to_string()));
        }
        page.push_str("</ul>\n");
    }
    page.push_str("</section>\n");
}

fn word_of(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Move => "move",
        Action::Delete => "delete",
        Action::Unchanged => "unchanged",
    }
}

fn class_of(phase: &Phase) -> &'static str {
    match phase {
        Phase::Committed => "good",
        Phase::RolledBack => "back",
        Phase::Stuck { .. } | Phase::Abandoned { .. } => "bad",
        Phase::NeverBegun | Phase::Voided | Phase::Open | Phase::RollingBack => "open",
    }
}

fn class_of_step(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Applied => "good",
        StepStatus::Undone => "back",
        StepStatus::NotApplied | StepStatus::Unknown | StepStatus::UndoFailed | StepStatus::UndoUnknown => "bad",
        StepStatus::Registered | StepStatus::Started | StepStatus::Undoing => "open",
    }
}
