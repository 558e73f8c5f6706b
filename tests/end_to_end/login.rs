//! A person signs in with a code: GitHub and Entra, granted, declined, expired, cancelled, kept, renewed, forgotten.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use fabric_emulator::{Emulator, Service, TENANT};
use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Stage, fabric_cli, run};

const PROVIDERS: [&str; 2] = ["github", "entra"];

/// Variables that name somebody else than the person, or another way to the repository.
const OTHERS: [&str; 11] = [
    "FABRIC_AUTH",
    "FAB_TOKEN",
    "FABRIC_CLIENT_ID",
    "AZURE_CLIENT_ID",
    "ARM_CLIENT_ID",
    "FAB_SPN_CLIENT_ID",
    "FABRIC_USE_MSI",
    "IDENTITY_ENDPOINT",
    "GITHUB_TOKEN",
    "FABRIC_GIT_CONNECTION_ID",
    "FABRIC_TOKEN_FILE",
];

fn service(provider: &str) -> Service {
    if provider == "github" { Service::GitHub } else { Service::Entra }
}

/// Services whose time stands still.
struct Scene {
    stage: Stage,
}

/// A sign-in that waits for the person.
struct Invited {
    child: Child,
    notes: BufReader<ChildStderr>,
    provider: &'static str,
    page: String,
    code: String,
}

impl Scene {
    fn new() -> Self {
        let builder = Emulator::builder().service(Service::GitHub).service(Service::Entra).virtual_time(true);
        Self { stage: Stage::of(builder) }
    }

    fn file(&self, provider: &str) -> PathBuf {
        self.stage.directory.path().join(format!("{provider}.json"))
    }

    fn kept(&self, provider: &str) -> Value {
        let kept: Value = serde_json::from_slice(&std::fs::read(self.file(provider)).unwrap()).unwrap();
        kept[provider].clone()
    }

    /// Changes what is kept as time, or somebody at the provider, would.
    fn change_kept(&self, provider: &str, member: &str, value: Value) {
        let mut kept = self.kept(provider);
        kept[member] = value;
        std::fs::write(self.file(provider), json!({ provider: kept }).to_string()).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let emulator = &self.stage.emulator;
        let mut command = fabric_cli(self.stage.directory.path());
        for variable in OTHERS {
            command.env_remove(variable);
        }
        command
            .args(["--output", "json"])
            .args(arguments)
            .env("FABRIC_ENDPOINT", emulator.endpoint())
            .env("FABRIC_GITHUB_URL", emulator.endpoint_of(Service::GitHub).unwrap())
            .env("AZURE_AUTHORITY_HOST", emulator.endpoint_of(Service::Entra).unwrap())
            .env("FABRIC_LOGIN_TENANT_ID", TENANT.to_string())
            .env("FABRIC_GITHUB_CLIENT_ID", "Iv1.0123456789abcdef");
        command
    }

    fn login(&self, provider: &str) -> Command {
        let file = self.file(provider);
        self.command(&["git", "login", "--provider", provider, "--token-file", file.to_str().unwrap()])
    }

    /// Starts a sign-in and reads which page and code it shows.
    fn invite(&self, provider: &'static str) -> Invited {
        self.invited_by(self.login(provider), provider)
    }

    fn invited_by(&self, mut command: Command, provider: &'static str) -> Invited {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut notes = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        notes.read_line(&mut line).unwrap();
        let (before, code) = line.trim().rsplit_once(" and enter the code ").unwrap_or_else(|| panic!("{line}"));
        let page = before.rsplit_once(' ').unwrap().1.to_owned();
        let place = self.stage.emulator.endpoint_of(service(provider)).unwrap();
        assert!(page.starts_with(&place), "{line}");
        Invited { child, notes, provider, page, code: code.to_owned() }
    }

    /// What the provider has answered to those who asked for a token.
    fn answers(&self, provider: &str) -> Vec<String> {
        let begins = ["DeviceCode", "DeviceLogin"];
        let asked = self.stage.emulator.requests().into_iter().filter(|request| request.service == service(provider));
        let asked = asked.filter(|request| !begins.contains(&request.operation.as_deref().unwrap_or_default()));
        asked.map(|request| request.error_code.unwrap_or_else(|| "granted".to_owned())).collect()
    }

    /// Waits until the provider has answered so often.
    fn wait_for_answers(&self, provider: &str, count: usize) {
        now(async {
            let mut again = tokio::time::interval(Duration::from_millis(50));
            while self.answers(provider).len() < count {
                again.tick().await;
            }
        });
    }

    /// Signs the person in.
    fn sign_in(&self, provider: &'static str) {
        let invited = self.invite(provider);
        invited.decide("approve");
        let (exit, said) = invited.end();
        assert_eq!(exit, 0, "{said}");
    }

    /// Makes a workspace, and a repository at GitHub.
    fn host(&self) {
        let workspace = json!({"displayName": "Sales", "capacityId": ACTIVE_CAPACITY});
        assert_eq!(self.stage.fabric("POST", "/v1/workspaces", Some(workspace)).0, 201);
        let repository = json!({"gitProviderType": "GitHub", "ownerName": "contoso", "repositoryName": "fabric",
            "branchName": "main", "directoryName": "items"});
        self.stage.emulator.host_repository(&repository).unwrap();
    }

    /// `git connect` of the one to the other.
    fn connect(&self) -> Command {
        let to =
            ["--provider", "github", "--organization", "contoso", "--repository", "fabric", "--directory", "items"];
        let mut command = self.command(&["git", "connect", "--workspace", "Sales"]);
        command.args(to).env("FABRIC_TOKEN", self.stage.emulator.token());
        command.env("FABRIC_TOKEN_FILE", self.file("github"));
        command
    }

    fn log_out(&self, provider: &str) -> Value {
        let file = self.file(provider);
        let arguments = ["git", "logout", "--provider", provider, "--token-file", file.to_str().unwrap()];
        run(&mut self.command(&arguments)).exits(0).document()["status"].clone()
    }
}

fn now<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

impl Invited {
    /// Types the code into the page.
    fn decide(&self, decision: &str) {
        let form = [("user_code", self.code.as_str()), ("decision", decision)];
        let answer = now(reqwest::Client::new().post(&self.page).form(&form).send()).unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// The exit code, and all that was said.
    fn end(mut self) -> (i32, String) {
        let mut said = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        self.notes.read_to_string(&mut said).unwrap();
        let status = self.child.wait().unwrap();
        (status.code().unwrap_or_else(|| panic!("{status}: {said}")), said)
    }
}

#[test]
fn a_person_is_waited_for_as_slowly_as_the_provider_wishes() {
    let scene = Scene::new();
    let invited = PROVIDERS.map(|provider| scene.invite(provider));
    // Where time stands still, the second question always comes too soon.
    for provider in PROVIDERS {
        scene.wait_for_answers(provider, 2);
    }
    scene.stage.emulator.advance(Duration::from_secs(60));
    for invited in invited {
        let provider = invited.provider;
        invited.decide("approve");
        let (exit, said) = invited.end();
        assert_eq!(exit, 0, "{said}");
        assert_eq!(scene.answers(provider), ["authorization_pending", "slow_down", "granted"]);
        let kept = scene.kept(provider);
        for member in ["access", "refresh"] {
            assert!(!said.contains(kept[member].as_str().unwrap()), "{said}");
        }
        let file = scene.file(provider);
        assert!(said.contains(&format!("\"kept_in\": {file:?}")), "{said}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn a_sign_in_that_is_declined_is_told_so() {
    let scene = Scene::new();
    for invited in PROVIDERS.map(|provider| scene.invite(provider)) {
        let file = scene.file(invited.provider);
        invited.decide("decline");
        let (exit, said) = invited.end();
        assert_eq!(exit, 4, "{said}");
        assert!(said.contains("declined") && !file.exists(), "{said}");
    }
}

#[test]
fn a_code_that_nobody_types_expires() {
    let scene = Scene::new();
    let invited = PROVIDERS.map(|provider| scene.invite(provider));
    scene.stage.emulator.advance(Duration::from_secs(900));
    for invited in invited {
        let file = scene.file(invited.provider);
        let (exit, said) = invited.end();
        assert_eq!(exit, 4, "{said}");
        assert!(said.contains("expired") && !file.exists(), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_sign_in_is_cancelled_cleanly() {
    let scene = Scene::new();
    for provider in PROVIDERS {
        let invited = scene.invite(provider);
        assert!(Command::new("kill").args(["-INT", &invited.child.id().to_string()]).status().unwrap().success());
        let (exit, said) = invited.end();
        assert_eq!(exit, 130, "{said}");
        assert!(said.contains("cancelled") && !scene.file(provider).exists(), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn nobody_is_asked_for_a_sign_in_that_cannot_be_kept() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    let file = scene.file("github");
    std::fs::write(&file, "{}").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = run(&mut scene.login("github")).exits(1);
    assert!(format!("{}{}", refused.stdout, refused.stderr).contains("chmod 600"), "{}", refused.stdout);
    assert_eq!(scene.stage.emulator.requests().len(), 0);
}

#[test]
fn a_workspace_is_connected_with_a_kept_sign_in_that_is_renewed_where_due() {
    let scene = Scene::new();
    scene.host();
    scene.sign_in("github");
    let granted = scene.kept("github");
    let connect = || run(&mut scene.connect());

    // The provider has forgotten it.
    scene.change_kept("github", "expires", json!(0));
    scene.change_kept("github", "refresh", json!("made-up"));
    let refused = connect().exits(1);
    assert!(refused.stderr.contains("counts no more"), "{}", refused.stderr);
    assert_eq!(scene.stage.list("/v1/connections"), Vec::<Value>::new());

    scene.change_kept("github", "refresh", granted["refresh"].clone());
    let connected = connect().exits(0);
    assert_eq!(connected.document()["git"]["state"], "ConnectedAndInitialized");
    assert_eq!(scene.stage.list("/v1/connections").len(), 1);
    let renewed = scene.kept("github");
    for member in ["access", "refresh"] {
        assert_ne!(renewed[member], granted[member]);
        let secret = renewed[member].as_str().unwrap();
        assert!(!connected.stdout.contains(secret) && !connected.stderr.contains(secret));
    }
    assert_eq!(scene.answers("github"), ["granted", "bad_refresh_token", "granted"]);

    assert_eq!(scene.log_out("github"), "committed");
    assert_eq!(scene.log_out("github"), "unchanged");
    assert_eq!(scene.kept("github"), Value::Null);
}

#[test]
fn a_person_signs_in_while_a_workspace_is_connected() {
    let scene = Scene::new();
    scene.host();
    let mut connect = scene.connect();
    connect.arg("--login");
    let invited = scene.invited_by(connect, "github");
    invited.decide("approve");
    let (exit, said) = invited.end();
    assert_eq!(exit, 0, "{said}");
    assert_eq!(scene.stage.list("/v1/connections").len(), 1);
    assert!(!said.contains(scene.kept("github")["access"].as_str().unwrap()), "{said}");
}

#[test]
fn fabric_is_used_as_the_person_who_signed_in() {
    let scene = Scene::new();
    scene.sign_in("entra");
    let list = || {
        let mut command = scene.command(&["workspace", "list"]);
        // Nobody else is signed in on this machine.
        run(command.env("FABRIC_TOKEN_FILE", scene.file("entra")).env("PATH", ""))
    };
    list().exits(0);
    let granted = scene.kept("entra");
    scene.change_kept("entra", "expires", json!(0));
    list().exits(0);
    assert_ne!(scene.kept("entra")["expires"], json!(0));
    assert_eq!(scene.kept("entra")["client"], granted["client"]);
    list().exits(0);
    assert_eq!(scene.answers("entra"), ["granted", "granted"], "the third run needed no newer token");
    assert_eq!(scene.log_out("entra"), "committed");
    assert_eq!(scene.log_out("entra"), "unchanged");
    list().exits(4);
}

#[cfg(unix)]
mod opened {
    use super::*;

    /// Programs that note what they are started with.
    struct Browser {
        script: PathBuf,
        opened: PathBuf,
    }

    impl Browser {
        fn of(scene: &Scene) -> Self {
            let folder = scene.stage.directory.path();
            let (script, opened) = (folder.join("browser.sh"), folder.join("opened"));
            std::fs::write(&script, "printf '%s\\n' \"$#\" \"$@\" >> \"${0%/*}/opened\"\n").unwrap();
            Self { script, opened }
        }

        /// The program as `BROWSER` names it.
        fn name(&self) -> String {
            format!("/bin/sh {}", self.script.display())
        }

        /// How many words it was started with, and which, one a line for every time.
        fn noted(&self) -> String {
            std::fs::read_to_string(&self.opened).unwrap_or_default()
        }
    }

    fn until(what: impl Fn() -> bool) {
        let seen = now(async {
            let mut again = tokio::time::interval(Duration::from_millis(20));
            let looks = async {
                while !what() {
                    again.tick().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(300), looks).await
        });
        seen.expect("it comes about within minutes");
    }

    #[test]
    fn exactly_the_page_is_opened_and_only_where_that_is_asked_for() {
        let scene = Scene::new();
        let browser = Browser::of(&scene);
        for provider in PROVIDERS {
            let mut command = scene.login(provider);
            command.arg("--open").env("BROWSER", format!("/no/such/browser:{}:false", browser.name()));
            let invited = scene.invited_by(command, provider);
            until(|| browser.noted().contains(&invited.page));
            invited.decide("approve");
            let page = invited.page.clone();
            let (exit, said) = invited.end();
            assert_eq!(exit, 0, "{said}");
            assert_eq!(browser.noted(), format!("1\n{page}\n"));
            assert!(!said.contains("could not be opened"), "{said}");
            std::fs::remove_file(&browser.opened).unwrap();
        }
        let mut command = scene.login("github");
        command.env("BROWSER", browser.name());
        let invited = scene.invited_by(command, "github");
        invited.decide("approve");
        assert_eq!(invited.end().0, 0);
        assert_eq!(browser.noted(), "");
    }

    /// Signs in where the page cannot be opened, and gives what was said about it.
    fn warned(scene: &Scene, mut command: Command) -> String {
        command.arg("--open");
        let mut invited = scene.invited_by(command, "github");
        let mut line = String::new();
        while !line.contains("could not be opened") {
            line.clear();
            assert_ne!(invited.notes.read_line(&mut line).unwrap(), 0, "it ended without a warning");
        }
        invited.decide("approve");
        let (exit, said) = invited.end();
        assert_eq!(exit, 0, "{said}");
        line
    }

    #[test]
    fn a_page_that_cannot_be_opened_is_a_warning() {
        let scene = Scene::new();
        for (browser, why) in
            [("/no/such/browser", "/no/such/browser"), ("false", "exit status: 1"), (":", "no program")]
        {
            let mut command = scene.login("github");
            command.env("BROWSER", browser);
            let line = warned(&scene, command);
            assert!(line.contains("warning") && line.contains(why), "{browser}: {line}");
        }
    }

    #[test]
    fn no_file_has_a_say_in_what_is_started() {
        let scene = Scene::new();
        let browser = Browser::of(&scene);
        std::fs::write(scene.stage.directory.path().join(".env"), format!("BROWSER='{}'\n", browser.name())).unwrap();
        let mut command = scene.login("github");
        // Nor is a browser of this machine found.
        command.env_remove("BROWSER").env("PATH", "");
        warned(&scene, command);
        assert_eq!(browser.noted(), "");
    }
}
