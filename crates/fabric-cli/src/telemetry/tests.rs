//! The end of a command, whichever it is: what was known until then is told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use fabric_flags::{FlagSet, Sources};
use serde_json::Value;
use tracing::subscriber::with_default;
use tracing_subscriber::layer::SubscriberExt;

use super::*;

fn flags(on: bool) -> Snapshot {
    FlagSet::resolve(&Sources::new().command_line([format!("FEATURE_USE_TELEMETRY={on}")])).unwrap()
}

/// One command at a time: whoever panics is heard in the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// What is in the file after a command that did this.
fn told(work: fn() -> Result<Exit, Failure>) -> Vec<Value> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("telemetry.jsonl");
    let environment = Environment::of(&[("FABRIC_TELEMETRY_FILE", file.to_str().unwrap())]);
    let flags = flags(true);
    let session = start(&flags, &environment).unwrap().unwrap();
    let subscriber = tracing_subscriber::registry().with(session.telemetry().layer());
    let _ = catch_unwind(AssertUnwindSafe(|| {
        with_default(subscriber, || {
            tracing::callsite::rebuild_interest_cache();
            session.run("deploy", &flags, &environment, work)
        })
    }));
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn root(lines: &[Value]) -> &Value {
    let root = lines.iter().find(|line| line["kind"] == "server");
    &root.expect("the command is told of")["attributes"]
}

fn exception(lines: &[Value]) -> &Value {
    let exception = lines.iter().find(|line| line["name"] == "exception");
    &exception.expect("an error is an event")["attributes"]
}

#[test]
fn off_there_is_no_session() {
    assert!(start(&flags(false), &Environment::of(&[])).unwrap().is_none());
}

#[test]
fn a_failure_is_told_with_its_reason() {
    let lines = told(|| Err(Failure::TelemetryNowhere));
    assert_eq!(root(&lines)["cicd.pipeline.result"], "error");
    assert_eq!(root(&lines)["error.type"], "invalid_input");
    assert_eq!(root(&lines)["process.exit.code"], 7);
    assert_eq!(exception(&lines)["exception.type"], "invalid_input");
}

#[test]
fn an_end_without_an_error_has_its_exit_code() {
    let lines = told(|| Ok(Exit::RolledBack));
    assert_eq!(
        (&root(&lines)["cicd.pipeline.result"], &root(&lines)["error.type"]),
        (&"failure".into(), &"rolled_back".into())
    );
    assert!(lines.iter().all(|line| line["name"] != "exception"), "{lines:?}");
}

#[test]
fn a_panic_is_told_and_what_came_before_it() {
    let lines = told(|| panic!("on purpose"));
    assert_eq!(root(&lines)["cicd.pipeline.result"], "error");
    assert_eq!(root(&lines)["error.type"], "panic");
    assert_eq!(exception(&lines)["exception.type"], "panic");
    assert_eq!(exception(&lines)["exception.message"], "on purpose");
    assert!(lines.iter().any(|line| line["name"] == "feature_flag.evaluation"));
}
