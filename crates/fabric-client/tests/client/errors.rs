//! Errors say what happened, and whether it may have happened anyway.

use std::time::Duration;

use fabric_client::{Client, Deletion, Error, NewItem};
use serde_json::json;

use crate::exercise::{ITEM, WORKSPACE, connection};
use crate::stub::{self, TOKEN, answer};

async fn create(client: &Client) -> Error {
    client.workspace(WORKSPACE).items().create(&NewItem::new("Notebook", "n")).await.unwrap_err()
}

async fn read(client: &Client) -> Error {
    client.workspace(WORKSPACE).items().get(ITEM).await.unwrap_err()
}

#[tokio::test]
async fn everything_that_the_server_says_is_kept() {
    let (client, _) = stub::client(|_| {
        let body = json!({"requestId": "r-1", "errorCode": "PrincipalNotFound", "message": "not found",
            "isRetriable": true, "moreDetails": [{"relatedResource": {"resourceId": "p", "resourceType": "Principal"}}],
            "relatedResource": {"resourceId": "w", "resourceType": "Workspace"}});
        answer(429, &[("retry-after", "54")], body.to_string())
    });
    let Error::Api(error) = create(&client).await else { panic!("an error answer") };
    assert_eq!((error.status, error.error_code.as_deref()), (429, Some("PrincipalNotFound")));
    assert_eq!((error.request_id.as_deref(), error.is_retriable), (Some("r-1"), Some(true)));
    assert_eq!(error.retry_after, Some(Duration::from_secs(54)));
    assert_eq!(error.url_template, "/v1/workspaces/{workspaceId}/items");
    let related = error.more_details[0].related_resource.as_ref().unwrap();
    assert_eq!(related.resource_type.as_deref(), Some("Principal"));
    assert_eq!(error.related_resource.as_ref().unwrap().resource_id.as_deref(), Some("w"));
    assert_eq!(
        error.to_string(),
        "POST /v1/workspaces/{workspaceId}/items: 429 PrincipalNotFound: not found (request r-1)"
    );
}

#[tokio::test]
async fn headers_stand_in_for_a_body_that_is_empty_or_a_page() {
    for (body, message) in [("", ""), ("<html>Bad gateway</html>", "<html>Bad gateway</html>"), ("null", "null")] {
        let headers = [("requestid", "r-2"), ("x-ms-public-api-error-code", "UnknownError")];
        let (client, _) = stub::client(move |_| answer(502, &headers, body));
        let error = read(&client).await;
        assert_eq!((error.status(), error.error_code()), (Some(502), Some("UnknownError")), "{body}");
        assert_eq!((error.request_id(), error.api().unwrap().message.as_str()), (Some("r-2"), message));
    }
}

#[tokio::test]
async fn a_date_in_retry_after_counts_from_the_servers_own_date() {
    let until = |date: Option<&'static str>| async move {
        let (client, _) = stub::client(move |_| {
            let after = ("retry-after", "Tue, 02 Sep 2025 17:21:55 GMT");
            match date {
                Some(date) => answer(429, &[after, ("date", date)], "{}"),
                None => answer(429, &[after], "{}"),
            }
        });
        read(&client).await.api().unwrap().retry_after
    };
    assert_eq!(until(Some("Tue, 02 Sep 2025 17:21:00 GMT")).await, Some(Duration::from_secs(55)));
    assert_eq!(until(Some("Tue, 02 Sep 2025 17:23:00 GMT")).await, Some(Duration::ZERO));
    assert_eq!(until(None).await, None);
}

#[tokio::test]
async fn writes_are_ambiguous_after_some_statuses_and_reads_never() {
    for (status, is_ambiguous) in
        [(400, false), (401, false), (404, false), (409, false), (408, true), (429, true), (500, true), (503, true)]
    {
        let (client, _) = stub::client(move |_| answer(status, &[], "{}"));
        assert_eq!(create(&client).await.is_ambiguous(), is_ambiguous, "{status}");
        assert!(!read(&client).await.is_ambiguous(), "{status}");
        let deleted = client.workspace(WORKSPACE).items().delete(ITEM, Deletion::Soft).await;
        assert_eq!(deleted.unwrap_err().is_ambiguous(), is_ambiguous, "{status}");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the breaker is open")]
struct BreakerOpen;

#[tokio::test]
async fn a_layers_fault_is_ambiguous_unless_it_is_known_to_come_before_sending() {
    let broken = |_: &stub::Seen| Err(reqwest_middleware::Error::middleware(BreakerOpen));
    let (builder, _) = stub::slow(Duration::ZERO, broken);
    let error = create(&builder.build()).await;
    assert!(matches!(error, Error::Transport { .. }));
    assert!(error.is_ambiguous());
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "the breaker is open", "the source is kept");

    let (builder, _) = stub::slow(Duration::ZERO, broken);
    let client = builder.refused_before_sending(|error| error.to_string() == "the breaker is open").build();
    assert!(!create(&client).await.is_ambiguous());
    assert!(!read(&client).await.is_ambiguous());
}

#[tokio::test]
async fn a_good_status_with_a_body_that_is_none_may_have_taken_effect() {
    let (client, _) = stub::client(|_| answer(201, &[("requestid", "r-3")], "<html>"));
    let error = create(&client).await;
    assert!(matches!(error, Error::Decode(_)) && error.is_ambiguous());
    assert_eq!((error.status(), error.request_id()), (Some(201), Some("r-3")));
    assert!(!read(&client).await.is_ambiguous());
}

#[tokio::test]
async fn values_of_a_body_never_appear_in_an_error() {
    let (client, _) = stub::client(|_| stub::json(200, &json!({"id": "hunter2", "state": {"password": "hunter2"}})));
    for error in [read(&client).await, client.connections().get(ITEM).await.unwrap_err()] {
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn neither_token_nor_content_nor_credentials_appear_in_debug() {
    let (client, _) = stub::client(|_| answer(500, &[], ""));
    let new = NewItem { definition: Some(crate::exercise::definition()), ..NewItem::new("Notebook", "n") };
    let shown = format!("{client:?} {new:?} {:?} {:?}", create(&client).await, connection());
    assert!(!shown.contains(TOKEN) && !shown.contains("cells") && !shown.contains("a-secret-key"), "{shown}");
}
