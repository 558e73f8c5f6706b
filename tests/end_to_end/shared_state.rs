//! Transactions recorded in Azure Blob Storage, as Azurite plays it: pipelines run on machines that vanish.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::binary::{self, ACTIVE_CAPACITY, Run, Stage};
use crate::sources;

/// A deployment that is a transaction.
const DEPLOY: [&str; 11] = [
    "deploy",
    "--source",
    "source",
    "--workspace",
    "W",
    "--environment",
    "dev",
    "--capacity",
    ACTIVE_CAPACITY,
    "--flag",
    "FEATURE_USE_ROLLBACK=on",
];

pub(crate) struct Azurite {
    process: Child,
    pub(crate) address: String,
    /// Everything that it keeps.
    pub(crate) data: tempfile::TempDir,
}

impl Azurite {
    /// `None`, and a loud line, where there is none on this machine.
    pub(crate) fn start() -> Option<Self> {
        let Some(tools) = std::env::var_os("FABRIC_AZURITE") else {
            eprintln!("SKIPPED: FABRIC_AZURITE is not set: `cargo xtask test` installs Azurite where Node.js is");
            return None;
        };
        let data = tempfile::tempdir().unwrap();
        let mut process = Command::new("node")
            .arg(binary::repository().join("tests/azurite.mjs"))
            .arg(tools)
            .arg(data.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "Azurite did not start: {address:?}");
        Some(Self { process, address, data })
    }

    fn run(&self, stage: &Stage, arguments: &[&str]) -> Run {
        binary::run(
            binary::fabric_cli(stage.directory.path())
                .args(["--output", "json", "--state", "az://deployments/team/state", "--settle", "100ms"])
                .args(arguments)
                .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
                .env("FABRIC_TOKEN", stage.emulator.token())
                .env("AZURE_STORAGE_USE_EMULATOR", "true")
                .env("AZURITE_BLOB_STORAGE_URL", &self.address),
        )
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

#[test]
fn another_machine_takes_back_what_one_deployed() {
    let Some(azurite) = Azurite::start() else { return };
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let deployed = azurite.run(&stage, &DEPLOY).exits(0).document();
    assert_eq!(deployed["status"], "committed");
    assert!(!stage.directory.path().join(".fabric").exists(), "nothing is kept on the machine");
    let history = azurite.run(&stage, &["history"]).exits(0).document();
    assert_eq!(history["transactions"][0]["transaction_id"], deployed["transaction_id"]);
    let undone = azurite.run(&stage, &["rollback"]).exits(0).document();
    assert_eq!(undone["status"], "rolled_back", "{undone}");
    assert_eq!(stage.list("/v1/workspaces"), Vec::<serde_json::Value>::new());
}

#[test]
fn a_failure_is_rolled_back_from_there() {
    let Some(azurite) = Azurite::start() else { return };
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "print(1)");
    sources::pipeline(&root, "Two", 2, 1);
    let fault = json!([
        { "match": { "operation": "CreateItem", "nth": 2 }, "kind": { "status": { "code": 400, "applied": false, "error_code": "CorruptedPayload" } } }
    ]);
    stage.emulator.set_faults(serde_json::from_value(fault).unwrap());
    let document = azurite.run(&stage, &DEPLOY).exits(5).document();
    assert_eq!(document["left_behind"], json!([]), "{document}");
    assert_eq!(stage.list("/v1/workspaces"), Vec::<serde_json::Value>::new());
}

#[test]
fn a_state_that_nobody_answers_for_is_one_clear_error_and_nothing_is_touched() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    // A port that is taken, and at which nobody listens.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = taken.local_addr().unwrap();
    let run = binary::run(
        binary::fabric_cli(stage.directory.path())
            .args(["--output", "json", "--state", "az://deployments/team/state"])
            .args(DEPLOY)
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("FABRIC_TOKEN", stage.emulator.token())
            .env("AZURE_STORAGE_USE_EMULATOR", "true")
            .env("AZURITE_BLOB_STORAGE_URL", format!("http://{closed}")),
    );
    let document = run.exits(1).document();
    let message = document["error"]["message"].as_str().unwrap();
    assert_eq!(message.matches(&closed.to_string()).count(), 1, "it is told once: {message}");
    assert!(message.contains("team/state"), "{message}");
    assert!(document["error"]["remedy"].as_str().unwrap().contains("--state"), "{document}");
    assert_eq!(stage.emulator.requests().len(), 0, "nothing is touched");
}

#[test]
fn a_state_without_an_account_is_an_error_before_anything_is_touched() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let unreachable = binary::run(
        binary::fabric_cli(stage.directory.path())
            .args(["--state", "az://deployments/state", "deploy", "--source", "source", "--workspace", "W"])
            .args(["--flag", "FEATURE_USE_ROLLBACK=on"])
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("FABRIC_TOKEN", stage.emulator.token())
            .env_remove("AZURE_STORAGE_ACCOUNT_NAME"),
    )
    .exits(7);
    assert!(unreachable.stderr.contains("az://deployments/state"), "{}", unreachable.stderr);
    assert_eq!(stage.mutations(), [] as [String; 0]);
}
