//! `health` against each broken dependency, one at a time.

mod git;
mod key_vault;
mod telemetry;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use fabric_emulator::Fault;
use serde_json::{Value, json};

use crate::binary::{self, ACTIVE_CAPACITY, Stage};
use crate::sources;

const ROLLBACK: &str = "FEATURE_USE_ROLLBACK=on";
const PAUSED_CAPACITY: &str = "c0000000-0000-4000-8000-000000000002";
const USER: &str = "a0000000-0000-4000-8000-000000000002";

fn health<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["health", "--workspace", "W", "--flag", ROLLBACK].iter().chain(more).copied().collect()
}

/// A workspace that can be deployed to.
fn deployed() -> Stage {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "First", 1, "print('first')");
    stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    stage
}

fn deploy<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let base = ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev", "--flag", ROLLBACK];
    base.iter().chain(more).copied().collect()
}

fn fault(stage: &Stage, fault: &Value) {
    let faults: Vec<Fault> = serde_json::from_value(json!([fault])).unwrap();
    stage.emulator.set_faults(faults);
}

#[track_caller]
fn check<'a>(document: &'a Value, id: &str) -> &'a Value {
    let checks = document["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("{document}"))
}

/// The check says that, and every other check is healthy or disabled.
#[track_caller]
fn only(document: &Value, id: &str, status: &str, said: &str) {
    let found = check(document, id);
    assert_eq!(found["status"], status, "{document:#}");
    let detail = found["detail"].as_str().unwrap();
    assert!(detail.contains(said), "{detail}");
    assert!(found["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{found}");
    for other in document["checks"].as_array().unwrap().iter().filter(|check| check["id"] != id) {
        assert!(matches!(other["status"].as_str(), Some("healthy" | "disabled")), "{other}");
    }
}

#[test]
fn a_workspace_that_can_be_deployed_to_is_healthy() {
    let stage = deployed();
    let before = stage.mutations().len();
    let document = stage.json(0, &health(&[]));
    assert_eq!((&document["schema_version"], &document["status"]), (&json!("1"), &json!("healthy")));
    for id in ["fabric", "identity", "permissions", "capacity", "state", "clock"] {
        assert_eq!(check(&document, id)["status"], "healthy", "{document:#}");
        assert!(check(&document, id)["latency_ms"].is_u64() && check(&document, id)["advice"].is_null());
    }
    assert_eq!(check(&document, "git")["status"], "disabled");
    assert!(check(&document, "capacity")["detail"].as_str().unwrap().contains("West Europe"));
    assert_eq!(stage.mutations().len(), before, "a check changes nothing in Fabric");
    assert!(!document.to_string().contains(&stage.emulator.token()), "a token was shown");

    let off = stage.json(0, &["health", "--workspace", "W", "--only", "state,fabric"]);
    assert_eq!(off["checks"].as_array().unwrap().len(), 2);
    assert_eq!(check(&off, "state")["status"], "disabled");
    let nothing = stage.json(0, &["health"]);
    assert_eq!(check(&nothing, "permissions")["status"], "disabled");
    let text = stage.run(&health(&[])).exits(0).stdout;
    assert!(text.contains("disabled   git") && text.ends_with(" ms\n"), "{text}");
}

#[test]
fn a_service_that_is_slow_ill_or_not_there() {
    let stage = deployed();
    fault(&stage, &json!({ "kind": { "slow_ms": 20000 } }));
    let document = stage.json(1, &health(&[]));
    for id in ["fabric", "identity", "permissions", "capacity", "clock"] {
        assert_eq!(check(&document, id)["status"], "timed_out", "{document:#}");
    }
    assert_eq!(check(&document, "state")["status"], "healthy");
    assert!(document["duration_ms"].as_u64().unwrap() < 10_000, "{document}");

    fault(&stage, &json!({ "match": { "operation": "ListWorkspaces" }, "kind": { "status": { "code": 503 } } }));
    let document = stage.json(1, &health(&["--only", "fabric"]));
    only(&document, "fabric", "unhealthy", "503");

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{closed}");
    let document = stage.json(1, &["health", "--only", "fabric", "--endpoint", &endpoint]);
    only(&document, "fabric", "unhealthy", "does not answer");
}

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
fn a_role_that_does_not_suffice_is_named_with_what_is_needed() {
    let stage = deployed();
    let workspace = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    let arguments: Vec<_> = ["--output", "json"].into_iter().chain(health(&["--only", "permissions,fabric"])).collect();
    let user = stage.emulator.token_for(USER);
    let document = stage.run_as(&user, &arguments).exits(0).document();
    only(&document, "permissions", "degraded", "has no role in it");
    let viewer = json!({ "principal": { "id": USER, "type": "User" }, "role": "Viewer" });
    let (status, _) = stage.fabric("POST", &format!("/v1/workspaces/{workspace}/roleAssignments"), Some(viewer));
    assert_eq!(status, 201);
    let document = stage.run_as(&user, &arguments).exits(4).document();
    only(&document, "permissions", "unhealthy", "is Viewer of W, and Contributor is needed");
}

#[test]
fn a_capacity_that_is_paused_or_gone() {
    let stage = deployed();
    let document = stage.json(1, &health(&["--capacity", PAUSED_CAPACITY]));
    only(&document, "capacity", "unhealthy", "(F2, West Europe) is inactive");
    let document = stage.json(1, &health(&["--capacity", "c0000000-0000-4000-8000-00000000dead"]));
    only(&document, "capacity", "unhealthy", "does not exist");
}

#[test]
fn a_state_that_cannot_be_written_or_is_locked_or_unfinished() {
    let stage = deployed();
    fs::write(stage.path("file"), "not a folder").unwrap();
    let document = stage.json(1, &health(&["--state", "file/state"]));
    only(&document, "state", "unhealthy", "file");

    sources::notebook(&stage.directory.path().join("source"), "Second", 2, "print('second')");
    fault(&stage, &json!({ "match": { "operation": "CreateItem" }, "kind": { "slow_ms": 600_000 } }));
    stage.emulator.clear_requests();
    let mut deploying = binary::fabric_cli(stage.directory.path())
        .args(deploy(&[]))
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .env("FABRIC_TOKEN", stage.emulator.token())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let locked = loop {
        let document = stage.json(0, &health(&[]));
        if check(&document, "state")["status"] != "healthy" {
            break document;
        }
    };
    deploying.kill().unwrap();
    deploying.wait().unwrap();
    only(&locked, "state", "degraded", "is locked by fabric-cli");

    let other = ["--state", "other"];
    fault(&stage, &json!({ "match": { "operation": "CreateItem" }, "kind": { "status": { "code": 400 } } }));
    stage.run(&deploy(&["--on-failure", "keep", "--state", "other"]));
    let document = stage.json(1, &health(&other));
    only(&document, "state", "unhealthy", "has not ended");
    assert!(check(&document, "state")["advice"].as_str().unwrap().contains("fabric-cli resume"));
}

/// A service that only tells a time, `offset` seconds from now.
fn tells_time(offset: i64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).unwrap();
            let now = SystemTime::now();
            let shift = Duration::from_secs(offset.unsigned_abs());
            let date = httpdate::fmt_http_date(if offset < 0 { now - shift } else { now + shift });
            let answer =
                format!("HTTP/1.1 401 Unauthorized\r\ndate: {date}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    endpoint
}

#[test]
fn a_clock_that_is_wrong() {
    let stage = Stage::new();
    let clock =
        |offset, code| stage.json(code, &["health", "--only", "clock,fabric", "--endpoint", &tells_time(offset)]);
    only(&clock(-600, 1), "clock", "unhealthy", "ahead of Fabric's");
    only(&clock(600, 1), "clock", "unhealthy", "behind Fabric's");
    only(&clock(60, 0), "clock", "degraded", "behind Fabric's");
    assert_eq!(check(&clock(0, 0), "clock")["status"], "healthy");
}

fn ask(method: &str, address: &str, path: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn a_container_can_be_asked() {
    let stage = deployed();
    let mut serving = binary::fabric_cli(stage.directory.path())
        .args(health(&["--serve", "127.0.0.1:0"]))
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .env("FABRIC_TOKEN", stage.emulator.token())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let places: Value = serde_json::from_str(&line).unwrap();
    let address = places["ready"].as_str().unwrap().strip_prefix("http://").unwrap();
    let address = address.strip_suffix("/ready").unwrap();
    let (status, document) = ask("GET", address, "/health");
    assert_eq!((status, &document["status"]), (200, &json!("healthy")), "{document:#}");
    assert_eq!(ask("GET", address, "/ready"), (200, json!({ "schema_version": "1", "ready": true })));
    assert_eq!(ask("GET", address, "/elsewhere").0, 404);
    assert_eq!(ask("POST", address, "/health").0, 405);
    fault(&stage, &json!({ "kind": { "status": { "code": 503 } } }));
    // What was found is kept for two seconds.
    let unhealthy = loop {
        let (status, document) = ask("GET", address, "/health");
        if status != 200 {
            break (status, document);
        }
    };
    assert_eq!((unhealthy.0, &unhealthy.1["status"]), (503, &json!("unhealthy")));
    assert_eq!(ask("GET", address, "/ready"), (503, json!({ "schema_version": "1", "ready": false })));
    serving.kill().unwrap();
    serving.wait().unwrap();
}
