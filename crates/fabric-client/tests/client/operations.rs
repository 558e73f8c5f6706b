//! Long-running operations, on a clock that stands still until everyone waits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fabric_client::{Client, Error, Item, ItemDefinition, NewItem, Pacing, Started, UpdateMetadata};
use serde_json::json;
use tokio::time::Instant;

use crate::exercise::{ITEM, WORKSPACE, definition};
use crate::stub::{self, Answer, Seen, Stub, answer};

const OPERATION: &str = "e38018d4-0885-40b9-a500-84e7528143d3";
const ELSEWHERE: &str = "https://wabi-elsewhere.test/v1/operations/e38018d4-0885-40b9-a500-84e7528143d3";
const LATENCY: Duration = Duration::from_millis(100);

fn accepted() -> Answer {
    answer(202, &[("location", ELSEWHERE), ("x-ms-operation-id", OPERATION), ("retry-after", "20")], "null")
}

fn running() -> Answer {
    let body = json!({"status": "Running", "createdTimeUtc": "2026-04-23T12:13:02.09672",
        "lastUpdatedTimeUtc": "2026-04-23T12:13:02.09672", "percentComplete": null, "error": null});
    answer(200, &[("location", ELSEWHERE), ("retry-after", "20")], body.to_string())
}

fn succeeded(has_result: bool) -> Answer {
    let result = format!("{ELSEWHERE}/result");
    let headers = [("location", result.as_str())];
    answer(200, if has_result { &headers } else { &[] }, r#"{"status":"Succeeded","percentComplete":100,"error":null}"#)
}

fn item() -> Answer {
    stub::json(200, &json!({"id": ITEM, "type": "Notebook", "displayName": "Ingest", "workspaceId": WORKSPACE}))
}

/// A service whose operations take `duration` from the request that starts one.
fn service(duration: Duration) -> (Client, Arc<Stub>) {
    let begun: Mutex<Option<Instant>> = Mutex::default();
    let (builder, stub) = stub::slow(LATENCY, move |seen: &Seen| match seen.metadata.operation {
        "LongRunningOperations_GetOperationState" => {
            assert_eq!(seen.path, format!("/v1/operations/{OPERATION}"));
            let is_done = begun.lock().unwrap().is_none_or(|begun| begun.elapsed() >= duration);
            if is_done { succeeded(true) } else { running() }
        }
        "LongRunningOperations_GetOperationResult" => item(),
        _ => {
            *begun.lock().unwrap() = Some(Instant::now());
            accepted()
        }
    });
    (builder.build(), stub)
}

/// A service that answers each poll with the next of `polls`, the last of them for ever.
fn polled(polls: Vec<fn() -> Answer>, result: fn() -> Answer) -> (Client, Arc<Stub>) {
    let next = Mutex::new(0);
    stub::client(move |seen: &Seen| match seen.metadata.operation {
        "LongRunningOperations_GetOperationState" => {
            let mut next = next.lock().unwrap();
            let poll = polls[(*next).min(polls.len() - 1)];
            *next += 1;
            poll()
        }
        "LongRunningOperations_GetOperationResult" => result(),
        _ => accepted(),
    })
}

async fn create(client: &Client) -> Result<Item, Error> {
    client.workspace(WORKSPACE).items().create(&NewItem::new("Notebook", "Ingest")).await
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_two_seconds_is_noticed_at_once_not_after_twenty() {
    let (client, stub) = service(Duration::from_secs(2));
    let begun = Instant::now();
    assert_eq!(create(&client).await.unwrap().id, ITEM);
    let done = LATENCY + Duration::from_secs(2);
    let overhead = begun.elapsed() - done;
    assert!(overhead <= Duration::from_millis(700), "{overhead:?}, latencies of the last poll and the result included");
    let polls = stub.seen().iter().filter(|seen| seen.metadata.operation.ends_with("State")).count();
    assert!(polls <= 5, "{polls} polls");
}

#[tokio::test(start_paused = true)]
async fn a_long_operation_is_not_polled_often() {
    let (client, stub) = service(Duration::from_secs(394));
    let begun = Instant::now();
    create(&client).await.unwrap();
    assert!(begun.elapsed() <= Duration::from_secs(394 + 21));
    assert!(stub.seen().len() <= 40, "{} requests", stub.seen().len());
}

#[tokio::test(start_paused = true)]
async fn an_answer_at_once_is_the_result() {
    let (client, stub) = stub::client(|_| item());
    let submission = client.workspace(WORKSPACE).items().create(&NewItem::new("Notebook", "Ingest"));
    let Started::Ready(item) = submission.start().await.unwrap() else { panic!("nothing runs") };
    assert_eq!((item.id, stub.seen().len()), (ITEM, 1));
}

#[tokio::test(start_paused = true)]
async fn the_id_is_known_before_waiting_and_enough_after_a_crash() {
    let (client, _) = service(Duration::from_secs(5));
    let submission = client.workspace(WORKSPACE).items().create(&NewItem::new("Notebook", "Ingest"));
    let Started::Running(operation) = submission.start().await.unwrap() else { panic!("an operation runs") };
    let journalled = serde_json::to_string(operation.id()).unwrap();
    drop((operation, client));

    let (after, stub) = service(Duration::ZERO);
    let id: fabric_client::OperationId = serde_json::from_str(&journalled).unwrap();
    let begun = Instant::now();
    let item: Item = after.operation(id).wait().await.unwrap();
    assert_eq!(item.id, ITEM);
    assert_eq!((stub.seen().len(), begun.elapsed()), (2, LATENCY * 2), "it is looked at without delay");
}

#[tokio::test(start_paused = true)]
async fn success_without_a_location_has_no_result_to_fetch() {
    let (client, stub) = polled(vec![|| succeeded(false)], || panic!("there is no result"));
    let error = create(&client).await.unwrap_err();
    assert!(matches!(error, Error::OperationWithoutResult { .. }), "{error}");
    assert!(error.is_ambiguous(), "the item exists, and nobody knows its id");
    assert_eq!(error.operation_id().unwrap().as_str(), OPERATION);
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_result_that_nobody_needs_is_not_fetched() {
    let (client, stub) = polled(vec![|| succeeded(true)], || panic!("nobody needs it"));
    let items = client.workspace(WORKSPACE).items();
    items.update_definition(ITEM, &definition(), UpdateMetadata::No).await.unwrap();
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn failure_carries_the_operations_own_error() {
    let failed = || {
        stub::json(
            200,
            &json!({"status": "Failed", "error": {"errorCode": "CorruptedPayload",
            "message": "the cells are not JSON", "requestId": "r-1", "isRetriable": false,
            "moreDetails": [{"errorCode": "Line", "message": "7"}, {"relatedResource": {"resourceId": "x"}}]}}),
        )
    };
    let (client, _) = polled(vec![running, failed], || panic!("there is no result"));
    let error = create(&client).await.unwrap_err();
    assert!(matches!(error, Error::OperationFailed { .. }));
    assert_eq!((error.error_code(), error.request_id()), (Some("CorruptedPayload"), Some("r-1")));
    assert_eq!(error.operation_id().unwrap().as_str(), OPERATION);
    assert!(!error.is_ambiguous());
    let text = error.to_string();
    assert!(text.contains("the cells are not JSON") && text.contains("Line: 7"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_without_an_error_is_a_failure() {
    let failed = || stub::json(200, &json!({"status": "Failed", "error": null}));
    let (client, _) = polled(vec![failed], || panic!("there is no result"));
    assert!(matches!(create(&client).await.unwrap_err(), Error::OperationFailed { .. }));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_the_waiting_and_names_the_operation() {
    let (builder, _) = stub::slow(Duration::ZERO, |seen: &Seen| match seen.metadata.operation {
        "LongRunningOperations_GetOperationState" => running(),
        _ => accepted(),
    });
    let deadline = Duration::from_secs(90);
    let client = builder.pacing(Pacing { deadline, ..Pacing::default() }).build();
    let begun = Instant::now();
    let error = create(&client).await.unwrap_err();
    let Error::OperationTimedOut { operation_id, waited, .. } = &error else { panic!("{error}") };
    assert_eq!((operation_id.as_str(), *waited), (OPERATION, deadline));
    assert_eq!(begun.elapsed(), deadline);
    assert!(error.is_ambiguous());
    let error = client.workspace(WORKSPACE).items().definition(ITEM, None).await.unwrap_err();
    assert!(!error.is_ambiguous(), "reading a definition changes nothing");
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_lost_sight_of_keeps_its_id_and_its_cause() {
    let gone = || stub::json(404, &json!({"errorCode": "OperationNotFound", "message": "gone"}));
    for (polls, result) in
        [(vec![running as fn() -> Answer, gone], item as fn() -> Answer), (vec![|| succeeded(true)], gone)]
    {
        let (client, _) = polled(polls, result);
        let error = create(&client).await.unwrap_err();
        assert!(matches!(error, Error::OperationUnresolved { .. }), "{error}");
        assert_eq!(error.operation_id().unwrap().as_str(), OPERATION);
        assert_eq!((error.error_code(), error.status()), (Some("OperationNotFound"), Some(404)));
        assert!(error.is_ambiguous(), "the create may have succeeded all the same");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_status_is_waited_on() {
    let strange = || stub::json(200, &json!({"status": "Rebalancing"}));
    let (client, stub) = polled(vec![strange, strange, || succeeded(true)], item);
    create(&client).await.unwrap();
    assert_eq!(stub.seen().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn no_result_by_error_code_is_no_result() {
    let none = || stub::json(400, &json!({"errorCode": "OperationHasNoResult", "message": "none"}));
    let (client, _) = polled(vec![|| succeeded(true)], none);
    assert!(matches!(create(&client).await.unwrap_err(), Error::OperationWithoutResult { .. }));
}

#[tokio::test(start_paused = true)]
async fn the_id_is_taken_from_location_where_its_own_header_is_missing() {
    let (client, _) = stub::client(|_| answer(202, &[("location", ELSEWHERE)], "null"));
    let submission = client.workspace(WORKSPACE).items().definition(ITEM, None);
    let Started::Running(operation) = submission.start().await.unwrap() else { panic!("an operation runs") };
    assert_eq!(operation.id().as_str(), OPERATION);
}

#[tokio::test(start_paused = true)]
async fn accepted_without_an_id_is_not_taken_for_done() {
    let (client, _) = stub::client(|_| answer(202, &[], "null"));
    let items = client.workspace(WORKSPACE).items();
    let error = items.update_definition(ITEM, &definition(), UpdateMetadata::No).await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error}");
    assert!(error.is_ambiguous());
}

#[tokio::test(start_paused = true)]
async fn a_definition_is_read_through_an_operation() {
    let result = || {
        stub::json(
            200,
            &json!({"definition": {"parts": [
            {"path": ".platform", "payload": "e30=", "payloadType": "InlineBase64"}]}}),
        )
    };
    let (client, _) = polled(vec![|| succeeded(true)], result);
    let read: ItemDefinition = client.workspace(WORKSPACE).items().definition(ITEM, None).await.unwrap();
    assert_eq!(&read.part(".platform").unwrap().payload[..], b"{}");
}
