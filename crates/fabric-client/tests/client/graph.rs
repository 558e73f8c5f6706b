//! Names to object ids, whatever order and however many pages Graph answers in.

use std::sync::Arc;

use fabric_client::{Client, Graph, PrincipalName, Unresolved};
use serde_json::{Value, json};

use crate::stub::{self, Answer, Seen, Stub};

fn graph(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> (Graph, Arc<Stub>) {
    let (client, stub): (Client, _) = stub::client(answer);
    (Graph::new(client), stub)
}

fn users(names: &[&str]) -> Vec<PrincipalName> {
    names.iter().map(|name| PrincipalName::User((*name).to_owned())).collect()
}

fn someone(number: u8, address: &str) -> Value {
    json!({"id": format!("a0000000-0000-4000-8000-0000000000{number:02}"), "userPrincipalName": address})
}

/// Answers a batch from its last question to its first, each by what `one` says of its path and query.
fn batch(seen: &Seen, one: impl Fn(&str) -> (u16, Value)) -> Answer {
    let requests = seen.body.as_ref().unwrap()["requests"].as_array().unwrap().clone();
    let responses: Vec<Value> = requests
        .iter()
        .rev()
        .map(|request| {
            let (status, body) = one(request["url"].as_str().unwrap());
            json!({"id": request["id"], "status": status, "body": body})
        })
        .collect();
    stub::json(200, &json!({ "responses": responses }))
}

fn denied() -> Value {
    json!({"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges", "innerError": {}}})
}

#[tokio::test]
async fn each_name_has_an_outcome_of_its_own() {
    let (graph, stub) = graph(|seen| {
        batch(seen, |url| match url {
            url if url.starts_with("/groups?") => (403, denied()),
            url if url.contains("two%40") => (200, json!({"value": [someone(1, "a@x"), someone(2, "b@x")]})),
            url if url.contains("nobody%40") => (200, json!({"value": []})),
            _ => (200, json!({"value": [someone(3, "one@contoso.example")]})),
        })
    });
    let mut names = users(&["one@contoso.example", "two@contoso.example", "nobody@contoso.example"]);
    names.push(PrincipalName::Group("Sales".to_owned()));
    let outcomes = graph.resolve(&names).await.unwrap();
    let [Ok(one), Err(Unresolved::Ambiguous(two)), Err(Unresolved::NotFound), Err(Unresolved::Denied { permission })] =
        outcomes.as_slice()
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!(one.known_as.as_deref(), Some("one@contoso.example"));
    assert_eq!((two.len(), *permission), (2, "Group.Read.All"));
    assert_eq!(stub.seen().len(), 1, "one request for all of them");
}

#[tokio::test]
async fn forty_one_names_are_three_requests() {
    let (graph, stub) = graph(|seen| match &seen.body {
        Some(_) => batch(seen, |_| (200, json!({"value": [someone(1, "a@x")]}))),
        None => stub::json(200, &json!({"value": [someone(1, "a@x")]})),
    });
    let names = users(&["x@contoso.example"; 41]);
    assert_eq!(graph.resolve(&names).await.unwrap().len(), 41);
    let sizes: Vec<_> = stub
        .seen()
        .iter()
        .map(|seen| seen.body.as_ref().map_or(0, |body| body["requests"].as_array().unwrap().len()))
        .collect();
    assert_eq!(sizes, [20, 20, 0], "the last one alone needs no batch");
}

#[tokio::test]
async fn what_a_batch_throttles_is_asked_for_alone() {
    let (graph, stub) = graph(|seen| match &seen.body {
        Some(_) => batch(seen, |url| match url.contains("slow%40") {
            true => (429, json!({"error": {"code": "TooManyRequests"}})),
            false => (200, json!({"value": [someone(1, "a@x")]})),
        }),
        None => stub::json(200, &json!({"value": [someone(2, "slow@contoso.example")]})),
    });
    let outcomes = graph.resolve(&users(&["slow@contoso.example", "quick@contoso.example"])).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let alone = &stub.seen()[1];
    assert_eq!(alone.path, "/v1.0/users");
    let name = "'slow@contoso.example'";
    assert_eq!(alone.query("$filter"), Some(&*format!("userPrincipalName eq {name} or mail eq {name}")));
}

#[tokio::test]
async fn a_second_match_on_the_next_page_counts() {
    let (graph, _) = graph(|seen| match seen.query("$skiptoken") {
        None => {
            let next = "https://api.fabric.microsoft.com/v1.0/users?$skiptoken=2";
            stub::json(200, &json!({"value": [someone(1, "a@x")], "@odata.nextLink": next}))
        }
        Some(_) => stub::json(200, &json!({"value": [someone(2, "b@x")]})),
    });
    let outcomes = graph.resolve(&users(&["twin@contoso.example"])).await.unwrap();
    assert!(matches!(&outcomes[..], [Err(Unresolved::Ambiguous(two))] if two.len() == 2), "{outcomes:?}");
}

#[tokio::test]
async fn a_next_page_elsewhere_and_an_outage_are_errors() {
    let (elsewhere, stub) = graph(|_| {
        let next = "https://graph.example/v1.0/users?$skiptoken=2";
        stub::json(200, &json!({"value": [someone(1, "a@x")], "@odata.nextLink": next}))
    });
    let error = elsewhere.resolve(&users(&["a@x"])).await.unwrap_err();
    assert!(error.to_string().contains("another host"), "{error}");
    assert_eq!(stub.seen().len(), 1);
    let (down, _) = graph(|_| stub::json(503, &json!({"error": {"code": "ServiceUnavailable", "message": "later"}})));
    let error = down.resolve(&users(&["a@x", "b@x"])).await.unwrap_err();
    assert_eq!((error.status(), error.error_code()), (Some(503), Some("ServiceUnavailable")));
}
