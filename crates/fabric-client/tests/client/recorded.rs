//! Readers understand every answer that was recorded of a route they cover.

use fabric_client::{Error, Route};
use serde_json::Value;

use crate::conformance;
use crate::exercise::exercise;
use crate::stub::{self, Answer, answer};

fn route_of(exchange: &Value) -> Option<&'static Route> {
    let path = exchange["path"].as_str().unwrap();
    let segments: Vec<_> = path.split('/').collect();
    fabric_client::routes().find(|route| {
        let template: Vec<_> = route.metadata.url_template.split('/').collect();
        route.method.as_str() == exchange["method"].as_str().unwrap()
            && template.len() == segments.len()
            && template
                .iter()
                .zip(&segments)
                .all(|(expected, found)| expected.starts_with('{') || expected.eq_ignore_ascii_case(found))
    })
}

/// The recorded answer. Its body is re-serialised; an empty one was recorded as null.
fn replayed(exchange: &Value) -> Answer {
    let headers = exchange["headers"].as_object().unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let is_json = headers.iter().any(|(name, value)| *name == "content-type" && value.starts_with("application/json"));
    let body = match &exchange["body"] {
        Value::Null if !is_json => String::new(),
        body => body.to_string(),
    };
    let status = exchange["status"].as_u64().unwrap();
    answer(u16::try_from(status).unwrap(), &headers, body)
}

fn is_error(exchange: &Value) -> bool {
    exchange["status"].as_u64().unwrap() >= 400
}

#[tokio::test]
async fn every_recorded_answer_is_understood() {
    let Some(exchanges) = conformance::exchanges() else { return };
    let (mut good, mut bad) = (0, 0);
    for exchange in exchanges {
        let Some(route) = route_of(&exchange) else { continue };
        let told = format!("{} {} {}", exchange["method"], exchange["path"], exchange["status"]);
        let (operation, recorded) = (route.metadata.operation, exchange.clone());
        let (client, _) = stub::client(move |seen| match seen.metadata.operation {
            seen if seen == operation => replayed(&recorded),
            "LongRunningOperations_GetOperationState" => {
                answer(200, &[("location", "https://elsewhere.test/result")], r#"{"status":"Succeeded"}"#)
            }
            other => panic!("{other} was not asked for"),
        });
        match exercise(&client, operation).await {
            Ok(shown) => {
                assert!(!is_error(&exchange), "{told}: {shown}");
                if let Some(id) = exchange["body"]["id"].as_str() {
                    let ids_matter = !operation.starts_with("Items_Get") && operation != "Items_UpdateVariableLibrary";
                    assert!(!ids_matter || shown.contains(id), "{told}: {shown}");
                }
                good += 1;
            }
            Err(Error::Api(error)) => {
                assert!(is_error(&exchange), "{told}: {error}");
                assert_eq!(error.error_code.as_deref(), exchange["body"]["errorCode"].as_str(), "{told}");
                assert_eq!(error.request_id.as_deref(), exchange["body"]["requestId"].as_str(), "{told}");
                assert_eq!(error.is_retriable, exchange["body"]["isRetriable"].as_bool(), "{told}");
                bad += 1;
            }
            Err(error) => panic!("{told}: {error}"),
        }
    }
    assert!(good >= 55 && bad >= 5, "only {good} answers and {bad} errors were recorded of covered routes");
}
