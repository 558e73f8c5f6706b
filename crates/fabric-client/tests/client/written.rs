//! Writers are strict: every request is one that Microsoft's documents describe.

use fabric_client::{BulkExport, Route};
use serde_json::{Value, json};

use crate::conformance::{self, Schemas};
use crate::exercise::{self, WORKSPACE, exercise};
use crate::stub::{self, Seen, answer};

/// The request that a route's call sends. What the server answers does not matter here.
async fn written(route: &'static Route) -> Seen {
    let (client, stub) = stub::client(|seen| {
        let state = r#"{"status":"Succeeded"}"#;
        let is_state = seen.metadata.operation == "LongRunningOperations_GetOperationState";
        answer(200, &[("location", "https://elsewhere.test/result")], if is_state { state } else { "" })
    });
    let _ = exercise(&client, route.metadata.operation).await;
    let mut seen = stub.seen().into_iter();
    seen.find(|seen| seen.metadata.operation == route.metadata.operation).expect("the call sends its own route")
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(expected, found)| expected.starts_with('{') || expected == found)
}

#[tokio::test]
async fn every_request_is_a_published_one() {
    let (Some(published), Some(schemas)) = (conformance::routes(), Schemas::open()) else { return };
    for route in fabric_client::routes() {
        let name = route.metadata.operation;
        let seen = written(route).await;
        assert_eq!(seen.method, route.method, "{name}");
        assert!(matches(route.metadata.url_template, &seen.path), "{name}: {}", seen.path);
        let is_it = |entry: &&Value| {
            entry["op"] == name
                && entry["method"] == route.method.as_str()
                && entry["path"] == route.metadata.url_template
        };
        let published = published.iter().find(is_it).unwrap_or_else(|| panic!("{name} is not published like that"));
        check_query(published, &seen);
        match (&published["body"]["$ref"], &seen.body) {
            (Value::String(reference), Some(body)) => {
                assert_eq!(schemas.errors(reference, body), Vec::<String>::new(), "{name}: {body}");
            }
            (Value::Null, None) => assert!(!seen.headers.contains_key("content-type"), "{name}"),
            (schema, body) => panic!("{name}: {schema} and {body:?}"),
        }
    }
}

fn check_query(published: &Value, seen: &Seen) {
    let name = seen.metadata.operation;
    let fixed = published["fixed_query"].as_str().unwrap();
    for pair in fixed.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap();
        assert_eq!(seen.query(key), Some(value), "{name}");
    }
    let parameters = published["params"].as_array().unwrap();
    for (key, value) in &seen.query {
        let parameter = parameters.iter().find(|parameter| parameter["in"] == "query" && parameter["name"] == *key);
        let parameter = parameter.unwrap_or_else(|| panic!("{name} knows no `{key}`"));
        if let Some(allowed) = parameter["enum"].as_array() {
            assert!(allowed.iter().any(|allowed| allowed == value), "{name}: {key}={value}");
        }
    }
}

#[tokio::test]
async fn what_is_left_out_is_not_written() {
    let (client, stub) = stub::client(|_| answer(200, &[], ""));
    let items = client.workspace(WORKSPACE).items();
    let _ = items.create(&fabric_client::NewItem::new("Lakehouse", "Bronze")).await;
    let _ = items.bulk_export(&BulkExport::All).await;
    let _ = items.move_to(exercise::ITEM, None).await;
    let _ = items.update_definition(exercise::ITEM, &exercise::definition(), fabric_client::UpdateMetadata::No).await;
    let seen = stub.seen();
    assert_eq!(seen[0].body, Some(json!({"type": "Lakehouse", "displayName": "Bronze"})));
    assert_eq!(seen[1].body, Some(json!({"mode": "All"})));
    assert_eq!(seen[2].body, Some(json!({})));
    assert_eq!(seen[3].query, []);
}

#[tokio::test]
async fn bytes_go_out_as_base64_and_come_back_the_same() {
    let (client, stub) = stub::client(|seen| match seen.metadata.operation {
        "Items_UpdateItemDefinition" => answer(200, &[], ""),
        _ => panic!("{}", seen.metadata.operation),
    });
    let items = client.workspace(WORKSPACE).items();
    let definition = exercise::definition();
    items.update_definition(exercise::ITEM, &definition, fabric_client::UpdateMetadata::Yes).await.unwrap();
    let body = stub.seen().remove(0).body.unwrap();
    assert_eq!(body["definition"]["parts"][0]["payload"], "eyJjZWxscyI6IFtdfQ==");
    let (client, _) = stub::client(move |_| stub::json(200, &body));
    let read = client.workspace(WORKSPACE).items().definition(exercise::ITEM, None).await.unwrap();
    assert_eq!(read, definition);
}

#[tokio::test]
async fn a_name_that_would_leave_its_place_in_the_path_is_never_sent() {
    let (client, stub) = stub::client(|_| answer(200, &[], ""));
    let shortcuts = client.workspace(WORKSPACE).shortcuts(exercise::ITEM);
    let error = shortcuts.delete("Files/../../../..", "x").await.unwrap_err();
    assert!(matches!(error, fabric_client::Error::InvalidRequest { .. }), "{error}");
    assert!(!error.is_ambiguous());
    assert_eq!(stub.seen().len(), 0);
}
