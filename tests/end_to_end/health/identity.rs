//! The checks `identity` and `permissions`: nobody, somebody who is refused, a token that ends, a role that does not do.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::{USER, check, deployed, fault, health, only};
use crate::audit;
use crate::binary::{self, ACTIVE_CAPACITY, Stage};

#[test]
fn nobody_is_signed_in_or_the_token_is_refused() {
    let stage = deployed();
    let arguments: Vec<_> = ["--output", "json"].into_iter().chain(health(&[])).collect();
    let document = stage.run_as("not-a-token", &arguments).exits(4).document();
    assert_eq!(check(&document, "identity")["status"], "unhealthy", "{document:#}");
    assert_eq!(check(&document, "permissions")["status"], "unhealthy");
    assert_eq!(check(&document, "fabric")["status"], "healthy");
    assert!(!document.to_string().contains("not-a-token"));

    let incomplete = binary::run(
        binary::fabric_cli(stage.directory.path())
            .args(&arguments)
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("FABRIC_AUTH", "client-secret")
            .env("FABRIC_CLIENT_ID", "11111111-1111-4111-8111-111111111111"),
    );
    let document = incomplete.exits(4).document();
    let detail = check(&document, "identity")["detail"].as_str().unwrap();
    assert!(detail.contains("client secret") && detail.contains("TENANT_ID"), "{detail}");
    assert!(check(&document, "permissions")["detail"].as_str().unwrap().contains("nobody is signed in"));

    // Another dependency is broken as well: signing in alone does not help.
    fs::write(stage.path("file"), "not a folder").unwrap();
    let arguments: Vec<_> = arguments.into_iter().chain(["--state", "file/state"]).collect();
    stage.run_as("not-a-token", &arguments).exits(1);
}

#[test]
fn a_token_that_ends_soon_or_has_ended() {
    let stage = deployed();
    let with = |lifetime: u64, code: i32| {
        stage.emulator.configure(|settings| settings.token_lifetime = Duration::from_secs(lifetime));
        stage.json(code, &["health", "--only", "identity,fabric"])
    };
    let document = with(3_600, 0);
    assert_eq!(check(&document, "identity")["status"], "healthy", "{document:#}");
    only(&with(300, 0), "identity", "degraded", "valid until 2");
    let document = with(0, 4);
    only(&document, "identity", "unhealthy", "the token expired at 2");
    assert!(check(&document, "identity")["advice"].as_str().unwrap().contains("sign in again"));
}

#[test]
fn a_service_that_fails_leaves_open_whether_the_token_is_good() {
    let stage = deployed();
    // The first list is for nobody in particular; the second one is asked for with the token.
    fault(&stage, &json!({ "match": { "operation": "ListWorkspaces" }, "kind": { "status": { "code": 500 } } }));
    let document = stage.json(0, &["health", "--only", "identity"]);
    only(&document, "identity", "degraded", "cannot list workspaces");
}

fn permissions(stage: &Stage, token: &str, code: i32, more: &[&str]) -> Value {
    let only = ["--only", "permissions,fabric"];
    let arguments: Vec<_> = ["--output", "json"].into_iter().chain(health(&only)).chain(more.iter().copied()).collect();
    stage.run_as(token, &arguments).exits(code).document()
}

#[test]
fn a_role_that_does_not_suffice_is_named_with_what_is_needed() {
    let stage = deployed();
    let workspace = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    let user = stage.emulator.token_for(USER);
    let assignments = format!("/v1/workspaces/{workspace}/roleAssignments");
    let document = permissions(&stage, &user, 0, &[]);
    only(&document, "permissions", "degraded", "has no role in it");
    let viewer = json!({ "principal": { "id": USER, "type": "User" }, "role": "Viewer" });
    assert_eq!(stage.fabric("POST", &assignments, Some(viewer)).0, 201);
    let document = permissions(&stage, &user, 4, &[]);
    only(&document, "permissions", "unhealthy", "is Viewer of W, and Contributor is needed to change items");

    let change = stage.fabric("PATCH", &format!("{assignments}/{USER}"), Some(json!({ "role": "Contributor" })));
    assert_eq!(change.0, 200, "{}", change.1);
    let document = permissions(&stage, &user, 0, &["--capacity", ACTIVE_CAPACITY]);
    assert_eq!(check(&document, "permissions")["status"], "healthy", "{document:#}");
    let document = permissions(&stage, &user, 4, &["--capacity", super::PAUSED_CAPACITY]);
    only(&document, "permissions", "unhealthy", "is Contributor of W, and Admin is needed to assign the capacity");
}

#[test]
fn a_product_that_gives_roles_needs_an_administrator() {
    let stage = audit::stage();
    stage.json(0, &audit::deploy("dev"));
    let before = stage.mutations().len();
    let of_product = ["health", "--config", "product/product_config.yaml", "--environment", "dev"];
    let document = stage.json(0, &[&of_product[..], &["--only", "permissions,capacity"]].concat());
    let detail = check(&document, "permissions")["detail"].as_str().unwrap();
    assert!(detail.starts_with("Admin of ") && detail.ends_with("Admin is needed to give roles"), "{detail}");
    assert_eq!(check(&document, "capacity")["status"], "healthy", "{document:#}");
    assert_eq!(stage.mutations().len(), before);
}

#[test]
fn roles_that_cannot_be_asked_for() {
    let stage = deployed();
    fault(
        &stage,
        &json!({ "match": { "operation": "ListWorkspaces", "nth": 3, "times": 9 }, "kind": { "status": { "code": 400 } } }),
    );
    let document = permissions(&stage, &stage.emulator.token(), 1, &[]);
    only(&document, "permissions", "unhealthy", "cannot learn the role in the workspace");
}
