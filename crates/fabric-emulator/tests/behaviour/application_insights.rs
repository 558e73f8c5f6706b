//! Application Insights as exporters meet it.

use std::io::Write;

use fabric_emulator::{Emulator, Fault, FaultKind, FaultMatch, ItemsRefused, Service};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

fn event(name: &str) -> Value {
    json!({
        "name": "Microsoft.ApplicationInsights.Event", "time": "2026-01-01T00:00:00.123Z",
        "iKey": "11111111-2222-4333-8444-555555555555",
        "data": { "baseType": "EventData", "baseData": { "ver": 2, "name": name } },
    })
}

fn lines(items: &[Value]) -> Vec<u8> {
    items.iter().map(|item| format!("{item}\n")).collect::<String>().into_bytes()
}

async fn send(emulator: &Emulator, path: &str, encoding: Option<&str>, body: Vec<u8>) -> (u16, Value) {
    let mut request = http::Request::post(path);
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    let answer =
        emulator.exchange_with(Service::ApplicationInsights, request.body(body.into()).unwrap()).await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

fn names(emulator: &Emulator) -> Vec<Value> {
    emulator.telemetry().iter().map(|item| item["data"]["baseData"]["name"].clone()).collect()
}

#[tokio::test]
async fn lines_arrays_and_compressed_bodies_are_taken() {
    let emulator = Emulator::builder().start().await.unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&lines(&[event("a"), event("b")])).unwrap();
    let (status, answer) = send(&emulator, "/v2.1/track", Some("gzip"), encoder.finish().unwrap()).await;
    assert_eq!((status, &answer["itemsReceived"], &answer["itemsAccepted"]), (200, &json!(2), &json!(2)));
    let array = json!([event("c"), event("d")]).to_string().into_bytes();
    assert_eq!(send(&emulator, "/v2/track", None, array).await.0, 200);
    assert_eq!(send(&emulator, "/v2/track", None, event("e").to_string().into_bytes()).await.0, 200);
    assert_eq!(names(&emulator), ["a", "b", "c", "d", "e"]);
    for (encoding, body) in [(Some("gzip"), b"no gzip".to_vec()), (Some("br"), vec![]), (None, b" ".to_vec())] {
        assert_eq!(send(&emulator, "/v2.1/track", encoding, body).await.0, 400);
    }
}

#[tokio::test]
async fn a_batch_is_accepted_in_part() {
    let emulator = Emulator::builder().start().await.unwrap();
    let (status, answer) = send(&emulator, "/v2.1/track", None, lines(&[event("a"), event(""), event("c")])).await;
    assert_eq!((status, &answer["itemsAccepted"], &answer["errors"][0]["index"]), (206, &json!(2), &json!(1)));
    assert_eq!(answer["errors"][0]["statusCode"], 400);
    assert_eq!(send(&emulator, "/v2.1/track", None, lines(&[event("")])).await.0, 400);
    assert_eq!(names(&emulator), ["a", "c"]);
}

#[tokio::test]
async fn faults_refuse_items_or_everything() {
    let emulator = Emulator::builder().start().await.unwrap();
    let matching = |nth| FaultMatch { service: Service::ApplicationInsights, nth: Some(nth), ..FaultMatch::default() };
    let quota = serde_json::from_value(json!({ "status": { "code": 439, "retry_after": 7 } })).unwrap();
    emulator.set_faults(vec![
        Fault { matching: matching(1), kind: FaultKind::ItemsRefused(ItemsRefused { every: 2, code: 500 }) },
        Fault { matching: matching(2), kind: quota },
    ]);
    let batch = lines(&[event("a"), event("b"), event("c")]);
    let (status, answer) = send(&emulator, "/v2.1/track", None, batch.clone()).await;
    let refused: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|error| error["index"].clone()).collect();
    assert_eq!((status, refused), (206, vec![json!(0), json!(2)]));
    let (status, answer) = send(&emulator, "/v2.1/track", None, batch.clone()).await;
    assert_eq!((status, &answer["errors"][0]["statusCode"]), (439, &json!(439)));
    assert_eq!(send(&emulator, "/v2.1/track", None, batch).await.0, 200);
    assert_eq!(names(&emulator), ["b", "a", "b", "c"]);
}

#[tokio::test]
async fn nobody_watches_live_metrics() {
    let emulator = Emulator::builder().start().await.unwrap();
    let ping = http::Request::post("/QuickPulseService.svc/ping?ikey=1").body("{}".into()).unwrap();
    let answer = emulator.exchange_with(Service::ApplicationInsights, ping).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["x-ms-qps-subscribed"]), (200, &"false".parse().unwrap()));
}
