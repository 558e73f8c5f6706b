//! The command line's own contract: usage, formats, colours, credentials.

use serde_json::Value;

use crate::binary::{self, ACTIVE_CAPACITY, Stage};
use crate::sources;

#[test]
fn wrong_usage_is_64_and_help_is_0() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| binary::run(binary::fabric_cli(directory.path()).args(arguments));
    run(&["deploy"]).exits(64);
    run(&["deploy", "--config", "a", "--source", "b"]).exits(64);
    run(&["--log-level", "[[", "validate", "--config", "a"]).exits(64);
    assert!(run(&["--version"]).exits(0).stdout.starts_with("fabric-cli "));
    for command in ["validate", "plan", "deploy", "export", "emulator serve"] {
        let arguments: Vec<_> = command.split(' ').chain(["--help"]).collect();
        let help = run(&arguments).exits(0);
        assert!(help.stdout.contains("Example"), "{command} has no example: {}", help.stdout);
    }
}

/// What `--help` lists below "Commands:".
fn listed(help: &str) -> Vec<&str> {
    let (_, list) = help.split_once("\nCommands:\n").expect("the help lists the commands");
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect()
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| binary::run(binary::fabric_cli(directory.path()).args(arguments)).exits(0).stdout;
    let help = run(&["-h"]);
    let commands = listed(&help);
    assert!(commands.contains(&"deploy") && commands.len() > 20, "{commands:?}");
    let manual = run(&["man"]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell]);
        for command in &commands {
            assert!(script.contains(command), "{shell} does not complete {command}");
        }
        assert!(script.contains("detailed-exitcode"), "{shell} completes options");
    }
    for command in &commands {
        let escaped = command.replace('-', "\\-");
        assert!(manual.contains(&format!(".TH {escaped}")) || manual.contains(&escaped), "the manual lacks {command}");
    }
    assert!(manual.contains(".TH fabric-cli") && manual.contains("FABRIC_TOKEN"));
}

#[test]
fn without_an_identity_nothing_is_sent_and_the_message_says_what_to_do() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let mut command = binary::fabric_cli(stage.directory.path());
    let denied = binary::run(
        command
            .args(["deploy", "--source", "source", "--workspace", "W"])
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("PATH", ""),
    )
    .exits(4);
    assert!(denied.stderr.contains("FABRIC_TOKEN") && denied.stderr.contains("--emulator"), "{}", denied.stderr);
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[test]
fn a_token_goes_to_https_or_this_machine_only() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let refused = stage
        .run(&["--endpoint", "http://fabric.example", "deploy", "--source", "source", "--workspace", "W"])
        .exits(7);
    assert!(refused.stderr.contains("https"), "{}", refused.stderr);
}

#[test]
fn an_env_file_gives_what_the_process_does_not_set() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let text = format!("FABRIC_ENDPOINT={}\nFABRIC_TOKEN={}\n", stage.emulator.endpoint(), stage.emulator.token());
    std::fs::write(stage.directory.path().join("my.env"), text).unwrap();
    let plan = ["plan", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY];
    let mut command = binary::fabric_cli(stage.directory.path());
    binary::run(command.args(["--env-file", "my.env"]).args(plan)).exits(0);

    std::fs::write(stage.directory.path().join("broken.env"), "FABRIC_TOKEN='canary-5f1d\n").unwrap();
    let mut command = binary::fabric_cli(stage.directory.path());
    let broken = binary::run(command.args(["--env-file", "broken.env"]).args(plan)).exits(7);
    assert!(broken.stderr.contains("broken.env") && !broken.stderr.contains("canary"), "{}", broken.stderr);
}

#[test]
fn ndjson_gives_each_step_and_the_document_last() {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "print(1)");
    sources::notebook(&root.join("Folder"), "Two", 2, "print(2)");
    let run = stage
        .run(&["--output", "ndjson", "deploy", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY])
        .exits(0);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (document, steps) = lines.split_last().unwrap();
    assert_eq!(document["status"], "committed");
    assert_eq!(document["steps"].as_array().unwrap().len(), steps.len());
    let ids: Vec<_> = steps.iter().map(|step| step["id"].as_str().unwrap()).collect();
    let position = |id: &str| ids.iter().position(|other| *other == id).unwrap_or_else(|| panic!("{id} in {ids:?}"));
    assert_eq!(position("workspace/create"), 0, "{ids:?}");
    assert!(position("folder/Folder/create") < position("item/Two.Notebook/create"), "{ids:?}");
    for step in steps {
        assert_eq!(step["status"], "applied");
        assert!(step["resource_id"].is_string(), "{step}");
        assert!(step["request_id"].is_string(), "{step}");
        assert_eq!(step["attempts"], 1, "{step}");
    }
}

#[test]
fn the_document_has_the_members_of_the_contract() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let document = stage.json(0, &["deploy", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY]);
    let members = [
        "schema_version",
        "command",
        "status",
        "transaction_id",
        "environment",
        "workspace",
        "flags",
        "summary",
        "steps",
        "left_behind",
        "duration_ms",
    ];
    for member in members {
        assert!(document.get(member).is_some(), "{member} is missing: {document}");
    }
    let step = &document["steps"][0];
    for member in [
        "id",
        "action",
        "kind",
        "type",
        "name",
        "resource_id",
        "status",
        "attempts",
        "duration_ms",
        "request_id",
        "error",
    ] {
        assert!(step.get(member).is_some(), "{member} is missing: {step}");
    }
    assert_eq!(document["schema_version"], "1");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let plan = ["plan", "--source", "source", "--workspace", "W"];
    assert!(!stage.run(&plan).exits(0).stdout.contains('\u{1b}'));
    let colored: Vec<_> = ["--color", "always"].iter().chain(&plan).copied().collect();
    assert!(stage.run(&colored).exits(0).stdout.contains('\u{1b}'));
}

#[test]
fn a_dry_run_changes_nothing() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let document = stage
        .json(0, &["deploy", "--dry-run", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY]);
    assert_eq!(document["status"], "planned");
    assert_eq!(document["summary"]["create"], 1);
    assert_eq!(stage.mutations(), [] as [String; 0]);
}
