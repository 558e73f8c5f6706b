//! Environments, connections, shortcuts, jobs, schedules.

use std::time::Duration;

use fabric_emulator::{Emulator, Settings, USER};
use serde_json::{Value, json};

use crate::bench::{Bench, notebook};

#[tokio::test]
async fn an_environment_is_published_and_cancelled() {
    let bench = Bench::slow().await;
    let id = bench.make("/environments", &json!({"displayName": "e"})).await;
    let path = bench.at(&format!("/environments/{id}"));
    let state = async || bench.get(&path).await.json()["properties"]["publishDetails"]["state"].clone();
    assert_eq!(state().await, "Success");
    assert_eq!(bench.get(&format!("{path}/libraries")).await.verdict(), "404 EnvironmentLibrariesNotFound");
    let cancel = format!("{path}/staging/cancelPublish");
    assert_eq!(bench.post(&cancel, &Value::Null).await.verdict(), "400 InvalidEnvironmentCancel");

    let publish = format!("{path}/staging/publish?beta=false");
    let announced = bench.post(&publish, &Value::Null).await;
    assert_eq!((announced.status, announced.bytes.len(), announced.header("retry-after")), (202, 0, Some("120")));
    assert_eq!(state().await, "Running");
    assert_eq!(bench.post(&publish, &Value::Null).await.verdict(), "400 InvalidEnvironmentPublish");
    let done = bench.finished(announced).await.json();
    assert_eq!(done["publishDetails"]["state"], "Success");

    let older = bench.post(&format!("{path}/staging/publish"), &Value::Null).await;
    assert_eq!((older.status, &older.json()["publishDetails"]["state"]), (200, &json!("Running")));
    assert_eq!(bench.post(&cancel, &Value::Null).await.json()["publishDetails"]["state"], "Cancelled");
    assert_eq!(state().await, "Cancelled");
}

fn connection(name: &str) -> Value {
    json!({
        "displayName": name,
        "connectivityType": "ShareableCloud",
        "connectionDetails": {"type": "SQL", "creationMethod": "SQL", "parameters": [
            {"dataType": "Text", "name": "server", "value": "host.example"},
            {"dataType": "Text", "name": "database", "value": "sales"},
        ]},
        "credentialDetails": {"credentials": {"credentialType": "Basic", "username": "u", "password": "hunter2"}},
    })
}

#[tokio::test]
async fn connections_keep_no_secret_and_belong_to_their_owner() {
    let mut bench = Bench::new().await;
    let created = bench.post("/v1/connections", &connection("c")).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json()["connectionDetails"], json!({"path": "host.example;sales", "type": "SQL"}));
    assert!(!bench.emulator.world().to_string().contains("hunter2"));
    assert_eq!(bench.post("/v1/connections", &connection("C")).await.verdict(), "409 DuplicateConnectionName");
    let path = format!("/v1/connections/{}", created.id());
    assert_eq!(created.header("location"), Some(format!("{}{path}", bench.emulator.endpoint()).as_str()));
    let own = std::mem::replace(&mut bench.token, bench.emulator.token_for(&USER.to_string()));
    assert_eq!(bench.get(&path).await.verdict(), "404 EntityNotFound");
    bench.token = own;
    assert_eq!(bench.names("/v1/connections").await, ["c"]);
    assert_eq!(bench.delete(&path).await.verdict(), "200");
    assert_eq!(bench.get(&path).await.verdict(), "404 EntityNotFound");
    let notebook = bench.make("/items", &notebook("n", "x")).await;
    let unsupported = bench.get(&bench.at(&format!("/items/{notebook}/connections"))).await;
    assert_eq!(unsupported.verdict(), "400 OperationNotSupportedForItem");
}

#[tokio::test]
async fn shortcuts_follow_their_conflict_policy() {
    let bench = Bench::new().await;
    let lake = bench.make("/lakehouses", &json!({"displayName": "lake"})).await;
    let shortcuts = bench.at(&format!("/items/{lake}/shortcuts"));
    let body = |name: &str, item: &str| {
        let target = json!({"oneLake": {"workspaceId": bench.workspace, "itemId": item, "path": "Files"}});
        json!({"name": name, "path": "Files/raw", "target": target})
    };
    let nowhere = "11111111-1111-4111-8111-111111111111";
    let cases = [
        ("", body("s", nowhere), "400 BadRequest"),
        ("", json!({"name": "s", "path": "Files", "target": {}}), "400 BadRequest"),
        ("?shortcutConflictPolicy=OverwriteOnly", body("s", &lake), "404 EntityNotFound"),
        ("", body("s", &lake), "201"),
        ("", body("s", &lake), "409 EntityConflict"),
        ("?shortcutConflictPolicy=CreateOrOverwrite", body("s", &lake), "200"),
        ("?shortcutConflictPolicy=CreateOrOverwrite", body("t", &lake), "201"),
        ("?shortcutConflictPolicy=GenerateUniqueName", body("s", &lake), "201"),
        ("?shortcutConflictPolicy=nonsense", body("s", &lake), "400 InvalidParameter"),
    ];
    for (query, body, expected) in cases {
        assert_eq!(bench.post(&format!("{shortcuts}{query}"), &body).await.verdict(), expected, "{query} {body}");
    }
    let listed = bench.get(&format!("{shortcuts}?parentPath=Files")).await.json();
    assert_eq!(listed["value"].as_array().unwrap().len(), 3);
    assert_eq!(bench.get(&format!("{shortcuts}?parentPath=File")).await.json()["value"], json!([]));
    let one = bench.get(&format!("{shortcuts}/Files%2Fraw/s")).await.json();
    assert_eq!(one["target"]["type"], "OneLake");
    assert_eq!(bench.delete(&format!("{shortcuts}/Files/raw/s")).await.verdict(), "200");
    assert_eq!(bench.delete(&format!("{shortcuts}/Files/raw/s")).await.verdict(), "404 EntityNotFound");

    let bulk = json!({"createShortcutRequests": [body("new", &lake), body("bad", nowhere)]});
    let answers = bench.post(&format!("{shortcuts}/bulkCreate"), &bulk).await.json();
    let statuses: Vec<&Value> = answers["value"].as_array().unwrap().iter().map(|answer| &answer["status"]).collect();
    assert_eq!(statuses, ["Succeeded", "Failed"]);
}

#[tokio::test]
async fn jobs_run_end_and_are_cancelled() {
    let long = |settings: &mut Settings| settings.job_duration = Duration::from_secs(30);
    let bench = Bench::with(Emulator::builder().virtual_time(true).configure(long)).await;
    let id = bench.make("/items", &notebook("n", "x")).await;
    let instances = bench.at(&format!("/items/{id}/jobs/instances"));
    let run = async |path: String| {
        let started = bench.post(&path, &Value::Null).await;
        assert_eq!((started.status, started.bytes.len(), started.header("retry-after")), (202, 0, Some("60")));
        assert!(started.header("x-ms-operation-id").is_none());
        started.header("location").unwrap().strip_prefix(&bench.emulator.endpoint()).unwrap().to_owned()
    };
    let first = run(format!("{instances}?jobType=RunNotebook")).await;
    let second = run(bench.at(&format!("/items/{id}/jobs/RunNotebook/instances"))).await;
    bench.emulator.advance(Duration::from_secs(10));
    let running = bench.get(&first).await;
    assert_eq!((&running.json()["status"], running.header("retry-after")), (&json!("InProgress"), Some("50")));
    assert_eq!(bench.post(&format!("{second}/cancel"), &Value::Null).await.status, 202);
    bench.emulator.advance(Duration::from_secs(30));
    let done = bench.get(&first).await.json();
    assert_eq!((&done["status"], &done["endTimeUtc"]), (&json!("Completed"), &json!("2026-01-01T00:01:30")));
    assert_eq!(bench.get(&second).await.json()["status"], "Cancelled");
    assert_eq!(bench.get(&instances).await.json()["value"].as_array().unwrap().len(), 2);
    assert_eq!(bench.post(&instances, &Value::Null).await.verdict(), "400 InvalidJobType");
}

#[tokio::test]
async fn an_item_has_at_most_twenty_schedules() {
    let bench = Bench::new().await;
    let id = bench.make("/items", &notebook("n", "x")).await;
    let schedules = bench.at(&format!("/items/{id}/jobs/RunNotebook/schedules"));
    let body = json!({"enabled": true, "configuration": {"type": "Cron", "interval": 10}});
    let first = bench.post(&schedules, &body).await.id();
    for _ in 1..20 {
        assert_eq!(bench.post(&schedules, &body).await.status, 201);
    }
    assert_eq!(bench.post(&schedules, &body).await.verdict(), "400 ScheduleExceedsLimit");
    let one = format!("{schedules}/{first}");
    let off = json!({"enabled": false, "configuration": {"type": "Daily"}});
    assert_eq!(bench.patch(&one, &off).await.json()["enabled"], false);
    assert_eq!(bench.delete(&one).await.verdict(), "200");
    assert_eq!(bench.delete(&one).await.verdict(), "404 ScheduleNotFound");
}
