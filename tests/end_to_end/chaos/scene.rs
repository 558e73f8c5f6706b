//! A tenant, the files of two versions of a product, and processes that are killed while they deploy it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use fabric_emulator::{ACTIVE_CAPACITY, Emulator, GROUP, USER};
use serde_json::{Value, json};

use super::files::{self, DELETED, OTHER_CAPACITY, SECRET_CANARY};
use super::gate::{At, Gate};
use super::world::{Kept, World};
use crate::binary::{self, Run, Stage};
use crate::rollback::{SETTLE, forget_lease};

/// What is there between two processes: the service's world, and the record.
pub(super) struct Snapshot {
    world: Value,
    state: BTreeMap<PathBuf, Vec<u8>>,
}

/// Where one process after the other works.
pub(super) struct Scene {
    stage: Stage,
    gate: Gate,
}

/// Where the record is, below the folder in which the processes work.
pub(super) const STATE: &str = ".fabric/state";

impl Scene {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let stage = Stage::of(Emulator::builder().seed(snapshot.world.clone()));
        for second in [false, true] {
            write(&stage.directory.path().join(environment(second)), second);
        }
        for (path, content) in &snapshot.state {
            let path = stage.directory.path().join(STATE).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let gate = Gate::before(&stage.emulator.endpoint(), stage.runtime());
        Self { stage, gate }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let root = self.path(STATE);
        let mut state = BTreeMap::new();
        read(&root, &root, &mut state);
        Snapshot { world: self.stage.emulator.world(), state }
    }

    pub(super) fn world(&self, kept: &Kept) -> World {
        World::of(&self.stage.emulator, kept)
    }

    pub(super) fn path(&self, relative: &str) -> PathBuf {
        self.stage.directory.path().join(relative)
    }

    /// The requests so far that change something.
    pub(super) fn changes(&self) -> Vec<String> {
        self.stage.mutations()
    }

    /// As [`forget_lease`].
    pub(super) fn forget_lease(&self) {
        forget_lease(&self.stage);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary::fabric_cli(&self.path(""));
        command.args(["--output", "json", SETTLE]).args(arguments);
        command.env("FABRIC_ENDPOINT", &self.gate.endpoint).env("FABRIC_TOKEN", self.stage.emulator.token());
        command.env("PASSWORD", SECRET_CANARY);
        command
    }

    /// Runs to the end, and says how many requests that took.
    pub(super) fn run(&self, arguments: &[&str]) -> (Run, usize) {
        self.gate.close(None);
        let run = binary::run(&mut self.command(arguments));
        (run, self.gate.begun())
    }

    /// Kills the process, with `SIGKILL`, when its request of this number is at this point; what the service has then is
    /// carried out to its end. Whether it came to that: otherwise it was done before.
    pub(super) fn kill(&self, (number, at): (usize, At), arguments: &[&str]) -> bool {
        self.gate.close(Some((number, at)));
        let mut child = self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut reached = self.gate.wait(|state| state.reached, || child.try_wait().unwrap().is_some());
        if reached && at == At::AfterTheRecord {
            let recorded = self.recorded();
            self.gate.let_the_answer_pass();
            // What causes no record lets the next request begin.
            let mut is_over = false;
            self.gate.wait(
                |state| state.next_begun,
                || {
                    is_over = child.try_wait().unwrap().is_some();
                    is_over || self.recorded() > recorded
                },
            );
            reached = !is_over;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        self.gate.wait(|state| state.with_the_service == 0, || false);
        self.forget_lease();
        reached
    }

    /// Runs a shell script with a file system of its own, as `"$@"` of which it gets the command line.
    pub(super) fn run_mounted(&self, script: &str, arguments: &[&str]) -> Run {
        self.gate.close(None);
        let inner = self.command(arguments);
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-euc", script, "sh"]);
        command.arg(inner.get_program()).args(inner.get_args()).current_dir(self.path(""));
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        binary::run(&mut command)
    }

    /// How long all journals are, in bytes.
    fn recorded(&self) -> u64 {
        let Ok(journals) = fs::read_dir(self.path(STATE).join("journals")) else { return 0 };
        journals.map(|journal| journal.unwrap().metadata().unwrap().len()).sum()
    }

    /// The only transaction on record, and its status.
    pub(super) fn transaction(&self) -> Option<(String, String)> {
        let (history, _) = self.run(&["history"]);
        let history = history.exits(0).document();
        let transactions = history["transactions"].as_array().unwrap();
        assert!(transactions.len() <= 1, "{history}");
        let text = |name: &str| transactions[0][name].as_str().unwrap().to_owned();
        transactions.first().map(|_| (text("transaction_id"), text("status")))
    }
}

/// The folder of a version is called as its environment.
fn environment(second: bool) -> &'static str {
    files::environment(second)
}

/// What deploys the first version, or the second one.
pub(super) fn deploy(second: bool) -> [&'static str; 8] {
    let config = if second { "prod/product_config.yaml" } else { "test/product_config.yaml" };
    let flag = "FEATURE_USE_ROLLBACK=on";
    ["deploy", "--config", config, "--environment", environment(second), "--prune", "--flag", flag]
}

fn write(root: &Path, second: bool) {
    let member =
        |id, role: &str, kind: &str| json!({ "object_id": id, "name": id, "role": role, "principal_type": kind });
    let users = match second {
        false => json!([member(USER, "Viewer", "User")]),
        true => json!([member(USER, "Member", "User"), member(GROUP, "Contributor", "Group")]),
    };
    let capacity = if second { OTHER_CAPACITY.to_owned() } else { ACTIVE_CAPACITY.to_string() };
    let product = json!({
        "product": { "name": files::WORKSPACE },
        "source": "workspace",
        "environments": { environment(second): { "capacity_id": capacity, "description": files::description(second) } },
        "users": users,
        "git": { "enabled": false },
        "naming": { "validate": false },
        "audit": { "enabled": false },
    });
    let project = json!({
        "project": { "name": "a-project", "prefix": "a" },
        "naming_patterns": { "workspace": files::WORKSPACE },
        "environments": { environment(second): { "description": "of the workspace" } },
    });
    fs::create_dir_all(root.join("workspace")).unwrap();
    files::write(&root.join("workspace"), second);
    fs::write(root.join("product_config.yaml"), product.to_string()).unwrap();
    fs::write(root.join("project.config.json"), project.to_string()).unwrap();
}

fn read(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
}

/// What was found once, by deploying and rolling back without any disturbance.
pub(super) struct Known {
    /// The first version is deployed, and nothing is on record.
    pub(super) first: Snapshot,
    /// The second version is deployed.
    pub(super) second: Snapshot,
    /// Everything that must keep its id.
    pub(super) kept: Kept,
    pub(super) before: World,
    pub(super) after: World,
    /// How many requests the second deployment sends.
    pub(super) requests: usize,
    /// How many requests its roll-back sends.
    pub(super) undo_requests: usize,
}

impl Known {
    pub(super) fn get() -> &'static Self {
        static KNOWN: OnceLock<Known> = OnceLock::new();
        KNOWN.get_or_init(Self::find)
    }

    fn find() -> Self {
        let scene = Scene::of(&Snapshot { world: files::seed(), state: BTreeMap::new() });
        scene.run(&deploy(false)).0.exits(0);
        let first = Snapshot { state: BTreeMap::new(), ..scene.snapshot() };
        let kept = Kept::all_but(&scene.world(&Kept::default()), DELETED);

        let before = Scene::of(&first).world(&kept);
        let scene = Scene::of(&first);
        let (run, requests) = scene.run(&deploy(true));
        assert_eq!(run.exits(0).document()["status"], "committed");
        let second = scene.snapshot();
        let after = scene.world(&kept);
        assert_ne!(before, after);

        let scene = Scene::of(&second);
        let (run, undo_requests) = scene.run(&["rollback"]);
        assert_eq!(run.exits(0).document()["status"], "rolled_back");
        assert_eq!(scene.world(&kept).differences(&before), [""; 0]);
        Self { first, second, kept, before, after, requests, undo_requests }
    }
}
