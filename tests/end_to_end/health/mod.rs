//! `health` against each broken dependency, one at a time.

mod capacity;
#[cfg(unix)]
mod container;
mod git;
mod identity;
mod key_vault;
mod telemetry;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
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
        // A machine that does much else answers late: that is said, and not what is asked here.
        let is_late = other["advice"].as_str().is_some_and(|advice| advice.starts_with("expect a slow deployment"));
        assert!(is_late || matches!(other["status"].as_str(), Some("healthy" | "disabled")), "{other}");
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

    let id = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    let of = |workspace: &str| {
        let flags = ["--flag", ROLLBACK, "--only", "state,fabric", "--state", "third"];
        stage.json(0, &[&["health", "--workspace", workspace][..], &flags].concat())
    };
    let said = |document: &Value| check(document, "state")["detail"].as_str().unwrap().to_owned();
    assert!(said(&of(&id)).contains("nobody deploys to W"), "{}", of(&id));
    assert!(said(&of("d0000000-0000-4000-8000-00000000dead")).contains("the workspace is not there"));

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
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let document = stage.json(0, &["health", "--only", "clock", "--endpoint", &format!("http://{closed}")]);
    only(&document, "clock", "degraded", "cannot be told: Fabric does not answer");
}
