//! The check `git`: a connection that works, that was not finished, that has no credentials.

use serde_json::json;

use super::{check, fault, only};
use crate::git::{Scene, TO_GITHUB, github};

const HEALTH: [&str; 5] = ["health", "--workspace", "Sales", "--only", "git,fabric"];

#[test]
fn a_connection_that_works_and_one_that_lost_its_credentials() {
    let scene = Scene::new(&github());
    let before = scene.stage.json(0, &HEALTH);
    assert_eq!(check(&before, "git")["status"], "disabled", "{before:#}");
    scene.connect(0, &TO_GITHUB, &[]);
    let document = scene.stage.json(0, &HEALTH);
    let found = check(&document, "git");
    assert_eq!(found["status"], "healthy", "{document:#}");
    let detail = found["detail"].as_str().unwrap();
    assert!(detail.contains("https://github.com/contoso/fabric") && detail.ends_with("branch main"), "{detail}");

    let credentials = format!("/v1/workspaces/{}/git/myGitCredentials", scene.workspace);
    let (status, answer) = scene.stage.fabric("PATCH", &credentials, Some(json!({ "source": "None" })));
    assert_eq!(status, 200, "{answer}");
    only(&scene.stage.json(0, &HEALTH), "git", "degraded", "has no credentials for it");
}

#[test]
fn a_connection_that_was_not_initialised() {
    let scene = Scene::new(&github());
    scene.connect(0, &TO_GITHUB, &[]);
    let of_workspace = |action: &str| format!("/v1/workspaces/{}/git/{action}", scene.workspace);
    let (_, credentials) = scene.stage.fabric("GET", &of_workspace("myGitCredentials"), None);
    let (status, answer) = scene.stage.fabric("POST", &of_workspace("disconnect"), None);
    assert_eq!(status, 200, "{answer}");
    let connect = json!({ "gitProviderDetails": github(), "myGitCredentials": credentials });
    let (status, answer) = scene.stage.fabric("POST", &of_workspace("connect"), Some(connect));
    assert_eq!(status, 200, "{answer}");
    only(&scene.stage.json(0, &HEALTH), "git", "degraded", "and not initialised");
}

#[test]
fn a_connection_that_is_not_shown() {
    let scene = Scene::new(&github());
    let absent = scene.stage.json(0, &["health", "--workspace", "Nothing", "--only", "git"]);
    assert_eq!(check(&absent, "git")["status"], "disabled", "{absent:#}");
    scene.connect(0, &TO_GITHUB, &[]);
    // Only administrators of a workspace see its connection, and a deployment does not need it.
    for (path, code, exit, status, said) in [
        ("git/connection", 403, 0, "degraded", "cannot read the connection to Git"),
        ("git/connection", 400, 1, "unhealthy", "cannot read the connection to Git"),
        ("git/myGitCredentials", 400, 1, "unhealthy", "cannot read the credentials for Git"),
    ] {
        fault(&scene.stage, &json!({ "match": { "path": path }, "kind": { "status": { "code": code } } }));
        only(&scene.stage.json(exit, &HEALTH), "git", status, said);
    }
}
