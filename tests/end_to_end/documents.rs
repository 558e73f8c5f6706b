//! The documents: every block of commands that is marked as runnable is run, and every page that has one is found.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::binary::{self, Stage};
use crate::example::copy_example;

/// How a runnable block begins, however far it is indented.
const BEGIN: &str = "```sh runnable";

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The runnable blocks of a page as one script: a later block sees what an earlier one set.
fn script(page: &str) -> String {
    let mut script = String::new();
    let mut inside = false;
    for line in page.lines() {
        match line.trim_start() {
            BEGIN => inside = true,
            "```" => inside = false,
            command if inside => {
                script.push_str(command);
                script.push('\n');
            }
            _ => {}
        }
    }
    script
}

fn run(name: &Path, script: &str) {
    let stage = Stage::new();
    copy_example(stage.directory.path());
    let folder = binary::binary().parent().unwrap().to_owned();
    let inherited = std::env::var_os("PATH").unwrap();
    let path = [folder].into_iter().chain(std::env::split_paths(&inherited));
    for branch in ["main", "feature/returns"] {
        let hosted = json!({"gitProviderType": "GitHub", "ownerName": "contoso", "repositoryName": "fabric",
            "branchName": branch, "directoryName": "items"});
        stage.emulator.host_repository(&hosted).unwrap();
    }
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-exo", "pipefail", "-c", script]).current_dir(stage.directory.path());
    command.env("PATH", std::env::join_paths(path).unwrap());
    command.env("FABRIC_ENDPOINT", stage.emulator.endpoint()).env("FABRIC_TOKEN", stage.emulator.token());
    command.env("GITHUB_TOKEN", "a-token-of-github").env_remove("FABRIC_GIT_CONNECTION_ID");
    command.env("FEATURE_USE_ROLLBACK", "on").env_remove("GITHUB_ACTIONS").env_remove("TF_BUILD");
    let run = binary::run(&mut command);
    assert_eq!(run.code, 0, "{}:\n{}\n{}", name.display(), run.stdout, run.stderr);
}

#[test]
fn the_commands_of_the_documents_run() {
    let mut found = Vec::new();
    pages(&binary::repository().join("docs"), &mut found);
    let scripts: Vec<_> = found
        .into_iter()
        .map(|page| (script(&fs::read_to_string(&page).unwrap()), page))
        .filter(|(script, _)| !script.is_empty())
        .collect();
    let marked =
        ["RUNBOOK.md", "PRODUCTION_CHECKLIST.md", "from-fabric-cicd.md", "from-the-python-scripts.md", "docs/git.md"];
    for expected in marked {
        assert!(scripts.iter().any(|(_, page)| page.ends_with(expected)), "{expected} has commands that run");
    }
    std::thread::scope(|scope| {
        for (script, page) in &scripts {
            scope.spawn(|| run(page, script));
        }
    });
}

/// The address of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|letter| letter.is_alphanumeric() || ['-', '_'].contains(letter)).collect()
}

/// The lines of a page outside blocks of code.
fn prose(page: &str) -> Vec<&str> {
    let mut inside = false;
    let mut kept = Vec::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            kept.push(line);
        }
    }
    kept
}

#[test]
fn every_link_to_a_heading_leads_to_one() {
    let root = binary::repository();
    let mut found = vec![root.join("README.md"), root.join("ARCHITECTURE.md"), root.join("CONTRIBUTING.md")];
    for folder in ["docs", "crates", "examples"] {
        pages(&root.join(folder), &mut found);
    }
    let mut followed = 0;
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        let targets = prose(&text).into_iter().flat_map(|line| line.split("](").skip(1));
        for target in targets.filter_map(|rest| rest.split(')').next()).filter(|target| !target.contains("://")) {
            let Some((file, heading)) = target.split_once('#') else { continue };
            let other = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let text =
                fs::read_to_string(&other).unwrap_or_else(|error| panic!("{}: {target}: {error}", page.display()));
            let headings = prose(&text).into_iter().filter(|line| line.starts_with('#'));
            let leads = headings.map(|line| anchor(line.trim_start_matches('#').trim())).any(|found| found == heading);
            assert!(leads, "{}: {target}", page.display());
            followed += 1;
        }
    }
    assert!(followed > 10, "{followed}");
}

/// The first cells of the table below a heading of the runbook.
fn rows_of_runbook(heading: &str) -> Vec<String> {
    let runbook = fs::read_to_string(binary::repository().join("docs/operations/RUNBOOK.md")).unwrap();
    let (_, section) = runbook.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    rows.skip(1).map(str::to_owned).collect()
}

#[test]
fn the_runbook_knows_every_alert() {
    let alerts = fs::read_to_string(binary::repository().join("docs/observability/alerts.json")).unwrap();
    let alerts: serde_json::Value = serde_json::from_str(&alerts).unwrap();
    let names = alerts["resources"].as_array().unwrap().iter().map(|rule| rule["properties"]["displayName"].as_str());
    let names: Vec<_> = names.map(|name| name.unwrap().to_owned()).collect();
    assert_eq!(rows_of_runbook("By alert"), names);
}

#[test]
fn only_what_is_marked_is_run() {
    let page = "text\n```sh\nnot this\n```\n  ```sh runnable\n  this\n  ```\nnor this\n```sh runnable\nand this\n```\n";
    assert_eq!(script(page), "this\nand this\n");
}
