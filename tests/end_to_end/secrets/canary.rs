//! Distinctive values in every source, deployments that end in every way, and everything that they leave searched.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use fabric_emulator::{Fault, FaultKind, FaultMatch, SERVICE_PRINCIPAL_SECRET, Service, StatusFault, ThrottledFault};

use super::configuration::example_with_parameters;
use super::{PASSWORD, Tenant};
use crate::binary::{ACTIVE_CAPACITY, Run};
use crate::receiver::{Answer, Receiver};
use crate::shared_state::Azurite;

const OF_THE_ENVIRONMENT: &str = "canary-of-the-environment-77a1";
const OF_THE_FILE: &str = "canary-of-the-file-d204";

/// A value as it may stand in a text: as it is, in JSON, in a form, and in base64 at any of its three positions.
fn disguises(value: &str) -> Vec<String> {
    let json = serde_json::to_string(value).unwrap();
    let form: String = value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let encoded = ["", "x", "xy"].map(|before| {
        let encoded = STANDARD_NO_PAD.encode(format!("{before}{value}"));
        encoded[4..encoded.len() - 4].to_owned()
    });
    let debug = format!("{value:?}");
    let inner = |quoted: &str| quoted[1..quoted.len() - 1].to_owned();
    [value.to_owned(), inner(&json), inner(&debug), form].into_iter().chain(encoded).collect()
}

fn search(what: &str, text: &[u8], values: &[&str]) {
    for value in values {
        for disguise in disguises(value) {
            let found = text.windows(disguise.len()).any(|window| window == disguise.as_bytes());
            assert!(!found, "{what} holds {disguise}: {}", String::from_utf8_lossy(text));
        }
    }
}

fn search_folder(folder: &Path, values: &[&str]) {
    look_at_files(folder, &mut |path, bytes| {
        if path.file_name().is_none_or(|name| name != ".env") {
            search(&path.display().to_string(), bytes, values);
        }
    });
}

/// What a run did, after its arguments as everybody on the machine sees them were noted. The kernel shows them a moment after
/// the process was started, and no longer once it has ended.
fn run_seen(command: &mut Command, seen: &mut Vec<u8>) -> Run {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let arguments = format!("/proc/{}/cmdline", child.id());
    let ended = thread::spawn(move || child.wait_with_output().unwrap());
    while cfg!(target_os = "linux") && !ended.is_finished() {
        let shown = fs::read(&arguments).unwrap_or_default();
        if !shown.is_empty() {
            seen.extend(shown);
            break;
        }
        thread::yield_now();
    }
    let output = ended.join().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_value_is_found_in_every_disguise() {
    for disguise in disguises(PASSWORD) {
        let text = format!("before {disguise} after");
        let found = std::panic::catch_unwind(|| search("a text", text.as_bytes(), &[PASSWORD]));
        assert!(found.is_err(), "{disguise}");
    }
}

#[test]
fn no_value_is_told_however_a_deployment_ends() {
    let tenant = Tenant::new(None);
    let root = tenant.stage.directory.path().to_owned();
    let parameters = root.join("source/parameter.yml");
    let more = "- find_key: $.properties.activities[0].type\n  replace_value:\n    _ALL_: ${secret:environment-canary}-${secret:file-canary}\n";
    fs::write(&parameters, fs::read_to_string(&parameters).unwrap() + more).unwrap();
    fs::write(root.join(".env"), format!("FILE_CANARY='{OF_THE_FILE}'\n")).unwrap();
    let token = tenant.stage.emulator.token();
    let values = [PASSWORD, SERVICE_PRINCIPAL_SECRET, OF_THE_ENVIRONMENT, OF_THE_FILE, &token];
    let mut said = 0;
    let mut look = |run: Run| {
        search("stdout", run.stdout.as_bytes(), &values);
        search("stderr", run.stderr.as_bytes(), &values);
        search_folder(&root, &values);
        said += run.stderr.len();
        run.code
    };
    let collector = Receiver::new(Answer::Status(200));
    let ingestion = tenant.stage.emulator.endpoint_of(Service::ApplicationInsights).unwrap();
    let connection = format!("InstrumentationKey=11111111-2222-4333-8444-555555555555;IngestionEndpoint={ingestion}/");
    let variables = [
        ("ENVIRONMENT_CANARY", OF_THE_ENVIRONMENT),
        ("FEATURE_USE_ROLLBACK", "on"),
        ("RUST_BACKTRACE", "1"),
        ("FEATURE_USE_TELEMETRY", "on"),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint.as_str()),
        ("FABRIC_TELEMETRY_FILE", "telemetry.jsonl"),
    ];
    let mut seen = Vec::new();
    let mut run = |arguments: &[&str], more: &[(&str, &str)]| {
        let arguments: Vec<_> = ["--log-level", "trace", "--settle", "1s"].iter().chain(arguments).copied().collect();
        let variables: Vec<_> = variables.iter().chain(more).copied().collect();
        run_seen(tenant.command(&arguments).envs(variables), &mut seen)
    };
    let deploy = [
        "deploy",
        "--source",
        "source",
        "--workspace",
        "Sales",
        "--capacity",
        ACTIVE_CAPACITY,
        "--verify",
        "definitions",
    ];
    let status = |code, applied| FaultKind::Status(StatusFault { code, applied, error_code: None, retry_after: None });
    let kinds = [
        FaultKind::LostBefore,
        FaultKind::AppliedThenLost,
        status(500, true),
        status(403, false),
        FaultKind::Throttled(ThrottledFault { seconds: 1, applied: false }),
        FaultKind::Reset,
        FaultKind::Truncated,
        FaultKind::LroFailed { error_code: "ItemHasProtectedLabel".to_owned() },
    ];
    let fault = |service, operation: &str, nth, kind| {
        let matching = FaultMatch { service, operation: Some(operation.to_owned()), nth, ..FaultMatch::default() };
        vec![Fault { matching, kind }]
    };
    for kind in kinds {
        tenant.stage.emulator.set_faults(fault(Service::Fabric, "CreateItem", Some(2), kind.clone()));
        let code = look(run(&deploy, &[]));
        assert!([0, 1, 4, 5, 6, 75].contains(&code), "{kind:?} ended with {code}");
    }
    tenant.stage.emulator.set_faults(Vec::new());
    look(run(
        &["plan", "--source", "source", "--workspace", "Sales", "--capacity", ACTIVE_CAPACITY, "--out", "saved.plan"],
        &[],
    ));
    assert_eq!(look(run(&deploy, &[])), 0);
    for service in [Service::Entra, Service::KeyVault] {
        let requests = tenant.stage.emulator.requests();
        let mut asked = requests.iter().filter(|request| request.service == service).peekable();
        assert!(asked.peek().is_some(), "{service:?} was asked");
        assert!(asked.all(|request| request.traceparent.is_some()), "{service:?} sees the trace");
    }
    assert!(tenant.definitions().contains(OF_THE_ENVIRONMENT) && tenant.definitions().contains(OF_THE_FILE));

    // The workspace now holds the values: what is updated, and what is undone, are before-images and diffs.
    let notebook = root.join("source/One.Notebook/notebook-content.py");
    fs::write(&notebook, fs::read_to_string(&notebook).unwrap() + "\nprint('more')\n").unwrap();
    look(run(&["plan", "--source", "source", "--workspace", "Sales", "--capacity", ACTIVE_CAPACITY], &[]));
    tenant.stage.emulator.set_faults(fault(Service::Fabric, "UpdateItemDefinition", Some(1), status(500, true)));
    look(run(&deploy, &[]));
    tenant.stage.emulator.set_faults(Vec::new());
    look(run(&deploy, &[]));
    look(run(&["rollback"], &[]));
    look(run(&["history"], &[]));
    look(run(&["--output", "json", "history"], &[]));

    for (service, operation, kind) in [
        (Service::KeyVault, "GetSecret", status(403, false)),
        (Service::KeyVault, "GetSecret", FaultKind::Truncated),
        (Service::KeyVault, "GetSecret", status(503, false)),
        (Service::Entra, "Token", status(401, false)),
        (Service::Entra, "Token", FaultKind::Truncated),
    ] {
        tenant.stage.emulator.set_faults(fault(service, operation, None, kind.clone()));
        let code = look(run(&deploy, &[]));
        assert_ne!(code, 0, "{operation} {kind:?}");
    }
    tenant.stage.emulator.set_faults(Vec::new());
    let with_token = [("FABRIC_TOKEN", token.as_str()), ("FABRIC_AUTH", "token")];
    look(run(&deploy, &with_token));
    look(run(&["secrets", "check", "--source", "source", "--workspace", "Sales", "--capacity", ACTIVE_CAPACITY], &[]));
    // The example's own deployment is the one that has an audit trail; a secret stands in its configuration.
    example_with_parameters(&root.join("product"));
    look(run(&["deploy", "--config", "product/product_config.yaml", "--environment", "dev"], &[]));
    assert!(said > 100_000, "the log was on");

    let trail = fs::read_to_string(root.join("product/audit/audit_trail.jsonl")).unwrap();
    assert!(trail.contains("deployment_"), "{trail}");
    let lines = fs::read_to_string(root.join("telemetry.jsonl")).unwrap();
    let insights = serde_json::to_string(&tenant.stage.emulator.telemetry()).unwrap();
    let posts: String = collector.posts().into_iter().map(|(path, body)| format!("{path}\n{body}\n")).collect();
    for (what, text) in [("the file", &lines), ("Application Insights", &insights), ("the collector", &posts)] {
        for told in ["deployment.started", "/v1/workspaces/{workspaceId}/items", "exception"] {
            assert!(text.contains(told), "{what} was not told of {told}");
        }
        search(what, text.as_bytes(), &values);
    }
    search("the arguments", &seen, &values);
    assert!(
        tenant.definitions().contains(&format!("connect('pw={PASSWORD};')")),
        "the configuration's secret was sent"
    );
    if cfg!(target_os = "linux") {
        assert!(String::from_utf8_lossy(&seen).contains("deploy\0--source"), "the arguments were seen");
    }
}

#[test]
fn no_value_is_kept_in_an_object_store() {
    let Some(azurite) = Azurite::start() else { return };
    let tenant = Tenant::new(None);
    let variables = [
        ("FEATURE_USE_ROLLBACK", "on"),
        ("AZURE_STORAGE_USE_EMULATOR", "true"),
        ("AZURITE_BLOB_STORAGE_URL", azurite.address.as_str()),
    ];
    let state = ["--state", "az://deployments/team/state", "--settle", "1s"];
    let run = |arguments: &[&str]| {
        let run = tenant.run(&[&state[..], arguments].concat(), &variables);
        search("stdout", run.stdout.as_bytes(), &[PASSWORD, SERVICE_PRINCIPAL_SECRET]);
        search("stderr", run.stderr.as_bytes(), &[PASSWORD, SERVICE_PRINCIPAL_SECRET]);
        run
    };
    run(super::DEPLOY).exits(0);
    // What is updated and undone has before-images that hold the value, or would.
    let notebook = tenant.stage.directory.path().join("source/One.Notebook/notebook-content.py");
    fs::write(&notebook, fs::read_to_string(&notebook).unwrap() + "\nprint('more')\n").unwrap();
    run(super::DEPLOY).exits(0);
    run(&["rollback"]).exits(0);
    assert!(tenant.definitions().contains(PASSWORD) && !tenant.definitions().contains("print('more')"));

    let mut kept = 0;
    look_at_files(azurite.data.path(), &mut |path, bytes| {
        search(&path.display().to_string(), bytes, &[PASSWORD, SERVICE_PRINCIPAL_SECRET]);
        kept += usize::from(bytes.windows(17).any(|window| window.eq_ignore_ascii_case(b"sales_db_password")));
    });
    assert!(kept > 0, "the store has before-images, which name the secret");
}

fn look_at_files(folder: &Path, look: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look_at_files(&path, look);
        } else {
            look(&path, &fs::read(&path).unwrap());
        }
    }
}
