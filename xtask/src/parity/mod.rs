//! The same repository by fabric-cicd and by this tool, and what the two leave behind.

mod case;
mod difference;
mod page;
mod snapshot;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use crate::bench::Profile;
use crate::emulator::{self, Emulator};
use crate::fabric_cicd;
use crate::process::{cargo, run as run_program};
use crate::stage::Outcome;
use crate::workspace::Workspace;
use case::Case;
use difference::{Difference, Snapshot};

/// The server answers at once.
const SERVER: Profile = Profile { latency: 0, operation: 0, always: false };
/// A workspace that both may refer to.
const SHARED: &str = "Shared";
/// In the snapshot: how the run ended.
const ENDED: &str = "the run";

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Fail where the page is out of date, instead of writing it.
    pub(crate) check: bool,
    /// The one case to look at; the page is left alone then.
    pub(crate) only: Option<String>,
    /// The program to compare; without one, it is built.
    pub(crate) binary: Option<PathBuf>,
}

impl Options {
    /// All cases, and the page must be as they are.
    pub(crate) fn checked() -> Self {
        Self { check: true, ..Self::default() }
    }

    /// Reads the words after `parity`.
    ///
    /// # Errors
    /// A sentence that says which word is not understood.
    pub(crate) fn parse(words: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--check" => options.check = true,
                "--only" => options.only = Some(words.next().ok_or("`--only` needs a case")?.clone()),
                "--binary" => options.binary = Some(words.next().ok_or("`--binary` needs a file")?.into()),
                other => return Err(format!("`parity` takes no `{other}`")),
            }
        }
        Ok(options)
    }
}

/// Deploys every case with both tools and compares; then writes `docs/compare.md`, or fails where it is out of date.
///
/// # Errors
/// Something differs that no case announces, or does not differ though a case says so; or the page is out of date.
pub(crate) fn run_all(workspace: &Workspace, options: &Options) -> anyhow::Result<Outcome> {
    let target = workspace.metadata.target_directory.as_std_path();
    let python = match fabric_cicd::prepare(target) {
        Ok(python) => python,
        Err(error) => {
            eprintln!("SKIPPED: fabric-cicd is not compared with: {error:#}");
            return Ok(Outcome::PassedBut("the comparison with fabric-cicd was not made".to_owned()));
        }
    };
    let binary = match &options.binary {
        Some(binary) => std::path::absolute(binary)?,
        None => {
            run_program(cargo(workspace.root()).args(["build", "--package", "fabric-cli", "--locked"]))?;
            target.join("debug/fabric-cli")
        }
    };
    let room = Room { binary, python, folder: target.join("parity") };
    std::fs::create_dir_all(&room.folder)?;
    let cases = read(&workspace.root().join("tests/parity"))?;
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| options.only.as_ref().is_none_or(|only| case.name == *only)) {
        let found = room.compare(case).with_context(|| case.name.clone())?;
        eprintln!("{}: {} as expected", case.name, if found == case.differs { "is" } else { "is NOT" });
        wrong.extend(found.difference(&case.differs).map(|found| format!("{}: not announced: {found}", case.name)));
        wrong.extend(
            case.differs.difference(&found).map(|missing| format!("{}: does not differ: {missing}", case.name)),
        );
    }
    ensure!(
        wrong.is_empty(),
        "fabric-cicd {} is not compared as announced:\n{}",
        fabric_cicd::VERSION,
        wrong.join("\n")
    );
    if options.only.is_none() {
        page::write(&workspace.root().join("docs/compare.md"), &cases, options.check)?;
    }
    Ok(Outcome::Passed)
}

fn read(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        cases.push(Case::parse(&name, &std::fs::read_to_string(&path)?)?);
    }
    cases.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(cases)
}

struct Room {
    binary: PathBuf,
    python: PathBuf,
    folder: PathBuf,
}

impl Room {
    fn compare(&self, case: &Case) -> anyhow::Result<BTreeSet<Difference>> {
        let files = self.folder.join(&case.name);
        case.write(&files)?;
        let server = Emulator::start(&self.binary, SERVER, &self.folder)?;
        add_connections(&server, &case.connections)?;
        if case.has("shared") {
            let shared = server.create_workspace(SHARED)?;
            self.prepare(self.ours(&server, &files, &shared, "shared"))?;
        }
        let [theirs, ours] = [server.create_workspace("Parity one")?, server.create_workspace("Parity two")?];
        for workspace in [&theirs, &ours] {
            if case.has("before") {
                self.prepare(self.ours(&server, &files, workspace, "before"))?;
            }
        }
        let their_end = self.run(self.theirs(case, &server, &files, &theirs)?, case, "fabric-cicd")?;
        let our_end = self.run(self.deploy(case, &server, &files, &ours), case, "fabric-cli")?;
        let world = server.world()?;
        let left = |workspace: &str, end: &Output| -> anyhow::Result<Snapshot> {
            let mut snapshot = snapshot::of(&world, workspace)?;
            snapshot.insert(ENDED.to_owned(), if end.status.success() { "succeeds" } else { "fails" }.to_owned());
            Ok(snapshot)
        };
        let (theirs, ours) = (left(&theirs, &their_end)?, left(&ours, &our_end)?);
        self.keep(case, "fabric-cicd.json", &theirs)?;
        self.keep(case, "fabric-cli.json", &ours)?;
        Ok(difference::between(&theirs, &ours))
    }

    fn theirs(&self, case: &Case, server: &Emulator, files: &Path, workspace: &str) -> anyhow::Result<Command> {
        let request = fabric_cicd::Request {
            source: files.join("source"),
            config: case.has("config.yml").then(|| files.join("config.yml")),
            workspace,
            environment: &case.environment,
            types: &case.types,
            features: &case.features,
            prune: case.prune,
        };
        let mut command = fabric_cicd::command(&self.python, &request, server)?;
        // Nothing is late here, so that its waits are waits for nothing.
        command.env("FABRIC_CICD_RETRY_DELAY_OVERRIDE_SECONDS", "0");
        Ok(command)
    }

    fn deploy(&self, case: &Case, server: &Emulator, files: &Path, workspace: &str) -> Command {
        let mut command = if case.has("config.yml") {
            let mut command = self.command(server);
            let place = json!({"core": {"workspace_id": workspace}});
            command.arg("deploy").arg("--config").arg(files.join("config.yml"));
            command.args(["--config-override", &place.to_string()]);
            command
        } else {
            self.ours(server, files, workspace, "source")
        };
        command.args(["--environment", &case.environment]);
        for kind in &case.types {
            command.args(["--type", kind]);
        }
        if case.prune {
            command.args(["--prune", "--prune-data"]);
        }
        command
    }

    fn ours(&self, server: &Emulator, files: &Path, workspace: &str, folder: &str) -> Command {
        let mut command = self.command(server);
        command.args(["deploy", "--workspace", workspace, "--source"]).arg(files.join(folder));
        command
    }

    fn command(&self, server: &Emulator) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(["--endpoint", &server.endpoint]).env("FABRIC_TOKEN", &server.token);
        command
    }

    fn prepare(&self, mut command: Command) -> anyhow::Result<()> {
        let output = command.current_dir(&self.folder).output()?;
        ensure!(output.status.success(), "cannot prepare: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    fn run(&self, mut command: Command, case: &Case, tool: &str) -> anyhow::Result<Output> {
        let output = command
            .envs(case.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .output()
            .with_context(|| format!("cannot start {tool}"))?;
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        self.write(case, &format!("{tool}.log"), &said)?;
        Ok(output)
    }

    fn keep(&self, case: &Case, name: &str, snapshot: &Snapshot) -> anyhow::Result<()> {
        self.write(case, name, serde_json::to_string_pretty(snapshot)?.as_bytes())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "what was compared is kept below the target directory, to be looked at"
    )]
    fn write(&self, case: &Case, name: &str, content: &[u8]) -> anyhow::Result<()> {
        Ok(std::fs::write(self.folder.join(&case.name).join(name), content)?)
    }
}

fn add_connections(server: &Emulator, ids: &[String]) -> anyhow::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut world = server.world()?;
    let Some(connections) = world.get_mut("connections").and_then(Value::as_array_mut) else {
        bail!("the tenant has no `connections`");
    };
    connections.extend(ids.iter().map(|id| connection(id)));
    server.set_world(&world)
}

fn connection(id: &str) -> Value {
    json!({
        "id": id,
        "displayName": format!("Connection {id}"),
        "connectivityType": "ShareableCloud",
        "owner": emulator::ADMINISTRATOR,
        "connectionDetails": {"type": "SQL", "path": "server.example;database"},
    })
}
