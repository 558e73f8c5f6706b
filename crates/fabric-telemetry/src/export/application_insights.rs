//! Application Insights: newline-delimited JSON to `v2.1/track`.
//!
//! Written here because no exporter does the job: Microsoft has none for Rust, and the community's makes custom events
//! out of nothing but span events, waits half a minute at the end where the ingestion is down, and sends a batch that
//! was accepted in part not at all or twice.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::connection_string::ConnectionString;
use super::envelope::Envelopes;
use super::{Exporter, Outcome, gzip, is_retriable};
use crate::model::Record;
use crate::telemetry::Resource;
use crate::transport::{Answer, Post, Transport, TransportError};

pub(crate) struct ApplicationInsights {
    url: Url,
    key: Uuid,
    envelopes: Envelopes,
    transport: Arc<dyn Transport>,
}

/// What the ingestion says about a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    items_received: usize,
    items_accepted: usize,
    #[serde(default)]
    errors: Vec<ItemError>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemError {
    index: usize,
    status_code: u16,
    #[serde(default)]
    message: String,
}

impl ApplicationInsights {
    pub(crate) fn new(connection: &ConnectionString, resource: &Resource, transport: Arc<dyn Transport>) -> Self {
        let mut url = connection.ingestion.clone();
        url.set_path(&format!("{}v2.1/track", url.path()));
        let key = connection.instrumentation_key;
        Self { url, key, envelopes: Envelopes::new(key, resource), transport }
    }

    async fn send(&self, lines: &str) -> Result<Answer, TransportError> {
        let post = Post {
            url: self.url.clone(),
            content_type: "application/x-json-stream",
            headers: HeaderMap::new(),
            body: gzip(lines.as_bytes()),
        };
        self.transport.post(post).await
    }
}

#[async_trait]
impl Exporter for ApplicationInsights {
    fn name(&self) -> &'static str {
        "application_insights"
    }

    async fn export(&mut self, batch: &[Record]) -> Outcome {
        let lines = self.envelopes.lines(batch);
        match self.send(&lines).await {
            Ok(answer) => judge(batch, &answer),
            Err(error) => Outcome::again(batch, None, error.to_string()),
        }
    }

    async fn probe(&mut self) -> Result<(), String> {
        // An item without a name is received, judged and never kept: the ingestion has no request that is empty.
        let answer = self.send(&format!("{}\n", json!({ "iKey": self.key }))).await;
        refusal(&answer.map_err(|error| error.to_string())?).map_or(Ok(()), Err)
    }
}

/// Why the ingestion would not take items, by its answer to one that it can only refuse: refusing that one item with a
/// verdict is what it does where all is well.
fn refusal(answer: &Answer) -> Option<String> {
    let verdict = serde_json::from_slice::<Verdict>(&answer.body).ok();
    let judged = verdict.as_ref().filter(|verdict| verdict.items_received == 1).and_then(|found| found.errors.first());
    match (answer.status, judged) {
        (200, _) => None,
        (400 | 206, Some(item)) if item.status_code != 400 || item.message.contains("nstrumentation key") => {
            Some(format!("the ingestion would refuse an item with {}: {}", item.status_code, item.message))
        }
        (400 | 206, Some(_)) => None,
        (status, _) => Some(format!("the ingestion answered {status}")),
    }
}

/// What an answer means for each record of the batch.
fn judge(batch: &[Record], answer: &Answer) -> Outcome {
    let verdict = serde_json::from_slice::<Verdict>(&answer.body).ok();
    let status = answer.status;
    let error = || {
        let first = verdict.as_ref().and_then(|verdict| verdict.errors.first());
        let said = first.map(|error| format!(": {}", error.message)).unwrap_or_default();
        format!("the ingestion answered {status}{said}")
    };
    match status {
        200 => Outcome::delivered(batch.len()),
        206 => match &verdict {
            Some(verdict) => partly(batch, verdict, answer, error()),
            // Without a list nobody knows which ones: sending all again would count some twice.
            None => Outcome::rejected(batch.len(), error()),
        },
        _ if is_retriable(status) => Outcome::again(batch, answer.retry_after, error()),
        _ => Outcome::rejected(batch.len(), error()),
    }
}

fn partly(batch: &[Record], verdict: &Verdict, answer: &Answer, error: String) -> Outcome {
    let mut outcome = Outcome { wait: answer.retry_after, ..Outcome::default() };
    for refused in &verdict.errors {
        match batch.get(refused.index) {
            Some(record) if is_retriable(refused.status_code) => outcome.again.push(record.clone()),
            Some(_) => outcome.rejected += 1,
            None => {}
        }
    }
    let missing = verdict.items_received.saturating_sub(verdict.items_accepted);
    // What is neither accepted nor listed cannot be named, and so not be sent again.
    outcome.rejected = outcome.rejected.max(missing.saturating_sub(outcome.again.len())).min(batch.len());
    outcome.delivered = batch.len().saturating_sub(outcome.again.len() + outcome.rejected);
    outcome.error = (outcome.rejected + outcome.again.len() > 0).then_some(error);
    outcome
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Attributes, Event, Severity};

    fn batch(count: u64) -> Vec<Record> {
        let event = |time| Event {
            context: None,
            name: "e",
            time,
            severity: Severity::Information,
            attributes: Attributes::new(),
        };
        (0..count).map(|time| Record::Event(event(time).into())).collect()
    }

    fn outcome(status: u16, body: &serde_json::Value) -> (usize, usize, Vec<u64>) {
        let answer = Answer { status, retry_after: Some(Duration::from_secs(3)), body: body.to_string().into_bytes() };
        let outcome = judge(&batch(4), &answer);
        assert_eq!(outcome.error.is_some(), outcome.delivered < 4);
        let time = |record: &Record| match record {
            Record::Event(event) => event.time,
            _ => u64::MAX,
        };
        (outcome.delivered, outcome.rejected, outcome.again.iter().map(time).collect())
    }

    #[test]
    fn only_what_may_be_accepted_later_is_sent_again() {
        let errors = json!({ "itemsReceived": 4, "itemsAccepted": 1, "errors": [
            { "index": 1, "statusCode": 500, "message": "try later" },
            { "index": 2, "statusCode": 400, "message": "no name" },
            { "index": 3, "statusCode": 439, "message": "quota" },
        ]});
        assert_eq!(outcome(206, &errors), (1, 1, vec![1, 3]));
        assert_eq!(outcome(200, &json!({ "itemsReceived": 4, "itemsAccepted": 4, "errors": [] })), (4, 0, vec![]));
        assert_eq!(outcome(206, &json!({ "itemsReceived": 4, "itemsAccepted": 3 })), (3, 1, vec![]));
        assert_eq!(outcome(206, &json!("nonsense")), (0, 4, vec![]));
        assert_eq!(outcome(400, &json!({})), (0, 4, vec![]));
        for status in [408, 429, 439, 500, 502, 503, 504] {
            assert_eq!(outcome(status, &json!(null)), (0, 0, vec![0, 1, 2, 3]), "{status}");
        }
    }

    #[test]
    fn only_the_verdict_on_the_question_itself_says_that_items_are_taken() {
        let refusal = |status, body: &str| refusal(&Answer { status, retry_after: None, body: body.into() });
        let verdict = |code: u16, message: &str| {
            let errors = json!([{ "index": 0, "statusCode": code, "message": message }]);
            json!({ "itemsReceived": 1, "itemsAccepted": 0, "errors": errors }).to_string()
        };
        let nameless = verdict(400, "106: Field 'name' on type 'Envelope' is required but missing or empty");
        assert_eq!(refusal(400, &nameless), None);
        assert_eq!(refusal(206, &nameless), None);
        assert_eq!(refusal(200, ""), None);
        let key = refusal(400, &verdict(400, "Invalid instrumentation key")).unwrap();
        assert!(key.ends_with("with 400: Invalid instrumentation key"), "{key}");
        assert!(refusal(206, &verdict(439, "quota")).unwrap().contains("439: quota"));
        for status in [307, 400, 401, 403, 404, 429, 439, 500, 503] {
            assert_eq!(refusal(status, "").unwrap(), format!("the ingestion answered {status}"));
        }
        // A gateway in between that refuses the request without having looked at the item.
        assert!(refusal(400, r#"{ "itemsReceived": 0, "itemsAccepted": 0, "errors": [] }"#).is_some());
    }
}
