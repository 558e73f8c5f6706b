//! Which connection signs in to a repository: the one that is named, never one that is guessed.

use serde_json::{Value, json};

use crate::binary::{Run, fabric_cli, run};
use crate::git::{Scene, TO_GITHUB, github};

/// Somebody's connection to a repository of GitHub; its id.
fn connection(scene: &Scene, name: &str, repository: &str) -> String {
    let body = json!({"displayName": name, "connectivityType": "ShareableCloud",
        "connectionDetails": {"type": "GitHubSourceControl", "creationMethod": "GitHubSourceControl.Contents",
            "parameters": [{"dataType": "Text", "name": "url", "value": format!("https://github.com/contoso/{repository}")}]},
        "credentialDetails": {"credentials": {"credentialType": "Key", "key": "k"}}});
    let (status, created) = scene.stage.fabric("POST", "/v1/connections", Some(body));
    assert_eq!(status, 201, "{created}");
    created["id"].as_str().unwrap().to_owned()
}

/// The connection with which the administrator's calls sign in.
fn used(scene: &Scene) -> Value {
    let path = format!("/v1/workspaces/{}/git/myGitCredentials", scene.workspace);
    scene.stage.fabric("GET", &path, None).1["connectionId"].clone()
}

/// Connects with a connection that a variable names.
fn connect_with(scene: &Scene, id: &str) -> Run {
    let mut command = fabric_cli(scene.stage.directory.path());
    command.args(["--output", "json", "git", "connect", "--workspace", "Sales"]).args(TO_GITHUB);
    command.env("FABRIC_ENDPOINT", scene.stage.emulator.endpoint());
    command.env("FABRIC_TOKEN", scene.stage.emulator.token());
    run(command.env("FABRIC_GIT_CONNECTION_ID", id))
}

#[test]
fn of_several_connections_none_is_guessed_and_one_is_named() {
    let scene = Scene::new(&github());
    let (first, second) = (connection(&scene, "Mine", "fabric"), connection(&scene, "Yours", "fabric"));
    let refused = scene.connect(1, &TO_GITHUB, &[]);
    assert_eq!(refused["error"]["code"], "git-ambiguous-connection", "{refused}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains(&first) && message.contains(&second), "{message}");

    scene.connect(0, &TO_GITHUB, &["--connection", &second]);
    assert_eq!(used(&scene), json!(second));
}

#[test]
fn a_variable_names_the_connection() {
    let scene = Scene::new(&github());
    let (_, second) = (connection(&scene, "Mine", "fabric"), connection(&scene, "Yours", "fabric"));
    let refused = connect_with(&scene, "Yours").exits(7);
    assert!(refused.stdout.contains("FABRIC_GIT_CONNECTION_ID"), "{}", refused.stdout);
    connect_with(&scene, &second).exits(0);
    assert_eq!(used(&scene), json!(second));
}

#[test]
fn a_connection_that_leads_elsewhere_is_refused() {
    let scene = Scene::new(&github());
    let other = connection(&scene, "Another team's", "fabric2");
    let refused = scene.connect(1, &TO_GITHUB, &["--connection", &other]);
    assert_eq!(refused["error"]["code"], "git-wrong-connection", "{refused}");
    let (_, connection) =
        scene.stage.fabric("GET", &format!("/v1/workspaces/{}/git/connection", scene.workspace), None);
    assert_eq!(connection["gitConnectionState"], "NotConnected");
}

#[test]
fn a_workspace_that_is_connected_elsewhere_stays_there() {
    let scene = Scene::new(&github());
    scene.connect(0, &TO_GITHUB, &[]);
    let elsewhere =
        ["--provider", "github", "--organization", "contoso", "--repository", "fabric", "--directory", "other"];
    let refused = scene.connect(1, &elsewhere, &[]);
    assert_eq!(refused["error"]["code"], "git-connected-elsewhere", "{refused}");
    let (_, connection) =
        scene.stage.fabric("GET", &format!("/v1/workspaces/{}/git/connection", scene.workspace), None);
    assert_eq!(connection["gitProviderDetails"]["directoryName"], "items", "{connection}");
}
