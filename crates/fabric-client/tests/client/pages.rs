//! Lists are read to their end, and no further.

use fabric_client::Error;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::exercise::WORKSPACE;
use crate::stub::{self, Seen};

fn item(number: u128) -> Value {
    json!({"id": Uuid::from_u128(number), "type": "Notebook", "displayName": format!("n{number}")})
}

#[tokio::test]
async fn pages_follow_the_token_in_the_body_to_the_end() {
    let (client, stub) = stub::client(|seen: &Seen| {
        let foreign = "https://elsewhere.test/v1/items?continuationToken=x";
        stub::json(
            200,
            &match seen.query("continuationToken") {
                None => json!({"value": [item(1), item(2)], "continuationToken": "a+/=&?", "continuationUri": foreign}),
                Some("a+/=&?") => json!({"value": [], "continuationToken": "b"}),
                Some("b") => json!({"value": null, "continuationToken": "c"}),
                Some("c") => json!({"value": [item(3)], "continuationToken": "", "continuationUri": null}),
                Some(other) => panic!("{other:?} was never given"),
            },
        )
    });
    let items = client.workspace(WORKSPACE).items().list_of_type("Notebook").await.unwrap();
    assert_eq!(items.iter().map(|item| item.display_name.as_str()).collect::<Vec<_>>(), ["n1", "n2", "n3"]);
    let seen = stub.seen();
    assert_eq!(seen.len(), 4);
    for request in &seen {
        assert_eq!(request.query("type"), Some("Notebook"));
        assert!(request.query.iter().filter(|(name, _)| name == "continuationToken").count() <= 1);
    }
}

#[tokio::test]
async fn a_token_that_comes_again_ends_the_reading() {
    let (client, stub) = stub::client(|_| stub::json(200, &json!({"value": [item(1)], "continuationToken": "again"})));
    let error = client.workspaces().list().await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error}");
    assert!(!error.is_ambiguous());
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn an_error_on_a_later_page_is_an_error_of_the_list() {
    let (client, _) = stub::client(|seen: &Seen| match seen.query("continuationToken") {
        None => stub::json(200, &json!({"value": [item(1)], "continuationToken": "b"})),
        Some(_) => stub::json(400, &json!({"errorCode": "InvalidContinuationToken", "message": "no"})),
    });
    let error = client.workspace(WORKSPACE).items().list().await.unwrap_err();
    assert_eq!(error.error_code(), Some("InvalidContinuationToken"));
}
