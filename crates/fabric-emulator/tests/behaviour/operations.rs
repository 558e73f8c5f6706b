//! Long-running operations on the wire.

use std::time::Duration;

use fabric_emulator::{Answers, Emulator, SERVICE_PRINCIPAL, Settings};
use serde_json::{Value, json};

use crate::bench::{Bench, Got, definition, notebook};

fn operation_of(answer: &Got) -> String {
    format!("/v1/operations/{}", answer.header("x-ms-operation-id").unwrap())
}

#[tokio::test]
async fn an_operation_runs_the_recorded_course() {
    let queued = |settings: &mut Settings| settings.operation_queue = Duration::from_secs(2);
    let builder = Emulator::builder().virtual_time(true).operation_duration(Duration::from_secs(10)).configure(queued);
    let mut bench = Bench::with(builder).await;
    let announced = bench.post(&bench.at("/notebooks"), &notebook("n", "x")).await;
    assert_eq!((announced.status, announced.bytes.as_slice()), (202, b"null".as_slice()));
    let operation = operation_of(&announced);
    let here = format!("{}{operation}", bench.emulator.endpoint());
    assert_eq!(announced.header("location"), Some(here.as_str()));
    assert_eq!(announced.header("retry-after"), Some("20"));
    assert_eq!(announced.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(
        announced.header("access-control-expose-headers"),
        Some("RequestId,Location,Retry-After,ETag,x-ms-operation-id")
    );

    let waiting = bench.get(&operation).await;
    assert_eq!(waiting.json()["status"], "NotStarted");
    bench.emulator.advance(Duration::from_secs(3));
    let running = bench.get(&operation).await;
    let stamp = "2026-01-01T00:00:00";
    let expected = json!({"status": "Running", "createdTimeUtc": stamp, "lastUpdatedTimeUtc": stamp, "percentComplete": null, "error": null});
    assert_eq!(running.json(), expected);
    assert_eq!((running.header("location"), running.header("retry-after")), (Some(here.as_str()), Some("20")));
    assert_eq!(bench.get(&format!("{operation}/result")).await.verdict(), "400 OperationNotSucceeded");
    assert_eq!(bench.names(&bench.at("/items")).await, Vec::<String>::new(), "not there yet");
    let again = bench.post(&bench.at("/notebooks"), &notebook("n", "x")).await;
    assert_eq!(again.verdict(), "409 ItemDisplayNameAlreadyInUse", "but its name is taken");

    bench.emulator.advance(Duration::from_secs(9));
    let done = bench.get(&operation).await;
    assert_eq!((&done.json()["status"], &done.json()["percentComplete"]), (&json!("Succeeded"), &json!(100)));
    assert_eq!(done.json()["lastUpdatedTimeUtc"], "2026-01-01T00:00:12");
    assert_eq!((done.header("location"), done.header("retry-after")), (Some(format!("{here}/result").as_str()), None));
    let result = bench.get(&format!("{operation}/result")).await;
    assert_eq!(result.header("content-type"), Some("application/json"));
    assert_eq!(result.json()["displayName"], "n");
    assert_eq!(bench.names(&bench.at("/items")).await, ["n"]);

    bench.token = bench.emulator.token_for(&SERVICE_PRINCIPAL.to_string());
    assert_eq!(bench.get(&operation).await.verdict(), "404 OperationNotFound", "it belongs to who started it");
}

#[tokio::test]
async fn an_operation_without_a_result_points_nowhere() {
    let bench = Bench::new().await;
    let made = bench.post(&bench.at("/provisionIdentity"), &Value::Null).await;
    assert_eq!(made.header("retry-after"), Some("5"));
    assert!(bench.finished(made).await.json()["applicationId"].is_string());
    assert!(bench.get(&bench.at("")).await.json()["workspaceIdentity"]["servicePrincipalId"].is_string());
    let gone = bench.post(&bench.at("/deprovisionIdentity"), &Value::Null).await;
    let operation = operation_of(&gone);
    let done = bench.get(&operation).await;
    assert_eq!(done.json()["status"], "Succeeded");
    assert_eq!((done.header("location"), done.header("x-ms-operation-id")), (None, None));
    let result = bench.get(&format!("{operation}/result")).await;
    assert_eq!(result.verdict(), "400 OperationHasNoResult");
    assert_eq!(result.json()["message"], "The operation has no result");
}

#[tokio::test]
async fn an_update_shows_only_once_it_is_complete() {
    let bench = Bench::slow().await;
    let id = bench.make("/items", &notebook("n", "old")).await;
    let path = bench.at(&format!("/items/{id}/updateDefinition"));
    let announced = bench.post(&path, &json!({"definition": definition(&[("notebook-content.py", "new")])})).await;
    assert_eq!(announced.status, 202);
    let world = bench.emulator.world();
    let payload = |world: &Value| world["items"][0]["definition"]["parts"][0]["payload"].clone();
    assert_eq!(payload(&world), "b2xk");
    bench.finished(announced).await;
    assert_eq!(payload(&bench.emulator.world()), "bmV3");
}

#[tokio::test]
async fn answers_come_at_once_or_later_as_each_type_was_recorded() {
    let bench = Bench::new().await;
    let part = |path: &str| definition(&[(path, "{}")]);
    let cases = [
        ("notebooks", json!({"displayName": "a"}), 202),
        ("lakehouses", json!({"displayName": "a"}), 201),
        ("lakehouses", json!({"displayName": "b", "definition": part("lakehouse.metadata.json")}), 202),
        ("environments", json!({"displayName": "a"}), 201),
        ("environments", json!({"displayName": "b", "definition": part("Setting/Sparkcompute.yml")}), 202),
        ("dataPipelines", json!({"displayName": "a", "definition": part("pipeline-content.json")}), 201),
        ("reports", json!({"displayName": "a", "definition": part("definition.pbir")}), 202),
        ("eventstreams", json!({"displayName": "a"}), 202),
        ("warehouses", json!({"displayName": "a"}), 202),
        ("mlModels", json!({"displayName": "a"}), 202),
        ("sqlDatabases", json!({"displayName": "a", "creationPayload": {"creationMode": "New"}}), 202),
    ];
    for (collection, body, expected) in cases {
        assert_eq!(
            bench.post(&bench.at(&format!("/{collection}")), &body).await.status,
            expected,
            "{collection} {body}"
        );
    }
}

#[tokio::test]
async fn answers_can_be_forced_either_way() {
    let bench = Bench::new().await;
    let pipelines = bench.at("/dataPipelines");
    for (answers, name, expected) in [(Answers::ForceLongRunning, "a", 202), (Answers::ForceImmediate, "b", 201)] {
        bench.emulator.configure(|settings| settings.answers = answers);
        let created = bench.post(&pipelines, &json!({"displayName": name})).await;
        assert_eq!(created.status, expected);
    }
    let notebook = bench.post(&bench.at("/notebooks"), &notebook("n", "x")).await;
    assert_eq!(notebook.status, 201);
    let read = bench.post(&bench.at(&format!("/notebooks/{}/getDefinition", notebook.id())), &Value::Null).await;
    assert_eq!((read.status, read.json()["definition"]["parts"].as_array().unwrap().len()), (200, 2));
}

#[tokio::test]
async fn operations_can_be_said_to_live_on_another_host() {
    let foreign =
        |settings: &mut Settings| settings.foreign_operation_host = Some("https://elsewhere.example".to_owned());
    let bench = Bench::with(Emulator::builder().configure(foreign)).await;
    let announced = bench.post(&bench.at("/notebooks"), &notebook("n", "x")).await;
    let expected = format!("https://elsewhere.example{}", operation_of(&announced));
    assert_eq!(announced.header("location"), Some(expected.as_str()));
    let done = bench.get(&operation_of(&announced)).await;
    assert_eq!(done.header("location"), Some(format!("{expected}/result").as_str()));
}
