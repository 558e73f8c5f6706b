//! Requests without a connection, in a time that does not pass by itself.

use std::time::Duration;

use bytes::Bytes;
use fabric_emulator::{ACTIVE_CAPACITY, BrokenExchange, Emulator, Fault, FaultKind, FaultMatch};
use http::{Method, Request, Response};
use serde_json::{Value, json};

fn request(emulator: &Emulator, method: Method, path: &str, body: &Value) -> Request<Bytes> {
    let bearer = format!("Bearer {}", emulator.token());
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    Request::builder().method(method).uri(path).header("authorization", bearer).body(body).unwrap()
}

async fn send(emulator: &Emulator, method: Method, path: &str, body: Value) -> Result<Response<Bytes>, BrokenExchange> {
    emulator.exchange(request(emulator, method, path, &body)).await
}

fn json(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_operation_takes_its_time_of_tokios_clock() {
    let builder = Emulator::builder().tokio_time().operation_duration(Duration::from_secs(10));
    let emulator = builder.start().await.unwrap();
    let workspace = json!({"displayName": "W", "capacityId": ACTIVE_CAPACITY});
    let workspace = json(&send(&emulator, Method::POST, "/v1/workspaces", workspace).await.unwrap());
    let items = format!("/v1/workspaces/{}/items", workspace["id"].as_str().unwrap());
    let notebook = json!({"displayName": "N", "type": "Notebook", "definition": {"parts": [
        {"path": "notebook-content.py", "payload": "cHJpbnQoMSk=", "payloadType": "InlineBase64"}
    ]}});
    let started = send(&emulator, Method::POST, &items, notebook).await.unwrap();
    assert_eq!(started.status(), 202);
    let operation = format!("/v1/operations/{}", started.headers()["x-ms-operation-id"].to_str().unwrap());
    let state = json(&send(&emulator, Method::GET, &operation, Value::Null).await.unwrap());
    assert_eq!(state["status"], "Running");
    tokio::time::sleep(Duration::from_secs(10)).await;
    let state = json(&send(&emulator, Method::GET, &operation, Value::Null).await.unwrap());
    assert_eq!(state["status"], "Succeeded");
}

#[tokio::test(start_paused = true)]
async fn faults_break_an_exchange_as_they_break_a_connection() {
    let emulator = Emulator::builder().tokio_time().start().await.unwrap();
    let fault = |nth, kind| Fault { matching: FaultMatch { nth: Some(nth), ..FaultMatch::default() }, kind };
    emulator.set_faults(vec![
        fault(1, FaultKind::Reset),
        fault(2, FaultKind::AppliedThenLost),
        fault(3, FaultKind::Truncated),
        fault(4, FaultKind::SlowMs(5_000)),
    ]);
    let list = || send(&emulator, Method::GET, "/v1/capacities", Value::Null);
    assert!(matches!(list().await, Err(BrokenExchange::Reset)));
    assert!(matches!(list().await, Err(BrokenExchange::Closed)));
    let Err(BrokenExchange::Truncated(half)) = list().await else { panic!("the answer arrived whole") };
    let before = tokio::time::Instant::now();
    let whole = list().await.unwrap();
    assert_eq!(before.elapsed(), Duration::from_secs(5));
    assert_eq!(half.status(), 200);
    assert_eq!(half.body()[..], whole.body()[..whole.body().len() / 2]);
    assert_eq!(emulator.requests().len(), 4);
}
