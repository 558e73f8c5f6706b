//! Who the binary signs in as, and what it says where that is not clear.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::thread;

use crate::binary::{self, ACTIVE_CAPACITY, Run, Stage};
use crate::sources;

/// Variables that a pipeline which runs these tests may have.
const OF_THIS_MACHINE: [&str; 12] = [
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ARM_CLIENT_SECRET",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_TENANT_ID",
    "FAB_TOKEN",
    "FABRIC_AUTH",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "SYSTEM_OIDCREQUESTURI",
];

const SECRET: &str = "canary-4e1b";

/// Plans against the stage's emulator with these variables and nothing on the path but `az`, where there is one.
fn plan(stage: &Stage, variables: &[(&str, &str)]) -> Run {
    let directory = stage.directory.path();
    sources::notebook(&directory.join("source"), "One", 1, "print(1)");
    std::fs::create_dir_all(directory.join("bin")).unwrap();
    let mut command: Command = binary::fabric_cli(directory);
    for variable in OF_THIS_MACHINE {
        command.env_remove(variable);
    }
    command
        .args(["plan", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY])
        .env("PATH", directory.join("bin"))
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .envs(variables.iter().copied());
    let run = binary::run(&mut command);
    assert!(!run.stdout.contains(SECRET) && !run.stderr.contains(SECRET), "{}{}", run.stdout, run.stderr);
    run
}

#[test]
fn two_identities_at_once_are_refused_before_anything_is_sent() {
    let stage = Stage::new();
    let token = stage.emulator.token();
    let refused = plan(&stage, &[("FABRIC_TOKEN", &token), ("AZURE_CLIENT_SECRET", SECRET)]).exits(7);
    assert!(refused.stderr.contains("FABRIC_TOKEN") && refused.stderr.contains("AZURE_CLIENT_SECRET"));
    assert!(refused.stderr.contains("FABRIC_AUTH"), "{}", refused.stderr);
    assert_eq!(stage.emulator.requests().len(), 0);

    let both = [("FABRIC_TOKEN", token.as_str()), ("AZURE_CLIENT_SECRET", SECRET), ("FABRIC_AUTH", "token")];
    plan(&stage, &both).exits(0);
}

#[test]
fn a_certificate_that_does_not_parse_is_refused_before_anything_is_sent() {
    let stage = Stage::new();
    std::fs::write(stage.directory.path().join("client.pem"), SECRET).unwrap();
    let application = [("FABRIC_CLIENT_ID", "c"), ("FABRIC_TENANT_ID", "t")];
    let certificate = [("FABRIC_CLIENT_CERTIFICATE_FILE_PATH", "client.pem")];
    let refused = plan(&stage, &[&application[..], &certificate].concat()).exits(7);
    assert!(refused.stderr.contains("FABRIC_CLIENT_CERTIFICATE_FILE_PATH"), "{}", refused.stderr);
    assert!(refused.stderr.contains("not PEM") && refused.stderr.contains("openssl pkcs12"), "{}", refused.stderr);
}

#[test]
fn an_identity_that_lacks_something_is_not_replaced_by_another() {
    let stage = Stage::new();
    az(&stage, &stage.emulator.token());
    let denied = plan(&stage, &[("FABRIC_CLIENT_SECRET", SECRET)]).exits(4);
    assert!(denied.stderr.contains("FABRIC_CLIENT_ID and FABRIC_TENANT_ID are not set"), "{}", denied.stderr);
}

#[test]
fn nobody_is_told_what_every_way_lacks() {
    let stage = Stage::new();
    let denied = plan(&stage, &[]).exits(4);
    for said in [
        "Azure CLI: az not found on PATH",
        "token: skipped, FABRIC_TOKEN is not set",
        "certificate: skipped",
        "GitHub Actions: skipped",
        "managed identity: skipped, FABRIC_USE_MSI is not set",
        "az login",
        "--emulator",
    ] {
        assert!(denied.stderr.contains(said), "{said}: {}", denied.stderr);
    }
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[test]
fn whoever_is_signed_in_to_the_azure_cli_can_deploy() {
    let stage = Stage::new();
    az(&stage, &stage.emulator.token());
    plan(&stage, &[]).exits(0);
}

#[test]
fn the_identity_of_the_machine_can_deploy() {
    let stage = Stage::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/msi/token", listener.local_addr().unwrap());
    let body = format!(r#"{{"access_token":"{}","expires_on":"4102444800"}}"#, stage.emulator.token());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let request: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
        request.join("\n")
    });
    let identity = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", SECRET)];
    let run = plan(&stage, &identity);
    let request = server.join().unwrap();
    run.exits(0);
    assert!(
        request.contains(SECRET) && request.contains("resource=https%3A%2F%2Fapi.fabric.microsoft.com"),
        "{request}"
    );
}

/// An Azure CLI that has this token.
fn az(stage: &Stage, token: &str) {
    let directory = stage.directory.path().join("bin");
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("az");
    let answer = format!(r#"{{"accessToken":"{token}","expires_on":4102444800,"tokenType":"Bearer"}}"#);
    std::fs::write(&file, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
}
