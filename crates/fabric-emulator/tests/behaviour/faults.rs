//! Faults of every kind, throttling, and the record of what was sent.

use std::time::Duration;

use fabric_emulator::{Emulator, Fault, Settings};
use serde_json::{Value, json};

use crate::bench::{Bench, notebook};

impl Bench {
    fn inflict(&self, fault: &Value) {
        self.emulator.set_faults(vec![serde_json::from_value::<Fault>(fault.clone()).unwrap()]);
    }

    /// The status of a folder's creation, or how the connection ended; and whether the folder is there.
    async fn create_under(&self, name: &str, kind: Value) -> (Option<u16>, bool) {
        self.inflict(&json!({"match": {"operation": "CreateFolder", "nth": 1}, "kind": kind}));
        let sent =
            self.try_send(reqwest::Method::POST, &self.at("/folders"), Some(&json!({"displayName": name}))).await;
        let exists = self.names(&self.at("/folders")).await.contains(&name.to_owned());
        (sent.ok().map(|got| got.status), exists)
    }
}

#[tokio::test]
async fn each_fault_leaves_what_it_says() {
    let bench = Bench::new().await;
    let cases = [
        (json!("lost_before"), None, false),
        (json!("applied_then_lost"), None, true),
        (json!("reset"), None, false),
        (json!("truncated"), None, true),
        (json!({"status": {"code": 500}}), Some(500), false),
        (json!({"status": {"code": 503, "applied": true, "error_code": "Busy", "retry_after": 3}}), Some(503), true),
        (json!({"throttled": {"seconds": 7}}), Some(429), false),
        (json!({"throttled": {"seconds": 7, "applied": true}}), Some(429), true),
        (json!({"slow_ms": 1}), Some(201), true),
    ];
    for (number, (kind, status, applied)) in cases.into_iter().enumerate() {
        let outcome = bench.create_under(&format!("f{number}"), kind.clone()).await;
        assert_eq!(outcome, (status, applied), "{kind}");
        let calm = bench.post(&bench.at("/folders"), &json!({"displayName": format!("g{number}")})).await;
        assert_eq!(calm.status, 201, "the fault is spent after {kind}");
    }
    let faulty = bench.emulator.requests().into_iter().filter(|request| request.fault.is_some());
    assert_eq!(faulty.count(), 9);
}

#[tokio::test]
async fn a_reset_is_a_reset_and_a_loss_is_a_closed_connection() {
    let bench = Bench::new().await;
    for (kind, expected) in
        [("reset", std::io::ErrorKind::ConnectionReset), ("lost_before", std::io::ErrorKind::UnexpectedEof)]
    {
        bench.inflict(&json!({"match": {"nth": 1}, "kind": kind}));
        let address = bench.emulator.endpoint().strip_prefix("http://").unwrap().to_owned();
        let ended = tokio::task::spawn_blocking(move || {
            use std::io::{Read as _, Write as _};
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(b"GET /v1/workspaces HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
            stream.read_exact(&mut [0]).unwrap_err().kind()
        });
        assert_eq!(ended.await.unwrap(), expected, "{kind}");
    }
}

#[tokio::test]
async fn injected_errors_look_like_fabrics_own() {
    let bench = Bench::slow().await;
    bench.inflict(&json!({"kind": {"status": {"code": 503, "error_code": "Busy", "retry_after": 3}}}));
    let busy = bench.get("/v1/workspaces").await;
    assert_eq!((busy.verdict().as_str(), busy.header("retry-after")), ("503 Busy", Some("3")));
    assert_eq!(busy.json()["isRetriable"], true);
    bench.inflict(
        &json!({"match": {"route": "/v1/workspaces", "method": "get"}, "kind": {"throttled": {"seconds": 53}}}),
    );
    let blocked = bench.get("/v1/workspaces").await;
    assert_eq!((blocked.verdict().as_str(), blocked.header("retry-after")), ("429 RequestBlocked", Some("53")));
    let message = "Request is blocked by the upstream service until: 1/1/2026 12:00:53 AM (UTC)";
    assert_eq!((&blocked.json()["message"], &blocked.json()["isRetriable"]), (&json!(message), &json!(true)));
    assert_eq!(blocked.header("access-control-expose-headers"), None);
    assert_eq!(bench.get("/v1/capacities").await.status, 200, "other routes are not hit");
}

#[tokio::test]
async fn an_operation_fails_on_request_and_leaves_nothing() {
    let bench = Bench::slow().await;
    bench.inflict(
        &json!({"match": {"operation": "CreateItem", "nth": 1}, "kind": {"lro_failed": {"error_code": "Boom"}}}),
    );
    let pipeline = json!({"displayName": "p"});
    let announced = bench.post(&bench.at("/dataPipelines"), &pipeline).await;
    assert_eq!(announced.status, 202, "even what answers at once otherwise");
    let operation = format!("/v1/operations/{}", announced.header("x-ms-operation-id").unwrap());
    assert_eq!(bench.get(&operation).await.json()["status"], "Running");
    bench.emulator.advance(Duration::from_secs(10));
    let failed = bench.get(&operation).await;
    assert_eq!(
        (failed.status, &failed.json()["status"], &failed.json()["error"]["errorCode"]),
        (200, &json!("Failed"), &json!("Boom"))
    );
    assert_eq!(failed.header("location"), None);
    assert_eq!(bench.post(&bench.at("/dataPipelines"), &pipeline).await.status, 201, "the name is free again");
}

#[tokio::test]
async fn an_operation_never_ends_on_request() {
    let bench = Bench::slow().await;
    bench.inflict(&json!({"match": {"operation": "CreateItem", "nth": 1}, "kind": "lro_never"}));
    let announced = bench.post(&bench.at("/notebooks"), &notebook("n", "x")).await;
    let operation = format!("/v1/operations/{}", announced.header("x-ms-operation-id").unwrap());
    bench.emulator.advance(Duration::from_secs(20 * 60 * 60));
    assert_eq!(bench.get(&operation).await.json()["status"], "Running");
    assert_eq!(bench.names(&bench.at("/items")).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_caller_that_asks_too_often_is_blocked_until_the_window_ends() {
    let tight = |settings: &mut Settings| settings.throttle_budget = Some(2);
    let bench = Bench::with(Emulator::builder().virtual_time(true).configure(tight)).await;
    let folders = bench.at("/folders");
    for expected in ["200", "200", "429 RequestBlocked"] {
        assert_eq!(bench.get(&folders).await.verdict(), expected);
    }
    bench.emulator.advance(Duration::from_secs(18));
    let blocked = bench.get(&folders).await;
    assert_eq!(blocked.header("retry-after"), Some("42"));
    assert_eq!(bench.get(&bench.at("/items")).await.status, 200, "another API goes on");
    bench.emulator.advance(Duration::from_secs(42));
    assert_eq!(bench.get(&folders).await.verdict(), "200");
}

#[tokio::test]
async fn requests_are_on_record() {
    let bench = Bench::new().await;
    bench.emulator.clear_requests();
    let created = bench.post(&bench.at("/folders"), &json!({"displayName": "f"})).await;
    bench.get(&bench.at("/folders?recursive=true")).await;
    let recorded = bench.emulator.requests();
    let [first, second] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((first.sequence, first.method.as_str(), first.operation.as_deref()), (1, "POST", Some("CreateFolder")));
    assert_eq!((first.status, first.mutating, first.body_size), (Some(201), true, 19));
    assert_eq!(created.header("requestid"), Some(first.request_id.to_string().as_str()));
    assert!(second.path.ends_with("/folders?recursive=true") && !second.mutating && second.body_sha256.is_none());
    let over_http: Value = bench.get("/_emulator/requests").await.json();
    assert_eq!(over_http, serde_json::to_value(&recorded).unwrap());
}

#[tokio::test]
async fn the_control_plane_steers_the_same_things() {
    let bench = Bench::with(Emulator::builder().virtual_time(true)).await;
    let rule = json!([{"match": {"operation": "ListCapacities"}, "kind": {"status": {"code": 500}}}]);
    assert_eq!(bench.post("/_emulator/faults", &rule).await.status, 200);
    assert_eq!(bench.get("/v1/capacities").await.verdict(), "500 UnknownError");
    bench.delete("/_emulator/faults").await;
    assert_eq!(bench.get("/v1/capacities").await.status, 200);
    assert_eq!(bench.post("/_emulator/faults", &json!([{"kind": "nonsense"}])).await.status, 400);
    let settings = bench.patch("/_emulator/settings", &json!({"page_size": 1, "latency_ms": 0})).await.json();
    assert_eq!(settings["page_size"], 1);
    assert!(bench.get("/v1/capacities").await.json()["continuationToken"].is_string());
    assert_eq!(bench.patch("/_emulator/settings", &json!({"nonsense": 1})).await.status, 400);
    let later = bench.post("/_emulator/clock/advance", &json!({"seconds": 90})).await.json();
    assert_eq!(later["now"], "2026-01-01T00:01:30Z");
    assert_eq!(bench.post("/_emulator/reset", &Value::Null).await.status, 200);
    assert_eq!(bench.names("/v1/workspaces").await, Vec::<String>::new());
}
