//! Runs `fabric-cli` and reads what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use fabric_emulator::{Emulator, EmulatorBuilder};
use serde_json::Value;

/// The built binary: the one that `FABRIC_CLI_BINARY` names, as `cargo xtask test` does, or else one that is built here,
/// so that every test runs what the sources say.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| std::env::var_os("FABRIC_CLI_BINARY").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "fabric-cli", "--message-format", "json"])
        .current_dir(repository())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let executable = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back();
    executable.expect("cargo names the binary")
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What a run of the binary did.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The result document.
    #[track_caller]
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
    }

    /// The same run, if it ended with `code`.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// The command line, with no variable of this machine that it would read.
pub(crate) fn fabric_cli(directory: &Path) -> Command {
    let mut command = Command::new(binary());
    command.current_dir(directory);
    let terminal = ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"];
    let pipeline = ["GITHUB_ACTIONS", "TF_BUILD"];
    for variable in ["FABRIC_TOKEN", "FABRIC_ENDPOINT"].into_iter().chain(terminal).chain(pipeline) {
        command.env_remove(variable);
    }
    command
}

/// Takes every variable of this machine away, but for the one that says where lines that were reached are counted.
pub(crate) fn forget_environment(command: &mut Command) {
    const COUNTS: &str = "LLVM_PROFILE_FILE";
    command.env_clear().envs(std::env::var_os(COUNTS).map(|place| (COUNTS, place)));
}

/// Runs it with standard error in a file.
pub(crate) fn run_with_errors_to(command: &mut Command, file: std::fs::File) -> Run {
    run_as_set_up(command.stdout(Stdio::piped()).stderr(file))
}

pub(crate) fn run(command: &mut Command) -> Run {
    run_as_set_up(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
}

fn run_as_set_up(command: &mut Command) -> Run {
    let child = command.stdin(Stdio::null()).spawn().expect("the binary runs");
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the binary ends");
    Run {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// An emulator in this process, and the binary pointed at it.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) directory: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

/// The active capacity of the emulator's first world.
pub(crate) const ACTIVE_CAPACITY: &str = "c0000000-0000-4000-8000-000000000001";

impl Stage {
    pub(crate) fn new() -> Self {
        Self::of(Emulator::builder())
    }

    /// A stage whose emulator is set up so.
    pub(crate) fn of(builder: EmulatorBuilder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let emulator = runtime.block_on(builder.start()).unwrap();
        Self { emulator, directory: tempfile::tempdir().unwrap(), runtime }
    }

    /// What the emulator runs on.
    pub(crate) fn runtime(&self) -> &tokio::runtime::Runtime {
        &self.runtime
    }

    /// Runs the binary as the tenant's administrator.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_as(&self.emulator.token(), arguments)
    }

    pub(crate) fn run_as(&self, token: &str, arguments: &[&str]) -> Run {
        run(fabric_cli(self.directory.path())
            .args(arguments)
            .env("FABRIC_ENDPOINT", self.emulator.endpoint())
            .env("FABRIC_TOKEN", token))
    }

    /// Runs it with `--output json` and gives the document of a run that ended with `code`.
    #[track_caller]
    pub(crate) fn json(&self, code: i32, arguments: &[&str]) -> Value {
        let arguments: Vec<_> = ["--output", "json"].iter().chain(arguments).copied().collect();
        self.run(&arguments).exits(code).document()
    }

    /// The requests since the last call that change something.
    pub(crate) fn mutations(&self) -> Vec<String> {
        self.emulator
            .requests()
            .iter()
            .filter(|request| request.mutating)
            .map(|request| format!("{} {}", request.method, request.operation.as_deref().unwrap_or("unknown")))
            .collect()
    }

    /// Sends a request to Fabric's API as the administrator, and waits for the operation if it starts one.
    pub(crate) fn fabric(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let (status, operation, answer) = self.send(method, path, body);
        let Some(operation) = operation.filter(|_| status == 202) else { return (status, answer) };
        loop {
            let (_, _, state) = self.send("GET", &format!("/v1/operations/{operation}"), None);
            match state["status"].as_str() {
                Some("Succeeded") => break,
                Some("Running" | "NotStarted") => {}
                _ => panic!("the operation ended as {state}"),
            }
        }
        let (status, _, result) = self.send("GET", &format!("/v1/operations/{operation}/result"), None);
        (status, result)
    }

    fn send(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Option<String>, Value) {
        self.runtime.block_on(async {
            let url = format!("{}{path}", self.emulator.endpoint());
            let mut request =
                reqwest::Client::new().request(method.parse().unwrap(), url).bearer_auth(self.emulator.token());
            if let Some(body) = body {
                request = request.json(&body);
            }
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let operation = response.headers().get("x-ms-operation-id").map(|value| value.to_str().unwrap().to_owned());
            let bytes = response.bytes().await.unwrap();
            (status, operation, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
        })
    }

    /// The elements of a list of Fabric's API.
    pub(crate) fn list(&self, path: &str) -> Vec<Value> {
        let (status, body) = self.fabric("GET", path, None);
        assert_eq!(status, 200, "{body}");
        body["value"].as_array().unwrap().clone()
    }

    /// A path below the stage's own directory.
    pub(crate) fn path(&self, relative: &str) -> String {
        self.directory.path().join(relative).to_str().unwrap().to_owned()
    }
}
