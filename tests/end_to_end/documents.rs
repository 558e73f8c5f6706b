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

#[test]
fn only_what_is_marked_is_run() {
    let page = "text\n```sh\nnot this\n```\n  ```sh runnable\n  this\n  ```\nnor this\n```sh runnable\nand this\n```\n";
    assert_eq!(script(page), "this\nand this\n");
}
