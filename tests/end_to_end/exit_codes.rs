//! Every exit code is reached by the binary, and every list of them names the same codes.

use std::collections::BTreeSet;
use std::fs;

use fabric_emulator::Fault;
use serde_json::json;

use crate::binary::{self, ACTIVE_CAPACITY, Run, Stage, fabric_cli};
use crate::sources;

const PLAN: [&str; 7] = ["plan", "--source", "source", "--workspace", "W", "--environment", "dev"];
const DEPLOY: [&str; 9] =
    ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev", "--capacity", ACTIVE_CAPACITY];
const ROLLBACK: [&str; 4] = ["--flag", "FEATURE_USE_ROLLBACK=on", "--settle", "100ms"];

/// A code, and what leads to it.
type Reached = (i32, fn(&Stage) -> Run);

const REACHED: [Reached; 10] = [
    (0, |stage| stage.run(&DEPLOY)),
    (1, |stage| refusing(stage, &["CreateItem"], 400, &DEPLOY)),
    (2, |stage| stage.run(&[&PLAN[..], &["--detailed-exitcode"]].concat())),
    (4, |stage| refusing(stage, &["ListWorkspaces"], 401, &DEPLOY)),
    (5, |stage| refusing(stage, &["CreateItem"], 400, &[&DEPLOY[..], &ROLLBACK].concat())),
    (6, |stage| refusing(stage, &["CreateItem", "DeleteWorkspace"], 403, &[&DEPLOY[..], &ROLLBACK].concat())),
    (7, |stage| {
        fs::remove_file(stage.path("source/One.Notebook/notebook-content.py")).unwrap();
        stage.run(&DEPLOY)
    }),
    (64, |stage| stage.run(&["deploy"])),
    (75, |stage| refusing(stage, &["ListWorkspaces"], 429, &DEPLOY)),
    (130, |stage| refusing(stage, &["CreateItem"], 400, &[&DEPLOY[..], &ROLLBACK, &["--on-failure", "keep"]].concat())),
];

/// The same, where the service refuses these operations.
fn refusing(stage: &Stage, operations: &[&str], code: u16, arguments: &[&str]) -> Run {
    let fault = |operation: &&str| json!({ "match": { "operation": operation }, "kind": { "status": { "code": code, "applied": false } } });
    let faults: Vec<Fault> = serde_json::from_value(operations.iter().map(fault).collect()).unwrap();
    stage.emulator.set_faults(faults);
    stage.run(arguments)
}

/// What `--help` says: each code with its meaning.
fn listed() -> Vec<(i32, String)> {
    let directory = tempfile::tempdir().unwrap();
    let help = binary::run(fabric_cli(directory.path()).arg("--help")).exits(0).stdout;
    let (_, list) = help.split_once("Exit codes:\n").expect("the help lists them");
    let mut listed: Vec<(i32, String)> = Vec::new();
    for line in list.lines().take_while(|line| !line.is_empty()) {
        let (first, rest) = line.trim().split_once(' ').expect("a code and its meaning");
        match first.parse() {
            Ok(code) => listed.push((code, rest.trim().to_owned())),
            // The meaning goes on.
            Err(_) => listed.last_mut().unwrap().1.push_str(&format!(" {}", line.trim())),
        }
    }
    listed
}

#[test]
fn every_exit_code_is_reached() {
    let reached: BTreeSet<i32> = REACHED.iter().map(|(code, _)| *code).collect();
    let listed: BTreeSet<i32> = listed().into_iter().map(|(code, _)| code).collect();
    assert_eq!(reached, listed, "a code that nothing here leads to, or that is not listed");
    for (code, lead_to) in REACHED {
        let stage = Stage::new();
        sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
        lead_to(&stage).exits(code);
    }
}

#[test]
fn every_list_of_exit_codes_is_the_same() {
    let listed = listed();
    let readme = fs::read_to_string(binary::repository().join("README.md")).unwrap();
    for (code, meaning) in &listed {
        assert!(readme.contains(&format!("| {code} | {meaning} |\n")), "README.md: {code} {meaning}");
    }
    let runbook = fs::read_to_string(binary::repository().join("docs/operations/RUNBOOK.md")).unwrap();
    let (_, section) = runbook.split_once("## By exit code\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok());
    let codes: Vec<i32> = rows.collect();
    assert_eq!(codes, listed.iter().map(|(code, _)| *code).collect::<Vec<_>>(), "RUNBOOK.md");
}
