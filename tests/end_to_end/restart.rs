//! The emulator's world outlives its process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::binary;
use crate::example::copy_example;

struct Server {
    process: Child,
    endpoints: Value,
}

impl Server {
    fn start(directory: &Path) -> Self {
        let mut process = binary::fabric_cli(directory)
            .args(["emulator", "serve", "--state", "world"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, endpoints: serde_json::from_str(&line).unwrap() }
    }

    fn world(&self) -> Value {
        let control = self.endpoints["control"].as_str().unwrap();
        let url = format!("{control}/world");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { reqwest::get(url).await.unwrap().json().await.unwrap() })
    }

    /// `SIGKILL`: the process has no chance to write anything.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.kill().is_ok() {
            self.process.wait().unwrap();
        }
    }
}

#[test]
fn a_killed_emulator_keeps_its_world() {
    let directory = tempfile::tempdir().unwrap();
    copy_example(&directory.path().join("product"));
    let server = Server::start(directory.path());
    let deploy = |server: &Server| {
        let mut command = binary::fabric_cli(directory.path());
        let run = binary::run(
            command
                .args(["--output", "json", "deploy", "--config", "product/product_config.yaml", "--environment", "dev"])
                .env("FABRIC_ENDPOINT", server.endpoints["fabric"].as_str().unwrap())
                .env("FABRIC_TOKEN", server.endpoints["token"].as_str().unwrap()),
        );
        run.exits(0).document()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(deploy(&server), "committed");
    let before = server.world();
    assert!(before["workspaces"].as_array().is_some_and(|workspaces| !workspaces.is_empty()), "{before}");
    server.kill();

    let server = Server::start(directory.path());
    assert_eq!(server.world(), before);
    assert_eq!(deploy(&server), "unchanged");
}
